"""Everything that can be said about a file is said in both languages, and the template is understood in both."""

import ast
from pathlib import Path

import pytest

from service.exchange import SEVERITIES
from service.exchange.headings import recognise_heading
from service.exchange.template import TEMPLATE
from service.exchange.wording import COLUMN_NAMES, LEVEL_NAMES, say_column, say_finding
from service.locales import Catalogues, gettext, use_language

FOLDER = Path(__file__).parents[3] / "service" / "exchange"


def refusals() -> set[str]:
    """Return every code with which a file can be refused, read from the source."""
    texts = {
        node.value
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if text.startswith("FILE_") and text.isupper()}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_and_refusal_has_its_sentence(catalogues: Catalogues, language: str) -> None:
    codes = {*SEVERITIES, *refusals(), "FILE_HAS_NO_ROSTER"}
    assert len(codes) > 90

    assert sorted(code for code in codes if not catalogues.find(language, code)) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_heading_of_the_template_is_recognised_in_both_languages(language: str) -> None:
    use_language(language)

    assert [recognise_heading(gettext(heading)) for _, heading, *_ in TEMPLATE] == [column for column, *_ in TEMPLATE]


def test_columns_and_levels_have_english_names(catalogues: Catalogues) -> None:
    names = [*COLUMN_NAMES.values(), *LEVEL_NAMES.values()]

    assert [name for name in names if not catalogues.find("en", name)] == []


def test_suggestion_names_the_field_and_not_its_code() -> None:
    facts = {"word": "水利水电", "suggestions": ["570", "560"]}

    assert say_finding("FIELD_SUGGESTED", facts).startswith("“水利水电”可能是水利工程")
    use_language("en")
    assert "may be Hydraulic engineering" in say_finding("FIELD_SUGGESTED", facts)
    assert (
        say_finding("TITLE_SUGGESTED", {"word": "准高级工程师", "level": "deputy_senior"}).count("deputy senior") == 1
    )
    assert say_column("not_kept") == "not read"
