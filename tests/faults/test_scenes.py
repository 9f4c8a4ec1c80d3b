"""What must hold when the exchange misbehaves, scene by scene, over the whole live stack."""

import pytest

from tests.faults.scenes import SCENES, STALE_READS, Scene


@pytest.mark.parametrize("has_trade_socket", [False, True], ids=["REST", "trade socket"])
@pytest.mark.parametrize("scene", [*SCENES, STALE_READS], ids=lambda scene: scene.name)
def test_the_scene_ends_well(scene: Scene, has_trade_socket: bool) -> None:
    scene.play(has_trade_socket=has_trade_socket)
