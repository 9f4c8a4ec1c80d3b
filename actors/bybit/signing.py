"""Signatures of REST requests and sockets: HMAC-SHA256 with the secret, in lower-case hex.

What is signed must be what is sent, byte for byte: the query as it stands after `?`, or the JSON body.
"""

import hashlib
import hmac

__all__ = ["DEFAULT_WINDOW_MS", "SOCKET_CHALLENGE", "rest_headers", "sign_rest", "sign_socket"]

DEFAULT_WINDOW_MS = 5000
SOCKET_CHALLENGE = "GET/realtime"


def sign_rest(secret: str, key: str, timestamp_ms: int | str, window_ms: int | str, payload: str) -> str:
    """Signature of a request; `payload` is the query of a GET or the body of a POST, empty where there is none."""
    return _hex(secret, f"{timestamp_ms}{key}{window_ms}{payload}")


def sign_socket(secret: str, expires_ms: int | str) -> str:
    """Signature of an auth frame that is valid until `expires_ms`, UTC ms of the venue."""
    return _hex(secret, f"{SOCKET_CHALLENGE}{expires_ms}")


def rest_headers(
    secret: str, key: str, timestamp_ms: int, payload: str, window_ms: int = DEFAULT_WINDOW_MS
) -> dict[str, str]:
    """The headers of a signed request. `timestamp_ms` must not lie 1 s ahead of the venue, nor `window_ms` behind."""
    return {
        "X-BAPI-API-KEY": key,
        "X-BAPI-TIMESTAMP": str(timestamp_ms),
        "X-BAPI-RECV-WINDOW": str(window_ms),
        "X-BAPI-SIGN": sign_rest(secret, key, timestamp_ms, window_ms, payload),
        "X-BAPI-SIGN-TYPE": "2",
    }


def _hex(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
