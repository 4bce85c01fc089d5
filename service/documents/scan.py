"""Scans of paper: a PDF as it is, or a photograph made into one; known by content, never by name."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from service.documents.material import MaterialUnfit, examine

PIXELS_MOST: Final = 80_000_000
_DOTS_PER_INCH: Final = 200
_LONGER_EDGE: Final = 2400


def as_document(content: bytes) -> bytes:
    """Return a scan as PDF; the whole file is read, so call it in a thread.

    Of a photograph only the picture is kept: no place, no instant, no camera.

    Raises:
        MaterialUnfit: FILE_NOT_A_SCAN, PICTURE_TOO_LARGE, or what `examine` has against a PDF.
    """
    if content.lstrip()[:5] == b"%PDF-":
        examine(content)
        return content
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > PIXELS_MOST:
                raise MaterialUnfit("PICTURE_TOO_LARGE")
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except Image.DecompressionBombError:
        raise MaterialUnfit("PICTURE_TOO_LARGE") from None
    except (OSError, SyntaxError, ValueError):
        raise MaterialUnfit("FILE_NOT_A_SCAN") from None
    upright.thumbnail((_LONGER_EDGE, _LONGER_EDGE))
    made = BytesIO()
    upright.save(made, "PDF", resolution=_DOTS_PER_INCH)
    return made.getvalue()
