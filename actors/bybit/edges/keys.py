"""API keys: read from a file that only its owner can read, or from systemd's credentials; shown nowhere.

A key file names the environment that its key belongs to, and `rest_url` gives the one host of that environment, so a
demo key never meets another host. Keys are never read from TOML settings or from environment variables, where other
programs and logs see them.

    environment = demo
    key = ...
    secret = ...
"""

import difflib
import ipaddress
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

import attrs

from actors.bybit.endpoints import HOSTS, Environment
from actors.model.errors import ConfigurationError

__all__ = ["ApiKeys", "Secret", "read_credential", "read_key_file", "rest_url"]

_HIDDEN = "***"
_FIELDS = ("environment", "key", "secret")
_VALUE = re.compile(r"[!-~]{1,512}")
_CREDENTIAL = re.compile(r"[A-Za-z0-9._-]{1,128}")
_DIRECTORY = "CREDENTIALS_DIRECTORY"
_MAX_BYTES = 4096
_OTHERS = 0o077


@attrs.frozen(repr=False)
class Secret:
    """Text that is shown as stars; `reveal` gives it to whoever signs with it."""

    _text: str

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return _HIDDEN


@attrs.frozen
class ApiKeys:
    """A key and its secret, and the environment in which they work."""

    environment: Environment
    key: str = attrs.field(repr=False)
    secret: Secret


def read_key_file(path: Path) -> ApiKeys:
    """The keys of a file that belongs to us and that nobody else can read. Raises ConfigurationError."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise ConfigurationError(
            f"key file {path}: there is none: write the three lines environment, key and secret into it, as "
            "`environment = demo`, and chmod 600 it; or name another with --keys"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"key file {path}: {error.strerror}") from None
    try:
        _check_owner(path, os.fstat(opened))
        return _parsed(f"key file {path}", os.read(opened, _MAX_BYTES + 1))
    finally:
        os.close(opened)


def read_credential(name: str, environ: Mapping[str, str]) -> ApiKeys:
    """The keys of a systemd credential (`LoadCredential=name:/path`). Raises ConfigurationError.

    systemd guards the folder: its files can be readable by a group through an access list, so modes are not judged.
    """
    where = f"credential {name!r}"
    folder = environ.get(_DIRECTORY, "")
    if not _CREDENTIAL.fullmatch(name) or name in (".", ".."):
        raise ConfigurationError(f"{where}: not a credential's name (letters, digits, dot, dash, underscore)")
    if not os.path.isabs(folder):
        raise ConfigurationError(f"{where}: {_DIRECTORY} is not set: add LoadCredential={name}:/path to the unit")
    try:
        with (Path(folder) / name).open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{where} in {folder}: {error.strerror}") from None
    return _parsed(where, data)


def rest_url(environment: Environment, address: str | None = None) -> str:
    """Where REST requests of an environment go; only `local` takes an address, `host:port` on loopback.

    Raises ConfigurationError for an address of another environment, and for one that is not on loopback.
    """
    if environment is not Environment.LOCAL:
        url = HOSTS[environment].rest
        if address is not None:
            raise ConfigurationError(
                f"keys of the environment {environment} are sent to {url} alone, not to {address}: "
                "use keys of the environment local there, or leave the address out"
            )
        return url
    host, _, port = (address or "").rpartition(":")
    try:
        is_loopback = ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not is_loopback or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigurationError(
            f"the environment local needs the address of an exchange on this machine, like 127.0.0.1:8899, "
            f"not {address!r}"
        )
    return f"http://{address}"


def _check_owner(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigurationError(f"key file {path}: not a regular file")
    if found.st_uid != os.geteuid():
        raise ConfigurationError(
            f"key file {path}: belongs to user {found.st_uid}, and we run as user {os.geteuid()}: chown it"
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & _OTHERS:
        raise ConfigurationError(f"key file {path}: others can read it (mode {mode:04o}): chmod 600 {path}")


def _parsed(where: str, data: bytes) -> ApiKeys:
    """`name = value` lines. No message quotes a value: it may be the secret."""
    if len(data) > _MAX_BYTES:
        raise ConfigurationError(f"{where}: longer than {_MAX_BYTES} bytes: not a key file")
    try:
        lines = data.decode("ascii").splitlines()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{where}: holds bytes that are not ASCII: not a key file") from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        place = f"{where}, line {number}"
        if not equals:
            raise ConfigurationError(f"{place}: expected name = value")
        if name not in _FIELDS:
            near = difflib.get_close_matches(name, _FIELDS, 1)
            hint = f": did you mean {near[0]}?" if near else f": a key file has {', '.join(_FIELDS)}"
            raise ConfigurationError(f"{place}: unknown name{hint}")
        if name in found:
            raise ConfigurationError(f"{place}: {name} stands there twice")
        if not _VALUE.fullmatch(value):
            raise ConfigurationError(f"{place}: {name} is empty, too long, or has blanks in it")
        found[name] = value
    missing = [name for name in _FIELDS if name not in found]
    problems = [f"{', '.join(missing)} missing"] if missing else []
    if found.get("environment", Environment.MAIN) not in tuple(Environment):
        problems.append(f"environment is none of {', '.join(Environment)}")
    if problems:
        raise ConfigurationError(f"{where}: {'; '.join(problems)}")
    return ApiKeys(Environment(found["environment"]), found["key"], Secret(found["secret"]))
