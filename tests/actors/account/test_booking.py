"""The account books each execution once, and believes the venue over itself."""

import msgspec

from actors.account.actor import Account
from actors.account.messages import AccountFacts, AccountSync, FactsQuery
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, Side
from actors.model.position import FLAT
from actors.orders.messages import FillBooked
from runtime.messages import Ref
from runtime.testing import ActorHarness
from runtime.testing.harness import Said
from tests.actors.builders import an_instrument

START = Money(1_000)
FILL = Fill("e1", 1, "o1", "one", "BTCUSDT", Side.BUY, Price(100), Qty(2), Money(3), is_maker=False, time_ms=0)


def an_account(*, is_synced: bool = True) -> ActorHarness:
    build = lambda: Account(an_instrument(), (Ref("card"),), (Ref("safety"),))  # noqa: E731
    harness = ActorHarness(build, others=("card", "safety"))
    if is_synced:
        harness.deliver(AccountSync(0, START, FLAT))
    return harness


def book(account: ActorHarness, seq: int, **changes: object) -> list[Said]:
    fill = msgspec.structs.replace(FILL, seq=seq, exec_id=f"e{seq}", **changes)
    return account.deliver(FillBooked(fill, "card", "block"))


def heard(said: list[Said]) -> list[str]:
    return [ref for ref, _, _ in said]


def facts(account: ActorHarness) -> AccountFacts:
    found = account.ask(FactsQuery())
    assert isinstance(found, AccountFacts)
    return found


def test_nobody_is_answered_and_nothing_booked_before_the_venue_has_spoken() -> None:
    account = an_account(is_synced=False)
    question = account.kernel.ask(None, account.ref, FactsQuery(), 1_000_000_000)
    assert book(account, 1) == []
    assert question not in account.kernel.outside_answers
    account.deliver(AccountSync(1, START, FLAT))
    assert account.kernel.outside_answers[question] == AccountFacts(1, START, FLAT)


def test_an_execution_is_booked_once_and_an_older_one_never() -> None:
    account = an_account()
    assert heard(book(account, 2)) == ["card"]
    first = facts(account)
    assert (first.version, first.wallet, first.position.qty) == (2, 997, 2)
    assert book(account, 2) == []
    assert book(account, 1) == []
    assert facts(account) == first
    assert heard(book(account, 3)) == ["card"]


def test_cards_hear_of_every_change_and_safety_of_closes_alone() -> None:
    account = an_account()
    assert heard(book(account, 1)) == ["card"]
    assert heard(book(account, 2, side=Side.SELL, qty=Qty(1))) == ["card", "safety"]
    assert heard(book(account, 3, side=Side.SELL, qty=Qty(1))) == ["card", "safety"]
    assert heard(book(account, 4, side=Side.SELL, qty=Qty(1))) == ["card"]


def test_a_payment_alone_changes_the_wallet_and_is_told_to_all() -> None:
    account = an_account()
    book(account, 1)
    before = facts(account)
    assert heard(book(account, 2, qty=Qty(0), fee=Money(-7))) == ["card", "safety"]
    after = facts(account)
    assert (after.wallet, after.position) == (before.wallet + 7, before.position)


def test_a_close_realises_what_the_price_has_moved_less_its_fee() -> None:
    account = an_account()
    book(account, 1)
    book(account, 2, side=Side.SELL, price=Price(110))
    value = an_instrument().value(10, 2)
    assert facts(account) == AccountFacts(2, Money(START - 3 - 3 + value), FLAT)


def test_the_venues_word_counts_unless_it_is_older_and_is_told_only_where_it_changes_something() -> None:
    account = an_account()
    book(account, 5)
    known = facts(account)
    assert account.deliver(AccountSync(4, START, FLAT)) == []
    assert facts(account) == known
    assert account.deliver(AccountSync(5, known.wallet, known.position)) == []
    assert heard(account.deliver(AccountSync(5, Money(50), known.position))) == ["card", "safety"]
    assert facts(account).wallet == 50
    assert heard(account.deliver(AccountSync(6, Money(50), FLAT))) == ["card", "safety"]
    assert book(account, 6) == [], "the sync has covered it"
