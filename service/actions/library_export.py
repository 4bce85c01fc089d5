"""The list of experts as a workbook: numbers masked unless opened with a reason, every text only text."""

from dataclasses import dataclass, replace
from typing import Final

from registry import field_name, one_line
from service.actions.act import Act
from service.actions.reason import reason_faults
from service.exchange import write_list
from service.exchange.grid import Value
from service.exchange.wording import say_level
from service.locales import gettext, language, mark, say_list
from service.problems import Fault, Invalid
from service.storage.acts import note_reads
from service.storage.experts import Sought, narrowed
from service.storage.library_export import ExportLine, export_lines

STATUS_NAMES: Final = {
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
OPENABLE: Final = ("identity", "phone")


@dataclass(frozen=True, slots=True)
class Opening:
    """Which numbers are wanted in full, and why.

    Attributes:
        what: of `OPENABLE`.
        reason: as typed; everybody on the list can learn it.
    """

    what: tuple[str, ...] = ()
    reason: str = ""


async def read_export(
    act: Act, sought: Sought | None = None, *, opening: Opening | None = None
) -> tuple[ExportLine, ...]:
    """Read experts for an export, all or those sought, and note in the ledger that the list was taken out.

    Numbers stay masked. Who opens them says why; the look is noted with each expert, as a single look is.

    Raises:
        Forbidden: when the viewer may not export, or not see numbers in full.
        Invalid: when the reason is missing or too short.
    """
    act.require("expert:export")
    opened = opening.what if opening else ()
    if opening and opened:
        act.require("expert:unmask")
        faults = reason_faults(act.policy, "reason", opening.reason)
        if set(opened) - set(OPENABLE):
            faults.append(Fault("open", "FIELD_NOT_A_CHOICE"))
        if faults:
            raise Invalid(faults)
    wanted = narrowed(act.viewer, sought or Sought(), on=act.on)
    lines = await export_lines(act.session, on=act.on, wanted=wanted)
    if opening and opened:
        lines = tuple(_opened(act, line, opened) for line in lines)
        await note_reads(
            act.session,
            at=act.at,
            account_id=act.viewer.account_id,
            reads=[
                (what, f"expert:{line.id}")
                for line in lines
                for what in opened
                if (line.identity_sealed if what == "identity" else line.phone_sealed) is not None
            ],
            reason=one_line(opening.reason),
        )
    act.record(
        "library.exported",
        stream=f"account:{act.viewer.account_id}",
        body={"experts": len(lines), "masked": not opened, "opened": sorted(opened), "whole": sought is None},
    )
    return lines


def export_workbook(lines: tuple[ExportLine, ...], *, title: str, day: str, opened: tuple[str, ...] = ()) -> bytes:
    """Return the lines as an .xlsx file in the reader's language; belongs in a thread.

    Args:
        lines: the experts.
        title: name of the sheet.
        day: the day of the status, as text for its heading.
        opened: which numbers stand there in full.
    """
    headings = [
        gettext("入库编号"),
        gettext("姓名"),
        gettext("证件号码") if "identity" in opened else gettext("证件号码（掩码）"),
        gettext("工作单位"),
        gettext("职务"),
        gettext("职称"),
        gettext("职称级别"),
        gettext("主要领域"),
        gettext("其他领域"),
        gettext("电话") if "phone" in opened else gettext("电话（掩码）"),
        gettext("电子邮箱"),
        gettext("聘期开始"),
        gettext("聘期结束"),
        gettext("状态（%(day)s）") % {"day": day},
    ]
    return write_list(title, headings, [_cells(line) for line in lines])


def _opened(act: Act, line: ExportLine, what: tuple[str, ...]) -> ExportLine:
    if "identity" in what and line.identity_sealed is not None:
        number = act.keys.decrypt(line.identity_sealed, about=f"person:{line.person_id}:identity")
        line = replace(line, identity=number)
    if "phone" in what and line.phone_sealed is not None:
        line = replace(line, phone=act.keys.decrypt(line.phone_sealed, about=f"person:{line.person_id}:phone"))
    return line


def _cells(line: ExportLine) -> list[Value]:
    names = [(held.main, field_name(held.code, language=language())) for held in line.fields]
    return [
        line.number,
        line.name,
        line.identity,
        line.unit,
        line.post,
        line.title,
        say_level(line.title_level),
        say_list([name for main, name in names if main]),
        say_list([name for main, name in names if not main]),
        line.phone,
        line.email,
        line.starts_on,
        line.ends_on,
        gettext(STATUS_NAMES[line.status.value]),
    ]
