"""The design system keeps its promises: contrast, a strict content security policy, both languages, labels."""

import re
from datetime import date
from html.parser import HTMLParser
from types import SimpleNamespace
from uuid import UUID

import pytest
from jinja2.ext import babel_extract

from registry import evenness_of
from service.access import Viewer
from service.locales import Catalogues, install, use_language
from service.problems import Fault, Forbidden, Invalid, NotFound, Problem, Refusal, Refused, Remedy, Stale, Stopped
from service.web.pages import STATIC, TEMPLATES, environment

SHEETS = (
    "app.css",
    "frame.css",
    "forms.css",
    "parts.css",
    "status.css",
    "steps.css",
    "tables.css",
    "charts.css",
    "windows.css",
    "document.css",
    "panel.css",
)
OURS = ("layout.html", "ui", "errors", "panel")
VIEWER = Viewer(UUID(int=1), UUID(int=2), "张敏", frozenset({"center"}), None, "决策咨询服务中心", "0123456789abcdef")
MACROS = """
{% extends "layout.html" %}
{% import "ui/forms.html" as forms with context %}
{% import "ui/tables.html" as tables with context %}
{% import "ui/parts.html" as parts with context %}
{% import "ui/status.html" as status with context %}
{% import "ui/charts.html" as charts with context %}
{% block main %}
{{ parts.crumbs([("甲", "/"), ("乙", "")]) }}
{% call parts.head("题目", "说明") %}<a href="/x">做</a>{% endcall %}
{{ parts.tabs([{"label": "全部", "href": "/a", "count": 3}], "/a", "状态") }}
{{ forms.error_summary(faults, {"born": "出生日期"}) }}
<form method="post" action="/x">{{ forms.hidden(3) }}
{{ forms.field("name", "姓名", "", hint="如证件", faults=faults, options=["王"]) }}
{{ forms.day("born", "出生日期", "1975.13", faults=faults) }}
{{ forms.number("size", "人数", 9) }}
{{ forms.textarea("reason", "理由", "文", maxlength=500, optional=true) }}
{{ forms.select("field", "领域", [("570", "水利工程"), ("820", "法学")], "820", empty="全部") }}
{{ forms.radios("source", "来源", [("SELF", "个人申请"), ("ORG", "组织推荐", "说明")], "ORG") }}
{{ forms.checkboxes("flags", "性质", [("wide", "面广"), ("disputed", "争议")], ["wide"]) }}
{{ forms.checkbox("sure", "确认") }}
{{ forms.file("roster", "名册", accept=".xlsx") }}
{% call forms.buttons() %}{{ forms.submit("保存") }}{% endcall %}
</form>
{{ forms.act("/y", "撤下", 4, {"expert": "e1"}) }}
{% call forms.filters("/experts") %}{{ forms.select("unit", "单位", [], "") }}{% endcall %}
<form method="post" action="/bulk">
{% call tables.table("专家", [{"label": "姓名", "key": "name"}, {"label": "次数", "align": "num"}], "-name", "/e?sort=",
                     select=true) %}
<tr>{{ tables.pick("e1", "王") }}<th scope="row">王</th><td class="num" data-label="次数">2</td></tr>
{% endcall %}
{% call tables.bulk_bar() %}{{ forms.submit("导出") }}{% endcall %}
</form>
{{ tables.pager(3, 12, 300, "/e?page=") }}
{{ tables.empty_state("没有", "原因", "/n", "新建") }}
{{ status.tag("在聘", "good") }}{{ status.reason("隶属关系", "第二十八条", "bad", "路径") }}
{{ status.count(3, "三件") }}
{{ charts.strip24(months, "论证") }}{{ charts.spark24(months, "论证") }}
{{ charts.bars([{"label": "水利", "value": 2, "low": 1, "high": none, "kept": true, "cite": ""}], "平衡", 9) }}
{{ charts.lorenz(spread, "次数") }}
{% call parts.card("卡") %}{{ parts.facts([("编号", parts.copyable("2026-014")), ("备注", none)]) }}{% endcall %}
{{ parts.answers([("问", "答", "/c")]) }}
{% call parts.box("注意", "warn") %}<p>文</p>{% endcall %}
{% call parts.details("更多") %}<p>文</p>{% endcall %}
{% call parts.dialog("d1", "打开", "窗") %}<p>文</p>{% endcall %}
{{ parts.steps([{"label": "启动", "state": "done"}, {"label": "确定", "state": "late", "detail": "逾期"}], "进程") }}
{{ parts.progress("/jobs/1", "核对", 12000, 20000) }}
{{ parts.undo("已移出", "/undo", "k1", 3) }}
{{ parts.figures([("在聘", 1268, "/a"), ("暂停", 3, "")]) }}
<ul class="tasks">{{ parts.task("待办", "/m", "两天后", "warn") }}</ul>
{{ parts.compare([("标题", "甲", "乙")], "原来", "现在") }}
{{ parts.download("/f", "名册", "xlsx", "12 KB") }}
{% endblock %}
{% block aside %}旁注{% endblock %}
"""
PROBLEMS = {
    400: Invalid([Fault("name", "FIELD_REQUIRED")]),
    403: Forbidden(),
    404: NotFound(),
    405: Problem(),
    409: Refused(
        [
            Refusal(
                "PANEL_TOO_SMALL", "R31a", "A31", facts={"size": 8}, remedies=(Remedy("ADD", "/x"),), override="center"
            ),
            Refusal("CAP_EXCEEDED"),
        ]
    ),
    412: Stale(),
    413: Problem(),
    422: Invalid([Fault("", "KEY_NEEDED")]),
    428: Problem(),
    429: Problem(),
    500: Problem(),
    503: Stopped(),
}


class Page(HTMLParser):
    """What a rendered page holds."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.ids = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        if values.get("id"):
            self.ids.append(values["id"])


@pytest.fixture(scope="module")
def env():
    install(Catalogues.load())
    return environment()


def rendered(env, template, *, lang="zh", **context):
    use_language(lang)
    known = {
        "viewer": VIEWER,
        "language": lang,
        "mode": "demo",
        "county": "示范县",
        "path": "/experts",
        "notice": "已保存",
        "today": date(2026, 11, 24),
        "idempotency_key": "0123456789",
        "waiting": 3,
    }
    return template.render(known | context)


def macros_page(env, lang="zh"):
    faults = [Fault("name", "FIELD_REQUIRED"), Fault("born", "FIELD_NOT_A_DAY")]
    months = [(f"2025-{n % 12 + 1:02d}", n % 3) for n in range(24)]
    return rendered(
        env, env.from_string(MACROS), lang=lang, faults=faults, months=months, spread=evenness_of([0, 1, 1, 2])
    )


def pages(env):
    yield macros_page(env)
    yield macros_page(env, "en")
    for status, problem in PROBLEMS.items():
        yield rendered(env, env.get_template(f"errors/{status}.html"), problem=problem)
    yield rendered(env, env.get_template("errors/404.html"), problem=NotFound(), viewer=None)


def our_templates():
    for start in OURS:
        found = TEMPLATES / start
        yield from sorted(found.rglob("*.html")) if found.is_dir() else [found]


def test_pages_hold_no_inline_style_script_or_handler(env):
    for text in pages(env):
        for tag, values in Page(text).tags:
            assert "style" not in values, tag
            assert [name for name in values if name.startswith("on")] == []
            if tag == "script":
                assert values["src"].startswith("/static/")
            assert tag != "style"


def test_pages_ask_nothing_of_other_hosts(env):
    for text in pages(env):
        addresses = re.findall(r"""(?:src|href|action)=["'](https?:)?//""", text)
        assert addresses == []


def test_ids_of_a_page_are_unique_and_every_label_has_its_field(env):
    for text in pages(env):
        page = Page(text)
        assert [one for one in set(page.ids) if page.ids.count(one) > 1] == []
        for tag, values in page.tags:
            if tag == "label" and "for" in values:
                assert values["for"] in page.ids
            for described in (values.get("aria-describedby") or "").split():
                assert described in page.ids


def test_every_field_has_a_name_for_the_ear(env):
    page = Page(macros_page(env))
    labelled = {values.get("for") for tag, values in page.tags if tag == "label"}
    for tag, values in page.tags:
        if tag not in ("input", "select", "textarea") or values.get("type") in ("hidden", "checkbox", "radio"):
            continue
        assert values.get("id") in labelled or values.get("aria-label"), values


def test_forms_that_post_carry_a_key(env):
    text = macros_page(env)
    main = text[text.index("<main") : text.index("</main>")]
    forms = re.findall(r'<form[^>]*method="post".*?</form>', main, re.DOTALL)
    assert len(forms) == 4
    assert ["idempotency_key" in form for form in forms] == [True, True, False, True]  # the bulk form of the sample


def test_a_fault_stands_at_the_top_and_at_its_field(env):
    page = macros_page(env)

    assert 'href="#f-born"' in page
    assert 'id="e-born"' in page
    assert re.search(r'id="f-born"[^>]*aria-invalid="true"', page)
    assert 'value="1975.13"' in page


def test_every_message_of_these_templates_has_english():
    catalogues = Catalogues.load()
    functions = ("_", "gettext", "ngettext", "pgettext")
    options = {"extensions": "jinja2.ext.do", "silent": "false"}
    missing = []
    for path in our_templates():
        with path.open("rb") as source:
            for _line, function, message, _comments in babel_extract(source, functions, (), options):
                parts = [message] if isinstance(message, str) else list(message)
                found = (
                    catalogues.find("en", parts[1], parts[0])
                    if function == "pgettext"
                    else catalogues.find("en", parts[0])
                )
                if not found:
                    missing.append((path.name, parts[0]))
    assert missing == []


def test_templates_say_nothing_in_chinese_outside_messages():
    for path in our_templates():
        text = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)
        text = re.sub(r"""(?:_|p?gettext)\(\s*(?:"[^"]*"|'[^']*')(?:, (?:"[^"]*"|'[^']*'))?""", "", text)
        text = re.sub(r"""ngettext\([^)]*\)""", "", text)
        left = set(re.findall(r"[一-鿿]+", text)) - {"中文"}
        assert left == set(), path.name


def test_sheets_and_scripts_use_no_address_outside():
    for path in STATIC.iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert re.findall(r"https?://|@import|url\(", text) == [], path.name


def tokens(block):
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


def contrast(one, other):
    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


TEXT_PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "accent") for ground in ("paper", "surface", "sunk", "accent-soft")],
    *[(f"{tone}", ground) for tone in ("good", "warn", "bad") for ground in ("surface", f"{tone}-soft", "paper")],
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("accent-strong", "accent-soft"),
    ("on-head", "head"),
    ("on-head-soft", "head"),
    ("ink", "warn-soft"),
]
SHAPE_PAIRS = [("line-strong", "surface"), ("line-strong", "paper"), ("focus", "paper"), ("focus", "surface")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_borders_have_contrast_in_both_schemes(scheme):
    sheet = (STATIC / "tokens.css").read_text()
    light, dark = sheet.split("@media (prefers-color-scheme: dark)", 1)
    colours = tokens(light) | (tokens(dark) if scheme == "dark" else {})

    assert [(a, b) for a, b in TEXT_PAIRS if contrast(colours[a], colours[b]) < 4.5] == []
    assert [(a, b) for a, b in SHAPE_PAIRS if contrast(colours[a], colours[b]) < 3] == []


def test_sheets_use_the_scales_alone():
    """Two weights, one type scale: no size or weight beside the tokens (print and SVG apart)."""
    for name in SHEETS:
        text = (STATIC / name).read_text()
        assert set(re.findall(r"font-weight: ([^;]+);", text)) <= {"var(--strong)", "var(--regular)"}, name
        assert [
            size
            for size in re.findall(r"font-size: ([^;]+);", text)
            if not re.match(r"var\(--t-|0?\.\d+em|112.5%", size)
        ] == []


def test_every_class_of_the_macros_has_a_rule(env):
    sheets = "".join(path.read_text() for path in STATIC.glob("*.css"))
    styled = set(re.findall(r"\.([a-z][a-z0-9-]*)", sheets))
    used = set()
    for text in pages(env):
        for _tag, values in Page(text).tags:
            used.update((values.get("class") or "").split())
    unstyled = {"secondary", "info", "neutral", "language", "menu", "inner", "measure"}
    assert used - styled - unstyled == set()


def test_an_article_is_said_in_the_language_of_each_reader(env):
    template = env.from_string('{{ "A31"|article }}')

    assert [rendered(env, template, lang=lang) for lang in ("zh", "en", "zh")] == [
        "第三十一条",
        "Art. 31",
        "第三十一条",
    ]


def test_a_reader_without_sign_in_sees_the_public_places_alone(env):
    page = rendered(env, env.get_template("errors/404.html"), problem=NotFound(), viewer=None)

    assert re.findall(r'data-key="(\w)"', page) == ["p", "s", "c", "t", "k", "v", "r", "l"]
    assert "/sign-out" not in page


@pytest.mark.parametrize(
    ("role", "keys"),
    [
        ("center", "henzomtcilr"),
        ("audit", "henzomtclr"),
        ("unit", "homr"),
        ("system-administrator", "har"),
        ("office", "hbr"),
        ("mayor", "hzbr"),
        ("expert", "hydr"),
    ],
)
def test_each_role_sees_its_places(env, role, keys):
    viewer = Viewer(UUID(int=1), UUID(int=2), "张敏", frozenset({role}), None, "", "0123456789abcdef")

    page = rendered(env, env.get_template("errors/404.html"), problem=NotFound(), viewer=viewer)

    assert "".join(re.findall(r'data-key="(\w)"', page)) == keys


def test_a_stale_act_shows_both_versions_with_the_typed_text(env):
    stale = SimpleNamespace(
        action="/matters/1",
        version=5,
        back="/matters/1",
        hidden=[("id", "1")],
        fields=[SimpleNamespace(name="title", label="标题", yours="我写的", theirs="别人写的")],
    )

    page = rendered(env, env.get_template("errors/412.html"), problem=Stale(), stale=stale)

    assert 'value="我写的"' in page
    assert "别人写的" in page
    assert '<input type="hidden" name="version" value="5">' in page


def test_refusals_are_all_listed_with_article_and_ways_out(env):
    page = rendered(env, env.get_template("errors/409.html"), problem=PROBLEMS[409])

    assert page.count('class="box bad"') == 2
    assert "第三十一条" in page
    assert 'href="/x"' in page


def test_typed_text_is_never_read_as_markup(env):
    hostile = '"><script>alert(1)</script>'
    text = (
        '{% import "ui/forms.html" as forms with context %}'
        '{{ forms.field("a", label, label, hint=label) }}{{ forms.textarea("b", label, label) }}'
    )

    page = rendered(env, env.from_string(text), label=hostile)

    assert "<script>" not in page


def test_the_frame_sets_no_name_that_a_page_could_be_given() -> None:
    frame = (TEMPLATES / "layout.html").read_text(encoding="utf-8")

    assert {name for name in re.findall(r"{%-? set (\w+)", frame) if not name.startswith("frame_")} == set()
