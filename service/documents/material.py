"""Material for experts: which PDF files are taken in, and each expert's own copy with a name on every page."""

from io import BytesIO
from typing import Any, Final

import pikepdf

from service.documents.typesetting import typeset

PAGES_MOST: Final = 3000
_ACTIVE: Final = ("/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/RichMedia")


class MaterialUnfit(ValueError):
    """A file is not taken in.

    Attributes:
        code: sentence of the catalogues: `FILE_NOT_A_PDF`, `PDF_ENCRYPTED`, `PDF_EMPTY`, `PDF_ACTIVE`, `PDF_TOO_LONG`.
    """

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def examine(content: bytes) -> int:
    """Return the number of pages of a PDF that can be handed to people; the whole file is read, so call it in a thread.

    Raises:
        MaterialUnfit: when it is no PDF, encrypted, empty, too long, or holds scripts, programs or other files.
    """
    if not content.lstrip()[:5] == b"%PDF-":
        raise MaterialUnfit("FILE_NOT_A_PDF")
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise MaterialUnfit("PDF_ENCRYPTED")
            pages = len(pdf.pages)
            if not pages:
                raise MaterialUnfit("PDF_EMPTY")
            if pages > PAGES_MOST:
                raise MaterialUnfit("PDF_TOO_LONG")
            if any(_is_active(item) for item in pdf.objects):
                raise MaterialUnfit("PDF_ACTIVE")
            return pages
    except pikepdf.PasswordError:
        raise MaterialUnfit("PDF_ENCRYPTED") from None
    except pikepdf.PdfError:
        raise MaterialUnfit("FILE_NOT_A_PDF") from None


def personal_copy(content: bytes, *, name: str, line: str) -> bytes:
    """Return a copy with a name and a line across every page, over its content; call it in a thread.

    Args:
        content: a PDF that `examine` took.
        name: whose copy it is.
        line: matter and day, in small type.
    """
    with pikepdf.open(BytesIO(content)) as pdf:
        marks: dict[tuple[int, int], pikepdf.Page] = {}
        kept: list[pikepdf.Pdf] = []
        for page in pdf.pages:
            left, bottom, right, top = (float(edge) for edge in page.mediabox)
            size = (max(1, round(right - left)), max(1, round(top - bottom)))
            if size not in marks:
                made = typeset(
                    "watermark", {"name": name, "line": line, "width": size[0], "height": size[1]}, archival=False
                )
                kept.append(pikepdf.open(BytesIO(made)))
                marks[size] = kept[-1].pages[0]
            page.add_overlay(marks[size], pikepdf.Rectangle(left, bottom, right, top))
        copy = BytesIO()
        pdf.save(copy)
    for one in kept:
        one.close()
    return copy.getvalue()


def _is_active(item: pikepdf.Object) -> bool:
    """Return whether an object, or one written inside it, does something when the file is opened or clicked."""
    waiting: list[Any] = [item]
    while waiting:
        held = waiting.pop()
        inside: list[Any]
        if isinstance(held, pikepdf.Array):
            inside = list(held)
        elif isinstance(held, pikepdf.Dictionary | pikepdf.Stream):
            if any(name in held for name in ("/JS", "/JavaScript", "/EmbeddedFiles", "/EF")):
                return True
            if any(str(held.get(key, "")) in _ACTIVE for key in ("/S", "/Type", "/Subtype")):
                return True
            inside = [held[key] for key in held.keys()]  # noqa: SIM118 -- a stream is no mapping
        else:
            continue
        # What is written elsewhere is asked on its own.
        waiting += [one for one in inside if isinstance(one, pikepdf.Object) and not one.is_indirect]
    return False
