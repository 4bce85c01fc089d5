"""Papers of a review meeting as Word documents: the notice with the agenda, the sign-in sheet, the minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from docx.document import Document as Word

from service.documents.word import centered, heading, new_document, pairs, table, to_bytes

KINDS: Final = ("notice", "sign-in", "minutes")
CONCLUSIONS: Final = {"agree": "可行", "agree-with-changes": "修改后可行", "disagree": "不可行"}
LEFT_SINCE: Final = "（会后退出专家组）"
"""What stands behind the name of somebody who signed in and has left the panel since."""

_TITLES: Final = {"notice": "专家论证会通知", "sign-in": "专家论证会签到表", "minutes": "专家论证会会议纪要"}


@dataclass(frozen=True, slots=True)
class MeetingPaper:
    """What the papers of a meeting say; they are Chinese in every language, as the county files them.

    Attributes:
        county, unit: who organises it.
        number, title: of the matter.
        on: the day.
        time: from when to when, such as `09:00-11:30`.
        place, agenda: as typed.
        leader: name of the leader of the panel.
        experts: name, title and employer of who takes part.
        present: names of who signed in, empty before.
        conclusion: code of what it came to, empty before.
        minutes, joint: as typed, empty before.
        dissent: names of who does not share the joint conclusion.
        small: whether fewer signed in than the panel generally has.
    """

    county: str
    unit: str
    number: str
    title: str
    on: date
    time: str
    place: str
    agenda: str
    leader: str
    experts: Sequence[tuple[str, str]]
    present: Sequence[str] = ()
    conclusion: str = ""
    minutes: str = ""
    joint: str = ""
    dissent: Sequence[str] = ()
    small: bool = False


def meeting_paper(paper: MeetingPaper, kind: str) -> bytes:
    """Return one of the papers as .docx.

    Source: A7p7, A32.
    """
    document = new_document()
    centered(document, f"{paper.county}重大行政决策", 14)
    centered(document, _TITLES[kind], 20, bold=True)
    rows = [
        ("事项", f"{paper.title}（{paper.number}）"),
        ("组织单位", paper.unit),
        ("时间", f"{paper.on.year}年{paper.on.month}月{paper.on.day}日 {paper.time}"),
        ("地点", paper.place),
        ("论证专家组组长", paper.leader),
    ]
    if kind == "notice":
        pairs(document, rows)
        heading(document, "议程")
        _paragraphs(document, paper.agenda)
        heading(document, "论证专家")
        table(document, ["姓名", "职称"], [[name, title] for name, title in paper.experts])
    elif kind == "sign-in":
        pairs(document, rows[:4])
        signed = [[str(place), name, title, "", ""] for place, (name, title) in enumerate(paper.experts, 1)]
        table(document, ["序号", "姓名", "职称", "签名", "签到时间"], signed)
    else:
        pairs(document, [*rows, ("签到专家", "、".join(paper.present))])
        heading(document, "会议情况")
        _paragraphs(document, paper.minutes)
        heading(document, f"论证结论：{CONCLUSIONS[paper.conclusion]}")
        _paragraphs(document, paper.joint)
        if paper.dissent:
            document.add_paragraph(f"保留不同意见：{'、'.join(paper.dissent)}")
        if paper.small:
            document.add_paragraph("签到专家少于一般应有人数（第三十一条）。")
        document.add_paragraph("本纪要不代替每位专家署名的书面意见（第三十二条）。")
        document.add_paragraph()
        document.add_paragraph("组长签名：　　　　　　　　记录人签名：　　　　　　　　日期：")
    return to_bytes(document)


def _paragraphs(document: Word, text: str) -> None:
    for line in text.splitlines():
        if line.strip():
            document.add_paragraph(line.strip())
