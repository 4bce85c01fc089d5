"""Every message has its English, every code its sentence in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

from service.locales import Catalogues
from service.regulation import load_edition, load_policy
from service.regulation.articles import load_order
from service.settings import Settings

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "service" / "web" / "templates"
KEYWORDS = ("_", "gettext", "ngettext", "pgettext", "mark")
CHINESE = re.compile(r"[一-鿿]")
CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
JINJA = {"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "trim_blocks": "true", "silent": "false"}


@pytest.fixture(scope="module")
def catalogues() -> Catalogues:
    return Catalogues.load()


def messages() -> Iterator[tuple[str, str, str]]:
    """Yield place, context and message id of everything that is translated."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        with path.open("rb") as file:
            for line, function, found, _ in babel_extract(file, KEYWORDS, [], JINJA):
                yield from _messages(f"{path.relative_to(ROOT)}:{line}", function, found)
    for path in sorted((ROOT / "service").rglob("*.py")):
        with path.open("rb") as file:
            for line, function, found, _ in extract_python(file, KEYWORDS, [], {}):
                yield from _messages(f"{path.relative_to(ROOT)}:{line}", function, found)


def _messages(place: str, function: str, found: object) -> Iterator[tuple[str, str, str]]:
    parts = [part for part in (found if isinstance(found, tuple) else (found,)) if isinstance(part, str)]
    if function == "pgettext" and len(parts) > 1:
        yield place, parts[0], parts[1]
    elif parts:
        yield place, "", parts[0]


def test_every_message_has_its_english(catalogues: Catalogues) -> None:
    missing = sorted(
        {f"{place}: {message}" for place, context, message in messages() if not catalogues.find("en", message, context)}
    )

    assert missing == [], "\n".join(missing)


def test_notices_after_an_act_have_their_english(catalogues: Catalogues) -> None:
    missing = []
    for path in sorted((ROOT / "service" / "web").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "notice" and isinstance(node.value, ast.Constant):
                message = node.value.value
                if message and not catalogues.find("en", message):
                    missing.append(f"{path.name}:{node.value.lineno}: {message}")

    assert missing == [], "\n".join(missing)


def test_no_message_is_said_in_two_ways(catalogues: Catalogues) -> None:
    assert catalogues.faults == ()


def test_messages_of_one_id_ask_for_the_same_parameters(catalogues: Catalogues) -> None:
    different = []
    for (context, message), forms in catalogues.messages["en"].items():
        source = catalogues.find("zh", message, context) or (message,)
        asked = {frozenset(re.findall(r"%\((\w+)\)", form)) for form in (*forms, *source)}
        if CODE.fullmatch(message) and not catalogues.find("zh", message, context):
            continue
        # A plural's singular may leave the number out.
        if len(asked) > 1 and len(forms) == 1:
            different.append(message)

    assert different == []


def test_every_code_has_a_sentence_in_both_languages(catalogues: Catalogues) -> None:
    settings = Settings.from_environment({})
    edition = load_edition(settings.edition, issued_on=settings.edition_issued_on)
    codes = {row.code for row in edition.rules} | load_order() | load_policy(settings.policy).codes() | raised()
    without = sorted(
        f"{language}: {code}" for code in codes for language in ("zh", "en") if not catalogues.find(language, code)
    )

    assert without == [], "\n".join(without)


def test_every_code_is_said_in_both_languages(catalogues: Catalogues) -> None:
    said = {
        language: {message for (_, message) in catalogues.messages[language] if CODE.fullmatch(message)}
        for language in ("zh", "en")
    }

    assert said["zh"] ^ said["en"] == set()


def raised() -> set[str]:
    """Return the codes of faults, refusals and remedies that the service and the pure packages name in a call."""
    called = {"Fault", "Refusal", "Remedy", "fault", "NeedFault"}
    found = set()
    for package in ("service", "workflow"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _name(node) in called:
                    for argument in node.args[:2]:
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                            found.add(argument.value)
                elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "remedies":
                    found.update(
                        part.value
                        for part in ast.walk(node.value or node)
                        if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    )
    return {code for code in found if CODE.fullmatch(code) and "_" in code}


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_templates_hold_no_chinese_outside_their_messages() -> None:
    bare = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", " ", text, flags=re.DOTALL)
        bare += [
            f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
            for line in text.splitlines()
            if CHINESE.search(line) and 'lang="zh' not in line
        ]

    assert bare == [], "\n".join(bare)
