"""The list of experts as a workbook: identity and telephone numbers masked, every text only text."""

from registry import field_name
from service.actions.act import Act
from service.exchange import write_list
from service.exchange.grid import Value
from service.exchange.wording import say_level
from service.locales import gettext, language, mark, say_list
from service.storage.experts import Sought, narrowed
from service.storage.library_export import ExportLine, export_lines

STATUS_NAMES = {
    "appointed": mark("在聘"),
    "not-appointed": mark("未聘任"),
    "not-yet": mark("未到聘期"),
    "lapsed": mark("聘期已满"),
    "suspended": mark("暂停"),
    "withdrawn": mark("自愿退出"),
    "dismissed": mark("已解聘"),
    "struck-off": mark("已除名"),
    "merged": mark("已并入其他记录"),
}


async def read_export(act: Act, sought: Sought | None = None) -> tuple[ExportLine, ...]:
    """Read experts for an export, all or those sought, and note in the ledger that the list was taken out.

    Raises:
        Forbidden: when the viewer may not export.
    """
    act.require("expert:export")
    wanted = narrowed(act.viewer, sought or Sought(), on=act.on)
    lines = await export_lines(act.session, on=act.on, wanted=wanted)
    act.record(
        "library.exported",
        stream=f"account:{act.viewer.account_id}",
        body={"experts": len(lines), "masked": True, "whole": sought is None},
    )
    return lines


def export_workbook(lines: tuple[ExportLine, ...], *, title: str, day: str) -> bytes:
    """Return the lines as an .xlsx file in the reader's language; belongs in a thread.

    Args:
        lines: the experts.
        title: name of the sheet.
        day: the day of the status, as text for its heading.
    """
    headings = [
        gettext("入库编号"),
        gettext("姓名"),
        gettext("证件号码（掩码）"),
        gettext("工作单位"),
        gettext("职务"),
        gettext("职称"),
        gettext("职称级别"),
        gettext("主要领域"),
        gettext("其他领域"),
        gettext("电话（掩码）"),
        gettext("电子邮箱"),
        gettext("聘期开始"),
        gettext("聘期结束"),
        gettext("状态（%(day)s）") % {"day": day},
    ]
    return write_list(title, headings, [_cells(line) for line in lines])


def _cells(line: ExportLine) -> list[Value]:
    names = [(held.main, field_name(held.code, language=language())) for held in line.fields]
    return [
        line.number,
        line.name,
        line.identity_masked,
        line.unit,
        line.post,
        line.title,
        say_level(line.title_level),
        say_list([name for main, name in names if main]),
        say_list([name for main, name in names if not main]),
        line.phone_masked,
        line.email,
        line.starts_on,
        line.ends_on,
        gettext(STATUS_NAMES[line.status.value]),
    ]
