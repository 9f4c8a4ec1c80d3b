"""Where a profile's exchange is and with which keys: a profile names an environment, and its keys belong to it."""

import os
from pathlib import Path

import attrs

from actors.app.settings import ProfileName, Settings
from actors.bybit.capabilities import CAPABILITIES, Capability
from actors.bybit.control import auth_request
from actors.bybit.edges.keys import ApiKeys, Secret, read_credential, read_key_file, rest_url
from actors.bybit.edges.rest import RestEdge
from actors.bybit.edges.socket import SocketEdge
from actors.bybit.edges.traffic import WireTraffic
from actors.bybit.endpoints import HOSTS, Environment
from actors.bybit.topics import SOCKET_PATHS, Socket
from actors.bybit.wire.base import encode
from actors.model.errors import ConfigurationError, InputError
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
    """One exchange and the keys for it; `address` is HOST:PORT of a local one.

    A local exchange can be told to behave as the demo host (`coldframe exchange --bybit-demo`): `acts_as` says so, and
    `public_address` is where its public streams are then. Both are for the environment local alone, whose keys are
    worth nothing elsewhere: ConfigurationError for any other, and for keys of another environment.
    """

    environment: Environment
    keys: ApiKeys | None
    address: str | None = None
    acts_as: Environment | None = None
    public_address: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.environment is not Environment.LOCAL and (self.acts_as or self.public_address):
            raise ConfigurationError(f"only a local exchange can act as another, not {self.environment}")
        if self.keys is not None and self.keys.environment is not self.environment:
            other = self.keys.environment
            raise ConfigurationError(f"the keys are those of the environment {other}, and this is {self.environment}")

    @property
    def behaves_as(self) -> Environment:
        """The environment whose capabilities count."""
        return self.acts_as or self.environment

    def has(self, capability: Capability) -> bool:
        """Whether the exchange has it."""
        return capability in CAPABILITIES[self.behaves_as]

    def rest(self, traffic: WireTraffic | None = None) -> RestEdge:
        """A new edge for requests."""
        return RestEdge(self.environment, self.keys, self.address, traffic=traffic)

    def socket(self, socket: Socket, traffic: WireTraffic | None = None) -> SocketEdge:
        """A new edge for one of the sockets; it signs in where the socket is the account's own."""
        is_own = socket in (Socket.PRIVATE, Socket.TRADE)
        sign = self._sign if is_own else None
        return SocketEdge(
            self.socket_url(socket), sign=sign, hidden=self.keys.key if self.keys else "", traffic=traffic
        )

    @property
    def has_trade_socket(self) -> bool:
        """Whether orders can go over a socket; the demo host has none."""
        return self.has(Capability.TRADE_SOCKET)

    def socket_url(self, socket: Socket) -> str:
        """The address of a socket."""
        if self.environment is Environment.LOCAL:
            is_public = socket in (Socket.PUBLIC_LINEAR, Socket.PUBLIC_SPOT, Socket.STATUS)
            address = self.public_address if is_public and self.public_address else self.address
            host = rest_url(self.environment, address).replace("http", "ws", 1)
        else:
            hosts = HOSTS[self.environment]
            if socket is Socket.TRADE and hosts.trade is None:
                raise ConfigurationError(f"{self.environment} has no trade socket: send orders by REST")
            host = {Socket.PRIVATE: hosts.private, Socket.TRADE: hosts.trade or ""}.get(socket, hosts.public)
        return f"{host}{SOCKET_PATHS[socket]}"

    def _sign(self, expires_ms: int) -> str:
        if self.keys is None:
            raise ConfigurationError("this stream needs a key, and this run has none")
        return encode(auth_request(self.keys.key, self.keys.secret.reveal(), expires_ms)).decode()


def venue_of(
    settings: Settings, *, keys: Path | None = None, credential: str | None = None, address: str | None = None
) -> LiveVenue:
    """The exchange of a profile. `keys` and `credential` take the place of what the profile names.

    Raises InputError for a profile without a real exchange or without keys, ConfigurationError for keys that cannot be
    read or belong to another environment.
    """
    profile = settings.profile
    if profile is ProfileName.PAPER:
        return _public_venue(keys, credential, address)
    if profile not in ENVIRONMENTS:
        known = ", ".join((*ENVIRONMENTS, ProfileName.PAPER))
        what = "has no real exchange to run on"
        raise InputError([Problem("--profile", None, None, profile, what, f"it is one of {known}")])
    environment = ENVIRONMENTS[profile]
    if environment is Environment.LOCAL:
        address = address or _LOCAL_ADDRESS
    found, where = _keys_of(settings, keys, credential)
    if found.environment is not environment:
        fitting = next((name for name, each in ENVIRONMENTS.items() if each is found.environment), None)
        other = f", or run with --profile {fitting}" if fitting else ""
        raise ConfigurationError(
            f"{where}: the keys are those of the environment {found.environment}, and this run is one of "
            f"{environment}: give keys that were made in {environment}{other}"
        )
    venue = LiveVenue(environment, found, address)
    venue.rest()  # keys of another environment, and an address that they must not meet, are refused here
    return venue


def _public_venue(keys: Path | None, credential: str | None, address: str | None) -> LiveVenue:
    """The public side of Bybit, or of a local exchange."""
    if keys is not None or credential is not None:
        what = "the profile paper takes no keys: its account is simulated"
        raise InputError([Problem("--keys", None, None, "", what, "leave them out, or trade with --profile demo")])
    venue = LiveVenue(Environment.MAIN if address is None else Environment.LOCAL, None, address)
    venue.rest()
    return venue


def _keys_of(settings: Settings, keys: Path | None, credential: str | None) -> tuple[ApiKeys, str]:
    """The keys, and where they stand."""
    named = settings.connection
    if keys is not None:
        return read_key_file(keys), f"key file {keys}"
    if credential is not None:
        return read_credential(credential, os.environ), f"credential {credential}"
    if settings.profile is ProfileName.LOCAL:
        return LOCAL_KEYS, "the local exchange's own keys"
    if named is not None and named.credential is not None:
        return read_credential(named.credential, os.environ), f"credential {named.credential}"
    if named is not None and named.keys is not None:
        return read_key_file(Path(named.keys).expanduser()), f"key file {named.keys}"
    hint = "give --keys FILE or --credential NAME, or name one under [connection] of the profile"
    raise InputError([Problem("--keys", None, None, "", "this profile needs an API key", hint)])
