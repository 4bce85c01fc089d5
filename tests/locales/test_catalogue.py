from pathlib import Path

import pytest

from service.locales import (
    Catalogues,
    CataloguesInvalid,
    fill,
    gettext,
    install,
    installed,
    language,
    language_of,
    negotiate,
    ngettext,
    pgettext,
    translate,
    use_language,
)

ENGLISH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "专家"
msgstr "Experts"

msgctxt "role"
msgid "专家"
msgstr "expert"

msgid "%(num)s 人"
msgid_plural "%(num)s 人"
msgstr[0] "%(num)s person"
msgstr[1] "%(num)s people"

msgid "PANEL_TOO_SMALL"
msgstr "Only %(count)s of %(min)s"

msgid "空"
msgstr ""
"""
CHINESE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

msgid "PANEL_TOO_SMALL"
msgstr "只有 %(count)s 人，要 %(min)s 人"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("en/base.po", ENGLISH), ("zh_Hans_CN/base.po", CHINESE)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    return tmp_path


@pytest.fixture(autouse=True)
def as_before(folder: Path):
    before = install(Catalogues.load())
    install(Catalogues.load(folder))
    use_language("zh")
    yield
    install(before)
    use_language("zh")


def test_chinese_sentence_is_its_own_message() -> None:
    assert gettext("专家") == "专家"

    use_language("en")
    assert gettext("专家") == "Experts"


def test_message_without_a_translation_stays_itself() -> None:
    use_language("en")

    assert (gettext("候补"), gettext("空"), gettext("")) == ("候补", "空", "")


def test_word_with_two_senses_has_a_context() -> None:
    use_language("en")

    assert (pgettext("role", "专家"), pgettext("place", "专家")) == ("expert", "专家")


@pytest.mark.parametrize(("n", "said"), [(0, "people"), (1, "person"), (2, "people")])
def test_plural_follows_the_number(n: int, said: str) -> None:
    use_language("en")
    assert ngettext("%(num)s 人", "%(num)s 人", n) == f"%(num)s {said}"

    use_language("zh")
    assert ngettext("%(num)s 人", "%(num)s 人", n) == "%(num)s 人"


def test_sentence_of_a_code_has_its_parameters_filled_in() -> None:
    assert translate("PANEL_TOO_SMALL", "zh", count=3, min=5) == "只有 3 人，要 5 人"
    assert translate("PANEL_TOO_SMALL", "en", count=3, min=5) == "Only 3 of 5"


def test_missing_parameter_shows_its_name_and_hides_no_refusal() -> None:
    assert translate("PANEL_TOO_SMALL", "en", count=3) == "Only 3 of 〔min〕"


def test_percent_signs_stay_what_they_are() -> None:
    assert fill("%(part)s of 100%%", {"part": "5%%(min)s"}) == "5%%(min)s of 100%"


def test_language_belongs_to_its_context() -> None:
    assert language() == "zh"
    use_language("en-GB")
    assert language() == "en"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh_Hans_CN", "zh"),
        ("ZH-hant-TW", "zh"),
        ("en-US", "en"),
        ("fr", "en"),
        ("", "en"),
        ("zhx", "en"),
    ],
)
def test_chinese_tags_read_chinese_and_all_others_english(tag: str, expected: str) -> None:
    assert language_of(tag) == expected


@pytest.mark.parametrize(
    ("header", "cookie", "expected"),
    [
        (None, None, "zh"),
        ("", "", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "", "zh"),
        ("fr;q=0.3, zh-CN;q=0.9", "", "zh"),
        ("de", "", "en"),
        ("*", "", "zh"),
        ("en;q=0", "", "zh"),
        ("en;q=much, zh", "", "zh"),
        ("zh-CN", "en", "en"),
        ("en", "zh", "zh"),
        ("en", "fr", "en"),
        (";;;,,,", "", "zh"),
    ],
)
def test_choice_goes_before_the_browser_and_the_best_liked_tag_decides(header, cookie, expected) -> None:
    assert negotiate(header, cookie) == expected


def test_same_message_said_in_two_ways_is_a_fault(folder: Path) -> None:
    (folder / "en" / "other.po").write_text(ENGLISH.replace("Experts", "Specialists").lstrip(), encoding="utf-8")

    catalogues = Catalogues.load(folder)

    assert catalogues.faults == ("en/other.po: '专家' is said otherwise in another file",)
    assert catalogues.gettext("en", "专家") == "Experts"


@pytest.mark.parametrize("text", ["what is this\n", 'msgid "a"\nmsgid_plural\nmsgstr[x] "b"\n'])
def test_file_that_is_no_catalogue_is_named(folder: Path, text: str) -> None:
    (folder / "en" / "broken.po").write_text(text, encoding="utf-8")

    with pytest.raises(CataloguesInvalid, match=r"en/broken\.po"):
        Catalogues.load(folder)


def test_catalogues_are_those_installed_last() -> None:
    catalogues = Catalogues({"zh": {}, "en": {}})

    assert install(catalogues) is installed() is catalogues
