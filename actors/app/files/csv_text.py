"""The bytes of a CSV file, plain or gzip, in blocks of whole lines."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from actors.app.files.findings import Findings
from ideacards.errors import nearest

__all__ = ["blocks_of", "check_utf8"]

_BLOCK_BYTES = 1 << 22
_GZIP_MAGIC = b"\x1f\x8b"


def blocks_of(path: Path, findings: Findings) -> Iterator[bytes]:
    """The file in blocks of whole lines, unpacked if it is gzip; InputError if it cannot be read or is empty."""
    try:
        with path.open("rb") as raw:
            magic = raw.read(2)
            raw.seek(0)
            if path.suffix == ".gz" and magic and magic != _GZIP_MAGIC:
                raise findings.fatal("is named .gz but holds no gzip data", "unpacked files end in .csv")
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if magic == _GZIP_MAGIC else raw
            while block := stream.read(_BLOCK_BYTES):
                yield block + stream.readline()
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise findings.fatal("no such file", f"there is no folder {path.parent}") from None
        siblings = sorted(entry.name for entry in path.parent.iterdir())
        raise findings.fatal("no such file", nearest(path.name, siblings)) from None
    except EOFError:
        raise findings.fatal("the gzip data ends too early", "the file was cut short: fetch it again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise findings.fatal(f"the gzip data is damaged ({error})", "fetch the file again") from None
    except OSError as error:
        raise findings.fatal(f"cannot be read ({error.strerror or error})", "give a readable file") from None


def check_utf8(text: bytes, first_line: int, findings: Findings) -> None:
    """InputError naming the first line that is not UTF-8."""
    if text.isascii():
        return
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = first_line + text.count(b"\n", 0, error.start)
        raise findings.fatal("is not UTF-8 text", "save the file as UTF-8", line=line) from None
