"""Where a profile's exchange is and with which keys: a profile names an environment, and its keys belong to it."""

import os
from pathlib import Path

import attrs

from actors.app.settings import ProfileName, Settings
from actors.bybit.control import auth_request
from actors.bybit.edges.keys import ApiKeys, Secret, read_credential, read_key_file, rest_url
from actors.bybit.edges.rest import RestEdge
from actors.bybit.edges.socket import SocketEdge
from actors.bybit.edges.traffic import WireTraffic
from actors.bybit.endpoints import HOSTS, Environment
from actors.bybit.topics import SOCKET_PATHS, Socket
from actors.bybit.wire.base import encode
from actors.model.errors import InputError
from ideacards.errors import Problem

__all__ = ["ENVIRONMENTS", "LOCAL_KEYS", "LiveVenue", "venue_of"]

ENVIRONMENTS = {
    ProfileName.LOCAL: Environment.LOCAL,
    ProfileName.DEMO: Environment.DEMO,
    ProfileName.LIVE: Environment.MAIN,
}
LOCAL_KEYS = ApiKeys(Environment.LOCAL, "local-key-1", Secret("local-secret-1"))
"""The keys that the local exchange states."""
_LOCAL_ADDRESS = "127.0.0.1:8899"


@attrs.frozen
class LiveVenue:
    """One exchange and the keys for it; `address` is HOST:PORT of a local one."""

    environment: Environment
    keys: ApiKeys
    address: str | None = None

    def rest(self, traffic: WireTraffic | None = None) -> RestEdge:
        """A new edge for requests."""
        return RestEdge(self.environment, self.keys, self.address, traffic=traffic)

    def socket(self, socket: Socket, traffic: WireTraffic | None = None) -> SocketEdge:
        """A new edge for one of the sockets; it signs in where the socket is the account's own."""
        is_own = socket in (Socket.PRIVATE, Socket.TRADE)
        sign = self._sign if is_own else None
        return SocketEdge(self.socket_url(socket), sign=sign, hidden=self.keys.key, traffic=traffic)

    @property
    def has_trade_socket(self) -> bool:
        """Whether orders can go over a socket; the demo host has none."""
        return self.environment is Environment.LOCAL or HOSTS[self.environment].trade is not None

    def socket_url(self, socket: Socket) -> str:
        """The address of a socket."""
        if self.environment is Environment.LOCAL:
            host = rest_url(self.environment, self.address).replace("http", "ws", 1)
        else:
            hosts = HOSTS[self.environment]
            host = {Socket.PRIVATE: hosts.private, Socket.TRADE: hosts.trade or ""}.get(socket, hosts.public)
        return f"{host}{SOCKET_PATHS[socket]}"

    def _sign(self, expires_ms: int) -> str:
        return encode(auth_request(self.keys.key, self.keys.secret.reveal(), expires_ms)).decode()


def venue_of(
    settings: Settings, *, keys: Path | None = None, credential: str | None = None, address: str | None = None
) -> LiveVenue:
    """The exchange of a profile. `keys` and `credential` take the place of what the profile names.

    Raises InputError for a profile without a real exchange or without keys, ConfigurationError for keys that cannot be
    read or belong to another environment.
    """
    profile = settings.profile
    if profile not in ENVIRONMENTS:
        known = ", ".join(ENVIRONMENTS)
        what = "has no real exchange to run on"
        raise InputError([Problem("--profile", None, None, profile, what, f"it is one of {known}")])
    environment = ENVIRONMENTS[profile]
    if environment is Environment.LOCAL:
        address = address or _LOCAL_ADDRESS
    found = _keys_of(settings, keys, credential)
    venue = LiveVenue(environment, found, address)
    venue.rest()  # keys of another environment, and an address that they must not meet, are refused here
    return venue


def _keys_of(settings: Settings, keys: Path | None, credential: str | None) -> ApiKeys:
    named = settings.connection
    if keys is not None:
        return read_key_file(keys)
    if credential is not None:
        return read_credential(credential, os.environ)
    if settings.profile is ProfileName.LOCAL:
        return LOCAL_KEYS
    if named is not None and named.credential is not None:
        return read_credential(named.credential, os.environ)
    if named is not None and named.keys is not None:
        return read_key_file(Path(named.keys).expanduser())
    hint = "give --keys FILE or --credential NAME, or name one under [connection] of the profile"
    raise InputError([Problem("--keys", None, None, "", "this profile needs an API key", hint)])
