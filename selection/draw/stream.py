"""The stream of chance: SHA-256 in counter mode, whole numbers by rejection. Same seed, same numbers, everywhere."""

import hashlib
from typing import Final

ALGORITHM: Final = "panel-draw/1"


class Stream:
    """Whole numbers that follow from a seed, a commitment and a domain, and from nothing else.

    Each act of a draw has a domain of its own, so that what one act consumes never shifts another.
    """

    def __init__(self, seed: str, commitment_sha256: str, domain: str) -> None:
        """Begin a stream.

        Args:
            seed: the seed, in Unicode.
            commitment_sha256: hash of the commitment, 64 hexadecimal digits.
            domain: name of the act, such as `composition`.
        """
        self._key = hashlib.sha256(f"{ALGORITHM}\0{domain}\0{commitment_sha256}\0{seed}".encode()).digest()
        self._counter = 0

    def below(self, bound: int) -> int:
        """Return a whole number from 0 to `bound - 1`, each exactly as likely; `bound` 1 takes nothing.

        Blocks of 256 bits are taken until there are as many bits as `bound - 1` has, and of these the last ones kept;
        a number that is not below the bound is drawn again: no remainder, so no bias.
        """
        bits = (bound - 1).bit_length()
        while True:
            number = 0
            for _ in range(-(-bits // 256)):
                number = number << 256 | int.from_bytes(self._block())
            number &= (1 << bits) - 1
            if number < bound:
                return number

    def falls(self, share: int, whole: int) -> bool:
        """Return True with a chance of exactly `share / whole`."""
        return self.below(whole) < share

    def _block(self) -> bytes:
        self._counter += 1
        return hashlib.sha256(self._key + self._counter.to_bytes(8)).digest()
