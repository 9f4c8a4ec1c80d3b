"""Numbers of the exchange as the wire writes them."""

from decimal import Decimal

from actors.bybit.numbers import write_number
from actors.bybit.server.market.listing import Listing
from actors.model.fixed import plain_text, scaled_text

__all__ = ["amount_text", "average_text", "coin_text", "money_text", "price_text", "qty_text", "ratio_text"]

_SHOWN_DIGITS = 8  # of money and coins, as the venue shows them


def price_text(listing: Listing, price: int | None, none: str = "") -> str:
    """A price; `none` where there is none."""
    return none if price is None else write_number(price, listing.instrument.price_digits)


def qty_text(listing: Listing, qty: int) -> str:
    """A quantity in base coin."""
    return write_number(qty, listing.instrument.qty_digits)


def money_text(listing: Listing, money: int) -> str:
    """Money, exactly."""
    return write_number(money, listing.instrument.money_digits)


def amount_text(value: int, digits: int) -> str:
    """An amount of 10^-digits, rounded down to what the venue shows of a balance."""
    if digits <= _SHOWN_DIGITS:
        return scaled_text(value, digits)
    factor = 10 ** (digits - _SHOWN_DIGITS)
    return write_number(value // factor if value >= 0 else -(-value // factor), _SHOWN_DIGITS)


def coin_text(listing: Listing, amount: int, coin: str) -> str:
    """An amount of one of the symbol's coins: a fee or a balance. The base coin is counted in refined units."""
    instrument = listing.instrument
    digits = instrument.money_digits if coin == listing.quote_coin else instrument.qty_digits + instrument.rate_digits
    return write_number(amount, digits)


def average_text(listing: Listing, value: int, qty: int, none: str = "") -> str:
    """Money `value` by quantity, to eight decimals; `none` for no quantity."""
    if not qty:
        return none
    instrument = listing.instrument
    digits = instrument.price_digits + instrument.rate_digits
    return write_number(abs(value) * 10**_SHOWN_DIGITS // (abs(qty) * 10**digits), _SHOWN_DIGITS)


def ratio_text(top: int, bottom: int, digits: int = 4) -> str:
    """A ratio, rounded to the nearest; 0 for no bottom."""
    if not bottom:
        return "0"
    return plain_text(Decimal(round(top * 10**digits / bottom)).scaleb(-digits))
