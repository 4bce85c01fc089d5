"""The old office container (compound file): names of its streams, and their bytes.

Only as much as is needed to see what a file is and to scan the workbook of an .xls for formulas. Every chain is
bounded by the number of sectors, so that a chain that runs in a circle ends in a refusal.
"""

import struct
from typing import Final

from service.exchange.refused import FileRefused

_END: Final = 0xFFFFFFFA  # from here on sector numbers are marks: end of chain, free, FAT
_HEADER = 512
_ENTRY = 128
_HEADER_FAT_SLOTS = 109
_STREAM, _STORAGE, _ROOT = 2, 1, 5


class CompoundFile:
    """A compound file, read from its bytes.

    Attributes:
        names: name of every storage and stream, to its first sector and size.
    """

    def __init__(self, content: bytes) -> None:
        """Read the directory.

        Raises:
            FileRefused: FILE_DAMAGED.
        """
        self._content = content
        try:
            (shift,) = struct.unpack_from("<H", content, 0x1E)
            (self._mini_below,) = struct.unpack_from("<I", content, 0x38)
            directory, mini_fat = struct.unpack_from("<I", content, 0x30)[0], struct.unpack_from("<I", content, 0x3C)[0]
            if shift not in (9, 12):
                raise FileRefused("FILE_DAMAGED")
            self._size = 1 << shift
            self._fat = self._read_fat()
            self.names, root = self._read_directory(directory)
            self._mini_fat = self._words(self._chain(mini_fat)) if mini_fat < _END else ()
            self._mini = self._chain(root[0])[: root[1]] if root[0] < _END else b""
        except struct.error:
            raise FileRefused("FILE_DAMAGED") from None

    def read(self, name: str) -> bytes:
        """Return the bytes of a stream.

        Raises:
            FileRefused: FILE_DAMAGED.
            KeyError: when there is no such stream.
        """
        first, size = self.names[name]
        if size >= self._mini_below:
            return self._chain(first)[:size]
        sectors, left = [], len(self._mini_fat)
        while first < _END:
            if left == 0 or first >= len(self._mini_fat):
                raise FileRefused("FILE_DAMAGED")
            sectors.append(self._mini[first * 64 : first * 64 + 64])
            first, left = self._mini_fat[first], left - 1
        return b"".join(sectors)[:size]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._content):
            raise FileRefused("FILE_DAMAGED")
        return self._content[start : start + self._size]

    def _words(self, block: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4])

    def _read_fat(self) -> tuple[int, ...]:
        slots = list(struct.unpack_from(f"<{_HEADER_FAT_SLOTS}I", self._content, 0x4C))
        further = struct.unpack_from("<I", self._content, 0x44)[0]
        left = len(self._content) // self._size
        while further < _END:
            if left == 0:
                raise FileRefused("FILE_DAMAGED")
            *more, further = self._words(self._sector(further))
            slots += more
            left -= 1
        return tuple(word for slot in slots if slot < _END for word in self._words(self._sector(slot)))

    def _chain(self, first: int) -> bytes:
        sectors, left = [], len(self._fat)
        while first < _END:
            if left == 0 or first >= len(self._fat):
                raise FileRefused("FILE_DAMAGED")
            sectors.append(self._sector(first))
            first, left = self._fat[first], left - 1
        return b"".join(sectors)

    def _read_directory(self, first: int) -> tuple[dict[str, tuple[int, int]], tuple[int, int]]:
        names: dict[str, tuple[int, int]] = {}
        root = (_END, 0)
        block = self._chain(first)
        for start in range(0, len(block) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", block, start + 64)
            sector, size = struct.unpack_from("<II", block, start + 116)
            if kind == _ROOT:
                root = (sector, size)
            elif kind in (_STREAM, _STORAGE) and 2 <= length <= 64:
                names[block[start : start + length - 2].decode("utf-16-le", "replace")] = (sector, size)
        return names, root
