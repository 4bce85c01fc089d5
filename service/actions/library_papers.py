"""Official papers of the library: roster, contact list, letter to an expert's unit, yearly report on its use.

Each has two parts: an act that reads what goes onto paper and notes that it did, and pure work that sets it, outside
any unit of work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from registry import Record, field_name, one_line
from service.actions.act import Act
from service.actions.figures_export import REGION_NAMES, SOURCE_NAMES, UNIT_KIND_NAMES
from service.actions.library_export import Opening, read_export
from service.documents.official import Listing, OfficialPaper, official_docx, official_pdf, say_day
from service.documents.typesetting import NotSettable
from service.exchange.wording import LEVEL_NAMES
from service.problems import Fault, Invalid, Refusal, Refused
from service.storage.expert_page import ExpertView, load_expert
from service.storage.experts import Sought
from service.storage.figures import AGE_BANDS
from service.storage.library_export import ExportLine
from service.storage.library_report import YearReport, load_report

KINDS: Final = ("roster", "contacts", "report")
_TEXT_MOST: Final = 200
_SEX: Final = {"1": "男", "2": "女"}
_LEFT: Final = {"withdrawn": "自愿退出", "dismissed": "解聘", "struck-off": "除名"}


@dataclass(frozen=True, slots=True)
class UnitLetterEntry:
    """What a letter to an expert's unit asks for.

    Attributes:
        purpose: what the expert is wanted for, such as the name of the matter.
        from_on, to_on: the days, both inclusive; one day when they are equal.
        number: of the letter; may be empty.
        contact: whom the unit may ask; may be empty.
    """

    purpose: str
    from_on: date
    to_on: date
    number: str = ""
    contact: str = ""


async def read_roster(act: Act) -> OfficialPaper:
    """Return the roster (专家名册): who is in office today, by number.

    Raises:
        Forbidden: when the viewer may not export.
    """
    lines = await read_export(act, Sought(status="appointed"))
    rows = [
        (
            str(place),
            line.number,
            line.name,
            _SEX.get(line.sex, ""),
            " ".join(filter(None, (line.unit, line.post))),
            line.title,
            "、".join(field_name(held.code, language="zh") for held in line.fields),
            _term(line),
        )
        for place, line in enumerate(lines, start=1)
    ]
    headings = ("序号", "编号", "姓名", "性别", "工作单位及职务", "职称", "专业领域", "聘期")
    return _paper(
        act,
        "专家名册",
        lead=f"截至{say_day(act.on)}，在聘专家{len(lines)}人",
        listings=[Listing("", headings, rows, (4, 8, 8, 4, 22, 12, 22, 16))],
        wide=True,
    )


async def read_contacts(act: Act, *, phones: bool, reason: str) -> OfficialPaper:
    """Return the contact list (通讯录) of who is in office today.

    Telephone numbers are masked unless they are asked for in full with a reason, which everybody on the list can learn.

    Raises:
        Forbidden: when the viewer may not export.
        Invalid: when the reason is missing or too short.
    """
    opening = Opening(("phone",), reason) if phones else None
    lines = await read_export(act, Sought(status="appointed"), opening=opening)
    rows = [
        (str(place), line.name, line.unit, line.post, line.phone, line.email)
        for place, line in enumerate(lines, start=1)
    ]
    note = "内部使用，请勿外传。" if phones else "电话号码已隐去中间几位。"
    return _paper(
        act,
        "专家通讯录",
        lead=f"截至{say_day(act.on)}，共{len(lines)}人。{note}",
        listings=[Listing("", ("序号", "姓名", "工作单位", "职务", "电话", "电子邮箱"), rows, (5, 9, 26, 14, 16, 24))],
        wide=True,
    )


async def read_unit_letter(act: Act, expert_id: UUID, entry: UnitLetterEntry) -> OfficialPaper:
    """Return the letter to an expert's unit (商请函) that asks it to let the expert take part.

    Raises:
        NotFound: when there is no such expert.
        Invalid: with every fault: no purpose, days the wrong way round, a line too long, no present unit.

    Source: A27, A28.
    """
    act.require("paper:make")
    expert = await load_expert(act.session, act.viewer, expert_id, on=act.on)
    unit = next((job.name for job in expert.employments if job.main and job.lasts(act.on)), "")
    purpose, contact, number = one_line(entry.purpose), one_line(entry.contact), one_line(entry.number)
    faults = [
        Fault(at, "FIELD_TOO_LONG", {"most": _TEXT_MOST, "length": len(text)})
        for at, text in (("purpose", purpose), ("contact", contact), ("number", number))
        if len(text) > _TEXT_MOST
    ]
    if not purpose:
        faults.append(Fault("purpose", "FIELD_REQUIRED"))
    if entry.to_on < entry.from_on:
        faults.append(Fault("to_on", "END_BEFORE_START"))
    if not unit:
        faults.append(Fault("unit", "EXPERT_WITHOUT_UNIT"))
    if faults:
        raise Invalid(faults)
    act.record("paper.made", stream=f"expert:{expert_id}", body={"kind": "unit-letter"})
    return _unit_letter(act, expert, unit, UnitLetterEntry(purpose, entry.from_on, entry.to_on, number, contact))


async def read_report(act: Act, *, year: int) -> OfficialPaper:
    """Return the yearly report on the library's use (用库情况报告); of the running year, up to today.

    Raises:
        Invalid: when the year lies ahead or before the library can have begun.

    Source: A23, A24, A26, A28.
    """
    act.require("paper:make")
    if not 2000 <= year <= act.on.year:
        raise Invalid([Fault("year", "FIELD_NOT_A_NUMBER", {"least": 2000, "most": act.on.year})])
    found = await load_report(
        act.session,
        act.viewer,
        year=year,
        today=act.on,
        county_code=act.settings.county_code,
        least=act.policy.library.field_least,
    )
    act.record("paper.made", stream=f"account:{act.viewer.account_id}", body={"kind": "report", "year": year})
    return _report(act, found, year)


def set_paper(paper: OfficialPaper, form: str) -> bytes:
    """Return a paper as `pdf` (PDF/A) or `docx`; outside any unit of work, in a thread.

    Raises:
        Refused: PAPER_NOT_IN_FONT; a PDF is never set with a box in the place of a character.
    """
    if form == "docx":
        return official_docx(paper)
    try:
        return official_pdf(paper)
    except NotSettable as fault:
        raise Refused([Refusal("PAPER_NOT_IN_FONT", facts={"text": fault.text[:20]})]) from None


def _paper(
    act: Act,
    title: str,
    *,
    lead: str = "",
    paragraphs: Sequence[str] = (),
    listings: Sequence[Listing] = (),
    wide: bool = False,
) -> OfficialPaper:
    return OfficialPaper(
        title=title,
        issuer=f"{act.settings.county}重大行政决策咨询论证专家库",
        day=act.on,
        lead=lead,
        paragraphs=paragraphs,
        listings=listings,
        signed_by=f"{act.settings.county}决策咨询服务中心",
        verify=f"{act.settings.county}决策咨询服务中心 {say_day(act.on)}制",
        wide=wide,
    )


def _unit_letter(act: Act, expert: ExpertView, unit: str, entry: UnitLetterEntry) -> OfficialPaper:
    days = (
        say_day(entry.from_on) if entry.from_on == entry.to_on else f"{say_day(entry.from_on)}至{say_day(entry.to_on)}"
    )
    county = act.settings.county
    asked = (
        f"因{entry.purpose}工作需要，拟请贵单位{expert.name}同志（{county}重大行政决策咨询论证专家，编号{expert.number}）"
        f"于{days}参加专家论证。专家以个人名义独立发表意见，日常咨询论证不收取费用。"
    )
    please = "请予支持，并在时间上给予保障。如因公务冲突不能参加，请出具书面说明。"
    closing = [f"联系方式：{entry.contact}"] if entry.contact else []
    return OfficialPaper(
        title="商请函",
        issuer=f"{county}决策咨询服务中心",
        day=act.on,
        number=entry.number,
        addressee=unit,
        paragraphs=[asked, please, "特此函商。"],
        closing=closing,
        signed_by=f"{county}决策咨询服务中心",
    )


def _report(act: Act, found: YearReport, year: int) -> OfficialPaper:
    figures, moved = found.figures, found.movement
    fields = [(field_name(one.code, language="zh"), one.standing[0]) for one in figures.fields]

    def group(name: str) -> list[tuple[str, int]]:
        return sorted(figures.groups.get(name, {}).items(), key=lambda pair: (-pair[1], pair[0]))

    whole = found.last == date(year, 12, 31)
    left = "、".join(f"{_LEFT[state]}{count}人" for state, count in sorted(moved.left.items()))
    moves = f"{year}年新聘{moved.came}人，续聘{moved.renewed}人，聘期届满未续{moved.lapsed}人" + (
        f"，{left}。" if left else "，没有解聘、除名或者退出的。"
    )
    use = (
        f"全年确定专家组{found.panels}个，专家{found.seats}人次，涉及专家{found.experts}人；一人最多参加{found.busiest}次，"
        f"在聘专家中{found.idle}人没有参加过。"
    )
    return _paper(
        act,
        "专家库用库情况报告",
        lead=f"{year}年" if whole else f"{year}年1月1日至{say_day(found.last)}",
        paragraphs=[
            f"截至{say_day(found.last)}，专家库在聘专家{figures.appointed}人。{moves}",
            use if whole else use.replace("全年", "期内"),
            _said_record(found.record),
        ],
        listings=[
            _counted("专业领域分布", "专业领域", fields),
            _counted("职称级别", "级别", [(LEVEL_NAMES[code or "none"], n) for code, n in group("level")]),
            _counted("单位类别", "类别", [(UNIT_KIND_NAMES.get(code, code), n) for code, n in group("kind")]),
            _counted("地域", "所在地", _regions(figures.groups.get("region", {}))),
            _counted("年龄", "年龄段", _ages(figures.groups.get("age", {}))),
            _counted("来源", "来源", [(SOURCE_NAMES.get(code, code), n) for code, n in group("source")]),
            _counted("用库较多的单位", "决策承办单位", found.units, "专家组"),
        ],
    )


def _said_record(record: Record) -> str:
    in_time, due = record.timeliness
    taken, could = record.adoption
    answers = f"发出邀请{record.asked}次，接受{record.accepted}次，因客观原因不能参加{record.declined}次，"
    rest = f"无客观原因不参加{record.refused}次，申请回避{record.recused}次。"
    opinions = f"到期应提交意见{due}份，按时{in_time}份，迟交{record.late}份，未交{record.missing}份"
    return answers + rest + opinions + (f"；可采纳意见{could}条，采纳或者部分采纳{taken}条。" if could else "。")


def _counted(caption: str, name: str, rows: Sequence[tuple[str, int]], unit: str = "人数") -> Listing:
    return Listing(caption, (name, unit), [(text, str(n)) for text, n in rows if n], (4, 1), frozenset({1}))


def _regions(group: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(name, group.get(code, 0)) for code, name in REGION_NAMES.items()]


def _ages(group: Mapping[str, int]) -> list[tuple[str, int]]:
    def said(low: int, high: int) -> str:
        return f"{high + 1}岁以下" if low == 0 else f"{low}岁以上" if high > 100 else f"{low}—{high}岁"

    rows = [(said(low, high), group.get(f"{low}-{high}", 0)) for low, high in AGE_BANDS]
    return [*rows, ("没有登记", group.get("unknown", 0))]


def _term(line: ExportLine) -> str:
    return f"{line.starts_on} 至 {line.ends_on}" if line.starts_on else ""
