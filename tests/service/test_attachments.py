"""Files that strangers attach: what each really is, found by its content in a process with bounds."""

from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from service.documents.attachment import MOST_BYTES, media_type_of
from service.exchange import FileRefused


def a_pdf(script: str = "") -> bytes:
    pdf, held = pikepdf.new(), BytesIO()
    pdf.add_blank_page()
    if script:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=script)
    pdf.save(held)
    return held.getvalue()


def a_picture(form: str, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    held = BytesIO()
    Image.new(mode, size).save(held, form)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (a_pdf(), "application/pdf"),
        (a_picture("JPEG"), "image/jpeg"),
        (a_picture("PNG"), "image/png"),
    ],
    ids=["pdf", "jpeg", "png"],
)
def test_a_file_is_what_its_content_says(content: bytes, media_type: str) -> None:
    assert media_type_of(content) == media_type


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "FILE_EMPTY", id="empty"),
        pytest.param(b"%PDF-1.7" + bytes(MOST_BYTES), "DOCUMENT_TOO_LARGE", id="one byte over and more"),
        pytest.param(b"MZ\x90", "ATTACHMENT_OF_OTHER_KIND", id="a program"),
        pytest.param(b"PK\x03\x04", "ATTACHMENT_OF_OTHER_KIND", id="an archive"),
        pytest.param(b"<svg onload='x()'/>", "ATTACHMENT_OF_OTHER_KIND", id="a drawing with a script"),
        pytest.param(b"%PDF-1.7 and nothing else", "FILE_NOT_A_PDF", id="a PDF in name only"),
        pytest.param(a_pdf("app.alert(1)"), "PDF_ACTIVE", id="a PDF with a script"),
        pytest.param(a_picture("JPEG", (400, 400))[:900], "DOCUMENT_DAMAGED", id="a picture cut off"),
        pytest.param(a_picture("PNG", (9000, 9000), "1"), "PICTURE_TOO_LARGE", id="few bytes, many pixels"),
    ],
)
def test_other_files_are_refused_with_the_reason(content: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        media_type_of(content)

    assert refused.value.code == code


def test_a_reader_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(FileRefused) as refused:
        media_type_of(a_picture("JPEG"), seconds=0.001)

    assert refused.value.code == "DOCUMENT_TOO_SLOW"
