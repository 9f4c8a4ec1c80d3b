"""Random streams as inputs: counter-based, named by site, identical on every Python and platform."""

import hashlib

__all__ = ["RandomStream"]


class RandomStream:
    """A stream of floats in [0, 1) from (seed, site, counter) by blake2b; its only state is the counter."""

    def __init__(self, seed: int, site: str) -> None:
        key = f"{seed}/{site}".encode()
        self._key = key if len(key) <= 64 else hashlib.blake2b(key).digest()  # the longest key that blake2b takes
        self._count = 0

    def random(self) -> float:
        """The next float, 53 bits."""
        self._count += 1
        return self.at(self._count)

    def at(self, number: int) -> float:
        """The float of that number (0 and up), independent of earlier draws."""
        block = hashlib.blake2b(number.to_bytes(8, "little"), key=self._key, digest_size=8).digest()
        return float(int.from_bytes(block, "little") >> 11) * 2.0**-53
