"""Files that must be refused, fast, with the right sentence; and the harmless ones that look like them."""

import io
import zipfile

import pytest

from service.exchange import FileRefused, read_file
from service.exchange.reading import _outcome
from tests.service.exchange.builders import HEADINGS, a_row, one_row, part_of, repacked, xls, xlsx

GOOD = xlsx([HEADINGS, a_row()])
SHEET = "xl/worksheets/sheet1.xml"


def refusal_of(content: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        read_file(content)
    return refused.value.code


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as container:
        for name, body in parts.items():
            container.writestr(name, body)
    return file.getvalue()


def test_good_workbook_is_read() -> None:
    assert one_row(GOOD).name == "张三"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b" \n", "FILE_EMPTY"),
        (b"%PDF-1.7 ...", "FILE_IS_PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "FILE_IS_PICTURE"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "FILE_IS_PICTURE"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "FILE_IS_PROGRAM"),
        (b"Rar!\x1a\x07\x01\x00", "FILE_IS_ARCHIVE"),
        (b"<html><table><tr><td>\xe5\xa7\x93\xe5\x90\x8d</td></tr></table></html>", "FILE_IS_WEB_PAGE"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "FILE_IS_WEB_PAGE"),
        (b"PK\x03\x04 and then nothing", "FILE_DAMAGED"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "FILE_DAMAGED"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4096, "FILE_DAMAGED"),
        (b"a,b\x00c\n", "FILE_NOT_A_TABLE"),
        (b"\xff\xff\xff,\xff\xff\n", "FILE_ENCODING_UNKNOWN"),
        ('姓名,单位\n"张三,单位\n'.encode(), "FILE_QUOTES_OPEN"),
        (archive(**{"a.txt": b"x"}), "FILE_IS_ARCHIVE"),
        (archive(**{"mimetype": b"x", "content.xml": b"<a/>"}), "FILE_TYPE_OTHER_TABLE"),
        (
            archive(**{"[Content_Types].xml": b"<Types>wordprocessingml</Types>", "word/document.xml": b"<a/>"}),
            "FILE_IS_DOCUMENT",
        ),
        (
            archive(**{"[Content_Types].xml": b"<Types>spreadsheetml</Types>", "xl/workbook.bin": b"x"}),
            "FILE_TYPE_OTHER_TABLE",
        ),
    ],
)
def test_wrong_type_is_told_by_content(content: bytes, code: str) -> None:
    assert refusal_of(content) == code


def test_too_large_file_is_refused_before_it_is_opened() -> None:
    assert refusal_of(b"a" * (20 * 1024 * 1024 + 1)) == "FILE_TOO_LARGE"


def test_truncated_workbook_is_damaged() -> None:
    assert refusal_of(GOOD[: len(GOOD) // 2]) == "FILE_DAMAGED"


def test_zip_bomb_is_refused_by_its_directory() -> None:
    bomb = repacked(GOOD, {SHEET: b"<worksheet>" + b" " * 40_000_000 + b"</worksheet>"})

    assert len(bomb) < 200_000
    assert refusal_of(bomb) == "FILE_INFLATES"


def test_many_parts_are_a_bomb_too() -> None:
    assert refusal_of(repacked(GOOD, {f"xl/media/{n}.xml": b"" for n in range(2_100)})) == "FILE_INFLATES"


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "[Content_Types].xml"])
def test_entity_bomb_is_refused(part: str) -> None:
    entities = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    body = part_of(GOOD, part)
    place = body.index(b"?>") + 2 if body.startswith(b"<?xml") else 0

    assert refusal_of(repacked(GOOD, {part: body[:place] + entities + body[place:]})) == "FILE_HAS_ENTITIES"


def test_entity_in_another_encoding_is_refused() -> None:
    body = part_of(GOOD, SHEET).decode()
    hidden = body.replace("<sheetData>", "<!-- x --><sheetData>").encode("utf-16")

    assert refusal_of(repacked(GOOD, {SHEET: hidden})) == "FILE_DAMAGED"


@pytest.mark.parametrize(
    "changes",
    [
        {"xl/vbaProject.bin": b"x"},
        {"xl/macrosheets/sheet1.xml": b"<a/>"},
        {
            "[Content_Types].xml": part_of(GOOD, "[Content_Types].xml").replace(
                b"sheet.main", b"sheet.macroEnabled.main"
            )
        },
    ],
)
def test_macros_are_refused(changes: dict[str, bytes]) -> None:
    assert refusal_of(repacked(GOOD, changes)) == "FILE_HAS_MACROS"


def test_printer_settings_are_no_macro() -> None:
    assert one_row(repacked(GOOD, {"xl/printerSettings/printerSettings1.bin": b"\x00\x01"})).name == "张三"


def test_colour_dragged_to_the_last_column_is_cut_off() -> None:
    from openpyxl.styles import PatternFill

    def paint(sheet):
        for row in range(1, 12):
            for column in range(1, 16385, 5):
                sheet.cell(row, column).fill = PatternFill("solid", fgColor="FFFF00")

    row = one_row(xlsx([HEADINGS, a_row()], change=paint))

    assert row.name == "张三"


def test_stray_cell_in_the_last_corner_is_left_out_with_a_note() -> None:
    def stray(sheet):
        sheet["XFD1"] = "x"
        sheet["A1048576"] = "x"

    grids = read_file(xlsx([HEADINGS, a_row()], change=stray))

    assert set(grids[0].cut_off) == {"XFD1", "A1048576"}
    assert len(grids[0].rows) == 2


def test_table_beyond_its_bounds_is_refused() -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(70_000, 73_000))
    body = part_of(GOOD, SHEET).replace(b"</sheetData>", rows + b"</sheetData>")

    assert refusal_of(repacked(GOOD, {SHEET: body})) == "FILE_TOO_MANY_ROWS"


def test_old_workbook_is_read_and_a_torn_one_refused() -> None:
    content = xls(lambda sheet: sheet.write(0, 0, "姓名"))

    assert read_file(content)[0].rows == (("姓名",),)
    assert refusal_of(content[:1024]) == "FILE_DAMAGED"


def test_chain_that_runs_in_a_circle_ends() -> None:
    content = bytearray(xls(lambda sheet: sheet.write(0, 0, "姓名")))
    # Every entry of the first allocation sector points at sector 0.
    first_fat = int.from_bytes(content[0x4C:0x50], "little")
    start = (first_fat + 1) * 512
    content[start : start + 512] = b"\x00\x00\x00\x00" * 128

    assert refusal_of(bytes(content)) == "FILE_DAMAGED"


def test_time_is_bounded() -> None:
    with pytest.raises(FileRefused) as refused:
        read_file(GOOD, seconds=0.001)
    assert refused.value.code == "FILE_TOO_SLOW"


def test_child_gets_no_secret_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    monkeypatch.setenv("PYTHONWARNINGS", "error::nonsense")

    assert one_row(GOOD).name == "张三"


def test_refusal_of_the_child_keeps_its_facts() -> None:
    with pytest.raises(FileRefused) as refused:
        _outcome(b'{"refused": "FILE_INFLATES", "facts": {"megabytes": 300}}')
    assert (refused.value.code, dict(refused.value.facts)) == ("FILE_INFLATES", {"megabytes": 300})
