"""`tree --profile P`: the supervision tree, drawn from the specs that are run."""

from actors.app.cli.consoles import screen
from actors.app.profiles import describe
from actors.app.settings import load_settings
from actors.app.tree_view import draw_tree

__all__ = ["run"]


def run(*, profile: str = "simulator") -> int:
    """Print the supervision tree of a profile.

    :param profile: A profile's name or file.
    """
    screen().print(draw_tree(describe(load_settings(profile), ("a_card",))))
    return 0
