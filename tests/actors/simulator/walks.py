"""Random bars and changes for the slow venues: whole prices, few of them, so that levels meet."""

from hypothesis import strategies as st

from tests.actors.simulator.straight_walk import Act, Bar

__all__ = ["a_bar", "changes", "prices"]

prices = st.integers(30, 50)


@st.composite
def a_bar(draw: st.DrawFn) -> Bar:
    """High and low are the extremes of four prices."""
    open_, close, one, other = (draw(prices) for _ in range(4))
    return open_, max(open_, close, one, other), min(open_, close, one, other), close


changes = st.builds(Act, verb=st.sampled_from(["change", "cancel"]), price=prices, target=st.integers(1, 6))
