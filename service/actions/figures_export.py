"""The library in figures as a workbook: a sheet for each picture of the page, with the same numbers."""

from collections.abc import Mapping, Sequence
from typing import Final

from registry import field_name
from service.exchange import write_lists
from service.exchange.grid import Value
from service.exchange.wording import LEVEL_NAMES
from service.locales import gettext, language, mark
from service.storage.figures import AGE_BANDS, Figures

UNIT_KIND_NAMES: Final = {
    "government": mark("政府"),
    "bureau": mark("行政机关"),
    "institution": mark("事业单位"),
    "hospital": mark("医院"),
    "university": mark("高等学校"),
    "school": mark("学校"),
    "institute": mark("科研设计院所"),
    "law_firm": mark("律师事务所"),
    "company": mark("企业"),
    "association": mark("社会团体"),
    "other": mark("其他"),
    "unknown": mark("没有登记"),
}
SOURCE_NAMES: Final = {
    "self": mark("个人申请"),
    "organisation": mark("组织推荐"),
    "invited": mark("定向邀请"),
    "open-call": mark("公开征集"),
    "": mark("没有登记"),
}
REGION_NAMES: Final = {"county": mark("本县"), "outside": mark("县外"), "unknown": mark("没有登记")}


def figures_workbook(figures: Figures, *, least: int) -> bytes:
    """Return the figures as an .xlsx file in the reader's language; belongs in a thread.

    Args:
        figures: as the page shows them.
        least: experts below which a field counts as dry.
    """
    people = gettext("人数")
    years = [gettext(name) for name in _YEARS]
    fields: list[list[Value]] = [
        [one.code, field_name(one.code, language=language()), *one.standing, one.dry_on] for one in figures.fields
    ]
    endings: list[list[Value]] = [[one.from_on, one.to_on, one.count] for one in figures.endings]
    return write_lists(
        [
            (
                gettext("专业领域"),
                [gettext("代码"), gettext("专业领域"), *years, gettext("不足 %(least)s 人从") % {"least": least}],
                fields,
            ),
            (gettext("聘期届满"), [gettext("从"), gettext("到"), people], endings),
            *(
                (title, [title, people], rows)
                for title, rows in (
                    (gettext("职称级别"), _named(figures.groups.get("level", {}), LEVEL_NAMES)),
                    (gettext("单位类别"), _named(figures.groups.get("kind", {}), UNIT_KIND_NAMES)),
                    (gettext("所在地"), _named(figures.groups.get("region", {}), REGION_NAMES)),
                    (gettext("年龄"), _ages(figures.groups.get("age", {}))),
                    (gettext("来源"), _named(figures.groups.get("source", {}), SOURCE_NAMES)),
                )
            ),
        ]
    )


_YEARS: Final = (mark("现在"), mark("一年后"), mark("两年后"), mark("三年后"), mark("四年后"), mark("五年后"))


def _named(group: Mapping[str, int], names: Mapping[str, str]) -> Sequence[Sequence[Value]]:
    ordered = sorted(group.items(), key=lambda pair: (-pair[1], pair[0]))
    return [[gettext(names[code]) if code in names else code, count] for code, count in ordered]


def _ages(group: Mapping[str, int]) -> Sequence[Sequence[Value]]:
    rows: list[list[Value]] = [[f"{low}–{high}", group.get(f"{low}-{high}", 0)] for low, high in AGE_BANDS]
    return [*rows, [gettext("没有登记"), group.get("unknown", 0)]]
