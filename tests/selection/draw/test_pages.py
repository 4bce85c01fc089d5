"""The examples of the format pages come out as printed, and every key of the schemas is described."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from selection.canonical import canonical_json
from selection.draw import SourceValue, draw_panel, parse_commitment

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "formats"
EXAMPLE = re.compile(r"<!-- (\w+) -->\n```\w+\n(.*?)\n```", re.DOTALL)


def examples(page: str) -> dict[str, str]:
    return dict(EXAMPLE.findall((PAGES / f"{page}.md").read_text(encoding="utf-8")))


def test_the_commitment_of_the_page_is_read_and_has_the_hash_printed() -> None:
    found = examples("commitment-1")

    assert parse_commitment(found["commitment"]).sha256 == found["sha256"]
    assert hashlib.sha256(canonical_json(json.loads(found["commitment"])).encode()).hexdigest() == found["sha256"]


def test_the_record_of_the_page_is_drawn_again() -> None:
    printed = json.loads(examples("draw-record-1")["record"])
    commitment = parse_commitment(examples("commitment-1")["commitment"])
    values = [SourceValue(row["name"], row["value"]) for row in printed["sources"]]

    record = draw_panel(commitment, values, declined=[row["id"] for row in printed["declines"]]).to_json()

    assert record | {"commitment": "..."} == printed


def test_the_bytes_of_the_stream_are_those_of_the_page() -> None:
    found = examples("panel-draw-1")
    commitment = examples("commitment-1")["sha256"]

    key = hashlib.sha256(f"panel-draw/1\0rounding\0{commitment}\0004 1 6".encode()).digest()
    assert key.hex() == found["key"]
    assert hashlib.sha256(key + (1).to_bytes(8, "big")).hexdigest() == found["block"]


@pytest.mark.parametrize("name", ["commitment-1", "draw-record-1"])
def test_every_key_of_the_schema_is_on_its_page(name: str) -> None:
    schema = json.loads((ROOT / "selection" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")

    assert [key for key in schema["properties"] if f"`{key}`" not in page and f'"{key}"' not in page] == []
