"""What a file really is, judged by its content, and whether its container is harmless enough to open."""

import io
import re
import zipfile
import zlib
from enum import StrEnum
from typing import Final

from service.exchange.compound import CompoundFile
from service.exchange.refused import FileRefused

MOST_BYTES = 20 * 1024 * 1024
_MOST_INSIDE = 256 * 1024 * 1024
_MOST_PARTS = 2_000
_HIGHEST_RATIO = 250
_RATIO_FROM = 4 * 1024 * 1024

_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
_PROGRAMS: Final = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa")
_ARCHIVES: Final = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"PK\x05\x06")
_ZIP, _COMPOUND, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF"
_WEB_PAGE: Final = re.compile(rb"^\s*(?:<\?xml|<!doctype|<html|<table|<head|<meta|mime-version)", re.IGNORECASE)
_MACROS: Final = re.compile(r"vbaproject|vbadata|/macrosheets/|/dialogsheets/|\.bin$", re.IGNORECASE)
# Printer settings and thumbnails are binary, common and never opened.
_HARMLESS_BINARY: Final = re.compile(r"printersettings[0-9]*\.bin$|customproperty[0-9]*\.bin$", re.IGNORECASE)


class FileKind(StrEnum):
    """Kinds of file that can be read."""

    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"


def kind_of(content: bytes) -> FileKind:
    """Return what the file is by its content; its name plays no part.

    Raises:
        FileRefused: FILE_EMPTY, FILE_TOO_LARGE, FILE_IS_PDF, FILE_IS_PICTURE, FILE_IS_PROGRAM, FILE_IS_WEB_PAGE,
            FILE_IS_ARCHIVE, FILE_IS_DOCUMENT (word processor, presentation), FILE_TYPE_OTHER_TABLE (xlsb, ods),
            FILE_HAS_MACROS, FILE_ENCRYPTED, FILE_INFLATES, FILE_DAMAGED.
    """
    if not content.strip():
        raise FileRefused("FILE_EMPTY")
    if len(content) > MOST_BYTES:
        raise FileRefused("FILE_TOO_LARGE", megabytes=MOST_BYTES // 1024 // 1024)
    for starts, code in (
        (_PICTURES, "FILE_IS_PICTURE"),
        (_PROGRAMS, "FILE_IS_PROGRAM"),
        (_ARCHIVES, "FILE_IS_ARCHIVE"),
    ):
        if content.startswith(starts) and not _is_plain_text(content):
            raise FileRefused(code)
    if content.startswith(_PDF):
        raise FileRefused("FILE_IS_PDF")
    if content.startswith(_ZIP):
        _check_zip(content)
        return FileKind.XLSX
    if content.startswith(_COMPOUND):
        _check_compound(content)
        return FileKind.XLS
    if _WEB_PAGE.match(content[:512].removeprefix(b"\xef\xbb\xbf")):
        raise FileRefused("FILE_IS_WEB_PAGE")
    return FileKind.CSV


def open_zip(content: bytes) -> zipfile.ZipFile:
    """Return the opened container.

    Raises:
        FileRefused: FILE_DAMAGED.
    """
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise FileRefused("FILE_DAMAGED") from None


def check_sizes(container: zipfile.ZipFile, *, most: int) -> None:
    """Look at what a container says of its parts, before any of them is unpacked.

    What is unpacked later never grows beyond what is said here: the reader stops at the size that a part declares.

    Args:
        container: opened, nothing of it read.
        most: bytes of all parts together, unpacked.

    Raises:
        FileRefused: FILE_INFLATES (too many parts, too large together, or one that was packed too well),
            FILE_ENCRYPTED, FILE_DAMAGED (two parts of one name).
    """
    parts = container.infolist()
    if len(parts) > _MOST_PARTS:
        raise FileRefused("FILE_INFLATES", parts=len(parts))
    inside = sum(part.file_size for part in parts)
    if inside > most:
        raise FileRefused("FILE_INFLATES", megabytes=inside // 1024 // 1024)
    for part in parts:
        if part.file_size > _RATIO_FROM and part.file_size > _HIGHEST_RATIO * max(part.compress_size, 1):
            raise FileRefused("FILE_INFLATES", megabytes=part.file_size // 1024 // 1024)
        if part.flag_bits & 0x1:
            raise FileRefused("FILE_ENCRYPTED")
    if len({part.filename for part in parts}) != len(parts):
        raise FileRefused("FILE_DAMAGED")


def read_part(container: zipfile.ZipFile, name: str) -> bytes:
    """Return one part of a container that `kind_of` has passed.

    Raises:
        FileRefused: FILE_DAMAGED, FILE_HAS_ENTITIES (a document type or entity: no spreadsheet program writes one).
    """
    try:
        part = container.read(name)
    except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        raise FileRefused("FILE_DAMAGED") from None
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise FileRefused("FILE_HAS_ENTITIES")
    if part[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in part[:64]:
        # Spreadsheet programs write UTF-8; anything else could hide an entity from the line above.
        raise FileRefused("FILE_DAMAGED")
    return part


def _is_plain_text(content: bytes) -> bool:
    return b"\x00" not in content[:4096] and not any(byte < 9 for byte in content[:4096])


def _check_zip(content: bytes) -> None:
    with open_zip(content) as container:
        check_sizes(container, most=_MOST_INSIDE)
        _check_parts(container, set(container.namelist()))


def _check_parts(container: zipfile.ZipFile, names: set[str]) -> None:
    if "[Content_Types].xml" not in names:
        raise FileRefused("FILE_TYPE_OTHER_TABLE" if "content.xml" in names else "FILE_IS_ARCHIVE")
    types = read_part(container, "[Content_Types].xml").lower()
    if b"macroenabled" in types or any(_MACROS.search(name) and not _is_known_binary(name) for name in names):
        raise FileRefused("FILE_HAS_MACROS")
    if "xl/workbook.bin" in names:
        raise FileRefused("FILE_TYPE_OTHER_TABLE")
    if b"wordprocessingml" in types or b"presentationml" in types:
        raise FileRefused("FILE_IS_DOCUMENT")
    if b"spreadsheetml" not in types:
        raise FileRefused("FILE_IS_ARCHIVE")


def _is_known_binary(name: str) -> bool:
    # xlsb keeps its sheets in .bin files too; it is refused below under its own name.
    return bool(_HARMLESS_BINARY.search(name)) or name.startswith(("xl/workbook.bin", "xl/worksheets/", "xl/s"))


def _check_compound(content: bytes) -> None:
    names = CompoundFile(content).names
    if "EncryptedPackage" in names:
        raise FileRefused("FILE_ENCRYPTED")
    if "_VBA_PROJECT_CUR" in names or "VBA" in names or "Macros" in names:
        raise FileRefused("FILE_HAS_MACROS")
    if "WordDocument" in names or "PowerPoint Document" in names:
        raise FileRefused("FILE_IS_DOCUMENT")
    if not {"Workbook", "Book"} & names.keys():
        raise FileRefused("FILE_IS_ARCHIVE")
