"""Files that strangers attach: what one really is, found by its content in a child process with bounds.

`python -m service.documents.attachment` is that child: it reads a file from standard input and writes
`{"kind": media type}` or `{"refused": code}`.
"""

import json
import sys
import warnings
from io import BytesIO
from typing import Final

from PIL import Image

from service.documents.material import MaterialUnfit, examine
from service.exchange.bounded import run_bounded, set_limits
from service.exchange.refused import FileRefused

MOST_BYTES: Final = 5 * 1024 * 1024
SECONDS: Final = 20
PDF: Final = "application/pdf"
# What begins so, and is read as that to its last byte.
_PICTURES: Final = {b"\xff\xd8\xff": ("image/jpeg", "JPEG"), b"\x89PNG\r\n\x1a\n": ("image/png", "PNG")}
_PIXELS_MOST: Final = 60_000_000
_OF_DOCUMENTS: Final = {
    "FILE_DAMAGED": "DOCUMENT_DAMAGED",
    "FILE_TOO_SLOW": "DOCUMENT_TOO_SLOW",
    "FILE_TOO_HEAVY": "DOCUMENT_TOO_SLOW",
}


def media_type_of(content: bytes, *, seconds: float = SECONDS) -> str:
    """Return `application/pdf`, `image/jpeg` or `image/png`, whatever the file is called.

    Blocks for as long as the child needs, so it belongs in a thread.

    Raises:
        FileRefused: FILE_EMPTY, DOCUMENT_TOO_LARGE, ATTACHMENT_OF_OTHER_KIND; what `examine` finds wrong with a PDF;
            PICTURE_TOO_LARGE, DOCUMENT_DAMAGED, DOCUMENT_TOO_SLOW.
    """
    if not content:
        raise FileRefused("FILE_EMPTY")
    if len(content) > MOST_BYTES:
        raise FileRefused("DOCUMENT_TOO_LARGE", megabytes=MOST_BYTES // 1024 // 1024)
    if not content.startswith((b"%PDF-", *_PICTURES)):
        raise FileRefused("ATTACHMENT_OF_OTHER_KIND")
    try:
        outcome = json.loads(run_bounded("service.documents.attachment", content, seconds=seconds))
    except FileRefused as refused:
        # The bounds are those of rosters, whose sentences speak of workbooks.
        raise FileRefused(_OF_DOCUMENTS.get(refused.code, refused.code), **refused.facts) from None
    if "refused" in outcome:
        raise FileRefused(str(outcome["refused"]))
    return str(outcome["kind"])


def main() -> int:
    """Read standard input, write what it is."""
    set_limits()
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        outcome = {"kind": _kind(content)}
    except MaterialUnfit as unfit:
        outcome = {"refused": unfit.code}
    except MemoryError:
        outcome = {"refused": "DOCUMENT_TOO_SLOW"}
    sys.stdout.write(json.dumps(outcome))
    return 0


def _kind(content: bytes) -> str:
    for start, (media_type, form) in _PICTURES.items():
        if content.startswith(start):
            _read_picture(content, form)
            return media_type
    examine(content)
    return PDF


def _read_picture(content: bytes, form: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the line below is stricter
            picture = Image.open(BytesIO(content), formats=(form,))
        large = picture.width * picture.height > _PIXELS_MOST
        if not large:
            picture.load()
    except Image.DecompressionBombError:
        large = True
    except (OSError, ValueError, SyntaxError):
        raise MaterialUnfit("DOCUMENT_DAMAGED") from None
    if large:
        raise MaterialUnfit("PICTURE_TOO_LARGE")


if __name__ == "__main__":
    sys.exit(main())
