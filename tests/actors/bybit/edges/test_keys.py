"""Keys: whose file is read, what is refused and how to mend it, and that nothing ever shows a secret."""

import os
import traceback
from pathlib import Path

import attrs
import pytest

from actors.bybit.edges.keys import ApiKeys, Secret, read_credential, read_key_file, rest_url
from actors.bybit.endpoints import HOSTS, Environment
from actors.model.errors import ConfigurationError

KEY, SECRET = "AbCdEfGhIjKl", "s3cr3t-s3cr3t-s3cr3t"
TEXT = f"# the demo account\nenvironment = demo\n\nkey = {KEY}\n  secret={SECRET}\n"


def a_file(folder: Path, text: str = TEXT, mode: int = 0o600) -> Path:
    path = folder / "demo.keys"
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path


def test_a_key_file_of_its_owner_alone_is_read(tmp_path: Path) -> None:
    keys = read_key_file(a_file(tmp_path))
    assert (keys.environment, keys.key, keys.secret.reveal()) == (Environment.DEMO, KEY, SECRET)
    assert read_key_file(a_file(tmp_path, mode=0o400)) == keys


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601, 0o620])
def test_a_file_that_others_can_touch_is_refused_and_the_message_says_how_to_mend_it(tmp_path: Path, mode: int) -> None:
    path = a_file(tmp_path, mode=mode)
    with pytest.raises(ConfigurationError, match=f"mode {mode:04o}.*chmod 600 {path}"):
        read_key_file(path)


def test_another_users_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_file(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(ConfigurationError, match=r"belongs to user \d+, and we run as user \d+: chown it"):
        read_key_file(path)


@pytest.mark.parametrize("kind", ["folder", "fifo", "nothing"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir(mode=0o700)
    elif kind == "fifo":
        os.mkfifo(path, 0o600)
    with pytest.raises(ConfigurationError, match=f"key file {path}: "):
        read_key_file(path)


BAD = {
    "no equals sign": ("environment = demo\nkey\n", "line 2: expected name = value"),
    "a misspelt name": (TEXT.replace("secret=", "secrte="), "line 5: unknown name: did you mean secret?"),
    "another name": (TEXT + f"token = {SECRET}\n", "line 6: unknown name: a key file has environment, key, secret"),
    "a name twice": (TEXT + f"secret = {SECRET}\n", "line 6: secret stands there twice"),
    "no value": (TEXT.replace(KEY, ""), "line 4: key is empty, too long, or has blanks in it"),
    "blanks in a value": (TEXT.replace(SECRET, f"{SECRET} {SECRET}"), "line 5: secret is empty, too long, or has"),
    "a field missing": (f"key = {KEY}\nsecret = {SECRET}\n", "environment missing"),
    "two things": (f"environment = live\nkey = {KEY}\n", "secret missing; environment is none of main, testnet, demo"),
    "an unknown environment": (TEXT.replace("= demo", "= live"), "environment is none of main, testnet, demo, local"),
    "not ASCII": (TEXT + "ключ = 1\n", "holds bytes that are not ASCII"),
    "much too long": (TEXT + "#" * 5000, "longer than 4096 bytes"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_its_place_and_without_its_values(tmp_path: Path, case: str) -> None:
    text, message = BAD[case]
    with pytest.raises(ConfigurationError) as caught:
        read_key_file(a_file(tmp_path, text))
    assert message in str(caught.value)
    told = "".join(traceback.format_exception(caught.value))
    assert SECRET not in told
    assert KEY not in told


def test_a_credential_of_systemd_is_read_whatever_its_mode(tmp_path: Path) -> None:
    a_file(tmp_path, mode=0o440)
    keys = read_credential("demo.keys", {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert keys == read_key_file(a_file(tmp_path, mode=0o400))


@pytest.mark.parametrize(
    ("name", "environ", "message"),
    [
        ("demo.keys", {}, "CREDENTIALS_DIRECTORY is not set: add LoadCredential=demo.keys:/path to the unit"),
        ("demo.keys", {"CREDENTIALS_DIRECTORY": "here"}, "CREDENTIALS_DIRECTORY is not set"),
        ("../demo.keys", {"CREDENTIALS_DIRECTORY": "/run"}, "not a credential's name"),
        ("..", {"CREDENTIALS_DIRECTORY": "/run"}, "not a credential's name"),
        ("demo.keys", {"CREDENTIALS_DIRECTORY": "/nowhere"}, "credential 'demo.keys' in /nowhere: No such file"),
    ],
)
def test_a_credential_that_is_not_there_is_refused(name: str, environ: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match="credential") as caught:
        read_credential(name, environ)
    assert message in str(caught.value)


def test_nothing_shows_a_secret() -> None:
    keys = ApiKeys(Environment.DEMO, KEY, Secret(SECRET))
    shown = [repr(keys), str(keys), f"{keys}", repr(attrs.asdict(keys, recurse=False))]
    shown += [repr(keys.secret), str(keys.secret), f"{keys.secret} {keys.secret!r}"]
    assert not [text for text in shown if SECRET in text]
    assert KEY not in repr(keys) + str(keys)
    assert keys.secret.reveal() == SECRET


@pytest.mark.parametrize("environment", [each for each in Environment if each is not Environment.LOCAL])
def test_keys_of_an_environment_meet_its_host_alone(environment: Environment) -> None:
    assert rest_url(environment) == HOSTS[environment].rest
    with pytest.raises(
        ConfigurationError, match=f"keys of the environment {environment} are sent to {rest_url(environment)} alone"
    ):
        rest_url(environment, "127.0.0.1:8899")


@pytest.mark.parametrize("address", ["127.0.0.1:8899", "localhost:1", "[::1]:65535", "127.9.9.9:80"])
def test_local_keys_meet_an_exchange_on_this_machine(address: str) -> None:
    assert rest_url(Environment.LOCAL, address) == f"http://{address}"


@pytest.mark.parametrize(
    "address",
    [None, "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "api.bybit.com:443", "10.0.0.1:80",
     "127.0.0.1.example.com:80", "127.0.0.1:80/x"],
)  # fmt: skip
def test_local_keys_meet_no_other_machine(address: str | None) -> None:
    with pytest.raises(ConfigurationError, match="needs the address of an exchange on this machine"):
        rest_url(Environment.LOCAL, address)
