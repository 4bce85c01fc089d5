"""Opinions written elsewhere: read into the form, never kept; hostile and unfit files refused with a sentence."""

import base64
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pikepdf
import pytest
from docx import Document
from docx.oxml import OxmlElement

from service.documents.opinion_text import sorted_out, text_of
from service.exchange.refused import FileRefused
from tests.service.review.house import Review, a_pdf, key

LINES = (
    "论证意见",
    "一、必要性",
    "现状防洪标准偏低。",
    "二、风险：汛期施工风险较大",
    "三、具体意见",
    "1. 补充二十年一遇洪水位复核",
    "（2）明确汛期停工预案",
    "四、结论：修改后可行。",
)


def a_docx(*lines: str) -> bytes:
    document = Document()
    for line in lines or LINES:
        document.add_paragraph(line)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def with_part(content: bytes, name: str, held: bytes) -> bytes:
    made = BytesIO(content)
    with ZipFile(made, "a") as package:
        package.writestr(name, held)
    return made.getvalue()


def a_package(parts: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as package:
        for name, held in parts.items():
            package.writestr(name, held)
    return made.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def with_body(body: bytes) -> bytes:
    parts = parts_of(a_docx())
    start, _, _ = parts["word/document.xml"].partition(b"<w:body>")
    return a_package(parts | {"word/document.xml": start + b"<w:body>" + body + b"</w:body></w:document>"})


def with_torn_part() -> bytes:
    """Return a document whose text cannot be unpacked: its packed bytes are not what they were."""
    content = bytearray(with_body("".join(f"<w:p><w:r><w:t>{n}</w:t></w:r></w:p>" for n in range(2000)).encode()))
    with ZipFile(BytesIO(content)) as package:
        part = package.getinfo("word/document.xml")
    middle = part.header_offset + 30 + len(part.filename) + part.compress_size // 2
    content[middle : middle + 40] = b"\xff" * 40
    return bytes(content)


def many_parts() -> bytes:
    return a_package(parts_of(a_docx()) | {f"word/media/{n}.png": b"" for n in range(2001)})


def with_tracked_change() -> bytes:
    document = Document()
    paragraph = document.add_paragraph("原文")
    paragraph._p.append(OxmlElement("w:ins"))
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def with_script() -> bytes:
    made = BytesIO()
    with pikepdf.open(BytesIO(a_pdf())) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        pdf.save(made)
    return made.getvalue()


def an_empty_pdf() -> bytes:
    made = BytesIO()
    pikepdf.new().save(made)
    return made.getvalue()


def a_scan() -> bytes:
    made = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(made)
    return made.getvalue()


def test_headings_and_numbers_sort_a_text_and_nothing_is_left_out() -> None:
    read = sorted_out(text_of(a_docx()))

    assert read.sections == {"necessity": "现状防洪标准偏低。", "risk": "汛期施工风险较大"}
    assert read.points == ("补充二十年一遇洪水位复核", "明确汛期停工预案")
    assert (read.conclusion, read.rest) == ("agree-with-changes", "论证意见")


def test_conclusion_is_taken_only_where_it_stands_alone() -> None:
    assert sorted_out("结论：可行").conclusion == "agree"
    unclear = sorted_out("结论\n总体可行，但投资偏高")
    assert (unclear.conclusion, unclear.rest) == ("", "总体可行，但投资偏高")


def test_text_of_a_table_is_read() -> None:
    document = Document()
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "投资", "九千万元"
    made = BytesIO()
    document.save(made)

    assert text_of(made.getvalue()) == "投资 九千万元"


def test_every_cell_is_read_once_however_far_it_spans_and_equal_ones_stay() -> None:
    document = Document()
    table = document.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "论证意见表"
    for column, text in enumerate(("必要", "是", "是")):
        table.cell(1, column).text = text
    table.cell(2, 0).text = "要点"
    table.cell(2, 1).merge(table.cell(2, 2)).text = "1. 补充复核\n2. 停工预案"
    inner = table.cell(1, 1).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "甲", "乙"
    made = BytesIO()
    document.save(made)
    wide = with_body(
        b'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="100000000"/></w:tcPr><w:p><w:r><w:t>wide</w:t></w:r></w:p>'
        b"</w:tc></w:tr></w:tbl><w:sdt><w:sdtContent><w:p><w:r><w:t>control</w:t><w:tab/><w:t>tab</w:t></w:r></w:p></w:sdtContent>"
        b"</w:sdt>"
    )

    assert text_of(made.getvalue()).splitlines() == [
        "论证意见表",
        "必要 是",
        "甲 乙 是",
        "要点 1. 补充复核",
        "2. 停工预案",
    ]
    assert text_of(wide).splitlines() == ["wide", "control\ttab"]


def test_text_of_a_pdf_is_read() -> None:
    assert "堤防加固方案" in text_of(a_pdf("堤防加固方案"))


UNFIT = [
    (b"MZ\x90\x00 a program renamed to opinion.docx", "FILE_NOT_TEXT"),
    (b"PK\x03\x04 begins like a package", "FILE_DAMAGED"),
    (a_package({"content.xml": b"<office/>"}), "FILE_NOT_TEXT"),
    (a_package({"[Content_Types].xml": b"<Types>spreadsheetml</Types>"}), "FILE_NOT_TEXT"),
    (with_torn_part(), "FILE_DAMAGED"),
    (with_body(b"<w:p>" * 2000), "FILE_DAMAGED"),
    (with_body(b"<w:tbl><w:tr><w:tc>" * 80 + b"</w:tc></w:tr></w:tbl>" * 80), "DOCUMENT_WITHOUT_TEXT"),
    (with_body(b"<w:p/>" * 12_000_000), "FILE_INFLATES"),
    (bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 100, "DOC_OLD"),
    (with_part(a_docx(), "word/vbaProject.bin", b"macro"), "DOCX_MACROS"),
    (with_part(a_docx(), "word/embeddings/tool.exe", b"MZ"), "DOCX_MACROS"),
    (a_package(parts_of(a_docx()) | {"word/media/bomb.png": b"\x00" * (5 * 1024 * 1024)}), "FILE_INFLATES"),
    (many_parts(), "FILE_INFLATES"),
    (with_tracked_change(), "DOCX_TRACKED"),
    (with_script(), "PDF_ACTIVE"),
    (an_empty_pdf(), "PDF_EMPTY"),
    (a_scan(), "DOCUMENT_WITHOUT_TEXT"),
    (a_docx(" "), "DOCUMENT_WITHOUT_TEXT"),
]


@pytest.mark.parametrize(("content", "code"), UNFIT, ids=range(len(UNFIT)))
def test_unfit_and_hostile_documents_are_refused_with_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        text_of(content)

    assert refused.value.code == code


async def test_document_is_read_by_the_api_and_by_the_form_and_nothing_is_kept(working: Review) -> None:
    phone = working.phones[0]
    address = f"/reviews/{working.matter}/opinion/read"

    async def form(name: str, content: bytes, kind: str):
        data = {"idempotency_key": key()["Idempotency-Key"]}
        return await phone.client.post(address, data=data, files={"document": (name, content, kind)})

    by_api = await phone.post("opinion/read", {"content": base64.b64encode(a_docx()).decode()})
    by_form = await form("意见.docx", a_docx(), "application/octet-stream")
    renamed = await form("意见.pdf", b"MZ\x90\x00", "application/pdf")
    large = await form("扫描.pdf", b"%PDF-1.7" + b"\x00" * (11 * 1024 * 1024), "application/pdf")
    huge = await form("扫描.pdf", b"%PDF-1.7" + b"\x00" * (40 * 1024 * 1024), "application/pdf")
    by_center = await working.center.post(
        f"/api{address}", json={"content": base64.b64encode(a_docx()).decode()}, headers=key()
    )
    draft = (await phone.client.get(f"/api/reviews/{working.matter}/opinion")).json()

    assert (by_api.status_code, by_api.json()["opinion"]["points"][0]) == (200, "补充二十年一遇洪水位复核")
    assert (by_form.status_code, "汛期施工风险较大" in by_form.text, "〔" in by_form.text) == (200, True, False)
    assert (renamed.status_code, "也不是 PDF" in renamed.text) == (400, True)
    assert (large.status_code, "10 MB" in large.text) == (400, True)
    assert (huge.status_code, "太大" in huge.text, by_center.status_code) == (413, True, 404)
    assert (draft["version"], draft["opinion"]["points"]) == (0, [])


async def test_two_tabs_never_overwrite_one_another_silently(working: Review) -> None:
    phone = working.phones[0]
    address = f"/reviews/{working.matter}/opinion"

    async def save(version: int, text: str):
        headers = key() | {"If-Match": f'"{version}"'}
        return await phone.client.put(f"/api{address}", json={"necessity": text}, headers=headers)

    first = await save(0, "第一台设备")
    behind = await save(0, "第二个窗口")
    page = await phone.client.post(
        address,
        data={"idempotency_key": key()["Idempotency-Key"], "version": "0", "necessity": "第二个窗口", "points": ""},
    )
    on = await save(first.json()["version"], "第一台设备接着写")

    assert (first.status_code, behind.status_code, on.status_code) == (200, 412, 200)
    assert page.status_code == 412
    assert "第一台设备" in page.text
    assert "第二个窗口" in page.text
    held = (await phone.client.get(f"/api{address}")).json()
    assert held["opinion"]["necessity"] == "第一台设备接着写"
