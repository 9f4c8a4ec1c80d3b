"""What must hold when the exchange misbehaves, scene by scene, over the whole live stack."""

import pytest

from tests.faults.scenes import SCENES, STALE_READS, Scene


@pytest.mark.parametrize("scene", [*SCENES, STALE_READS], ids=lambda scene: scene.name)
def test_the_scene_ends_well(scene: Scene) -> None:
    scene.play()
