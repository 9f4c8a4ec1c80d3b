"""Names of account facts, in terms of the few that the account itself holds.

What can be worked out of the entry price, the side and the bars is written so: then a comparison with it reduces to a
price level or a bar count once the entry is known, and the bars at which it may hold are found ahead (see wakes).
"""

from decimal import Decimal

from ideacards.expressions.nodes import Arithmetic, ArithmeticOp, BarNumber, Constant, NumberExpr, NumberFact, Series
from ideacards.expressions.nodes import PositionNumber as Fact

__all__ = ["DERIVED", "OPEN_FACTS", "TRADE_FACTS"]

_HUNDRED = Constant(Decimal(100))


def _minus(left: NumberExpr, right: NumberExpr) -> NumberExpr:
    return Arithmetic(ArithmeticOp.SUBTRACT, left, right)


def _percent_of_entry(price: NumberExpr) -> NumberExpr:
    """By how many percent of the entry price the position gains at a price."""
    entry = Fact(NumberFact.ENTRY_PRICE)
    share = Arithmetic(ArithmeticOp.DIVIDE, _minus(price, entry), entry)
    percent = Arithmetic(ArithmeticOp.MULTIPLY, share, _HUNDRED)
    return Arithmetic(ArithmeticOp.MULTIPLY, percent, Fact(NumberFact.DIRECTION))


_UNREALISED = _percent_of_entry(Series("close"))
DERIVED: dict[str, NumberExpr] = {
    "position.unrealised_percent": _UNREALISED,
    "position.unrealised_r": Arithmetic(ArithmeticOp.DIVIDE, _UNREALISED, Fact(NumberFact.RISK_PERCENT)),
    "position.best_percent": _percent_of_entry(Fact(NumberFact.BEST_PRICE)),
    "position.worst_percent": _percent_of_entry(Fact(NumberFact.WORST_PRICE)),
    "position.bars_in_trade": _minus(BarNumber(), Fact(NumberFact.ENTRY_BAR)),
    "position.bars_since_exit": _minus(BarNumber(), Fact(NumberFact.EXIT_BAR)),
    "position.bars_since_loss": _minus(BarNumber(), Fact(NumberFact.LOSS_BAR)),
}
OPEN_FACTS = tuple(
    fact
    for fact in NumberFact
    if fact
    not in (NumberFact.DIRECTION, NumberFact.ENTRY_BAR, NumberFact.EXIT_BAR, NumberFact.LOSS_BAR, NumberFact.LAST_EXIT)
)
TRADE_FACTS = (
    NumberFact.ENTRY_BAR,
    NumberFact.RISK_PERCENT,
    NumberFact.BEST_PRICE,
    NumberFact.WORST_PRICE,
    NumberFact.ENTRIES_TODAY,
    NumberFact.EXIT_BAR,
    NumberFact.LOSS_BAR,
    NumberFact.LAST_EXIT,
    NumberFact.LAST_RESULT,
)
