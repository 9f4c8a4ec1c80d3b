"""Why a run does not start, as one line: what was asked where, what came back, and what to do about it."""

import re

from actors.app.live.venues import LiveVenue
from actors.bybit.codes import CODES
from actors.bybit.wire.base import WireError
from actors.model.errors import (
    AuthenticationError,
    ColdframeError,
    ConfigurationError,
    NetworkError,
    RateLimitError,
    VenueError,
)

__all__ = ["explained"]

_SHOWN = 160
_TITLE = re.compile(r"<title>\s*(.*?)\s*</title>", re.IGNORECASE | re.DOTALL)
_HTML = re.compile(r"<\s*(!doctype|html|head|body)\b", re.IGNORECASE)
_CODE = re.compile(r"-?\d+")
_TO_DO = {
    10003: "the key is not one of {environment}: a key works in the environment that it was made in alone; or it was "
    "deleted",
    10004: "the secret does not belong to the key: copy both again into the key file",
    10005: "the key may not do this: give it the permissions Order and Position of contract trading",
    10007: "the key was not understood: copy it again into the key file",
    10010: "the key is bound to other addresses: add this machine's to it at Bybit",
    10024: "Bybit does not serve this account from here: its compliance rules say so",
    10032: "this is the demo host, which does not have it: use the profile demo with a key of demo trading",
    33004: "the key has expired: make a new one at Bybit",
    -2015: "the key has expired: make a new one at Bybit",
    403: "Bybit blocks this address: a ban for too many requests ends in ten minutes, a blocked country does not",
    401: "the key is wrong or missing",
}


def explained(error: ColdframeError, venue: LiveVenue, url: str) -> ConfigurationError:
    """The error for the operator; one that is for the operator already stays as it is."""
    text = " ".join(str(error).split()).removeprefix("0 ").rstrip(".")  # no code, where nothing came back
    if _HTML.search(text):
        return ConfigurationError(
            f"{url} answers with a web page{_titled(str(error))}, not as Bybit does: a proxy or a login page stands "
            "between; let this machine reach Bybit directly, or set the proxy that does"
        )
    if isinstance(error, AuthenticationError):
        return AuthenticationError(f"{url} refused the request: {_short(text)}: {_to_do(text, venue)}")
    if isinstance(error, ConfigurationError):
        return error
    if isinstance(error, NetworkError):
        said = "answers" if text[:1].isdigit() else "does not answer:"
        return ConfigurationError(
            f"{url} {said} {_short(text)}: check the network, a proxy between, and that the exchange is up"
        )
    if isinstance(error, RateLimitError):
        return ConfigurationError(f"{url} limits this address: {_short(text)}: wait ten minutes, and start again")
    if isinstance(error, WireError):
        return ConfigurationError(
            f"{url} gives an answer that cannot be read: {_short(text)}: nothing trades on a guess; try again, and "
            "report it if it stays"
        )
    if isinstance(error, VenueError):
        return ConfigurationError(f"{url} refused the request: {_short(text)}")
    return ConfigurationError(f"{url}: {_short(text)}")


def _to_do(text: str, venue: LiveVenue) -> str:
    found = _CODE.match(text)
    code = int(found[0]) if found else 0
    if code in _TO_DO:
        return _TO_DO[code].format(environment=venue.environment)
    meaning = CODES[code].meaning if code in CODES else "the key or the account is not accepted"
    return f"{meaning}: check the key of {venue.environment}"


def _titled(text: str) -> str:
    found = _TITLE.search(text)
    return f" ({' '.join(found[1].split())[:60]})" if found else ""


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
