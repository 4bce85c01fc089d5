"""Papers of a review meeting: the notice with the agenda, the sign-in sheet, the minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from service.documents.official import Listing, OfficialPaper, say_day

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


def meeting_paper(paper: MeetingPaper, kind: str) -> OfficialPaper:
    """Return one of the papers, to be set as PDF/A or as Word.

    Source: A7p7, A32.
    """
    facts = [
        ("事项", f"{paper.title}（{paper.number}）"),
        ("组织单位", paper.unit),
        ("时间", f"{say_day(paper.on)} {paper.time}"),
        ("地点", paper.place),
        ("专家组组长", paper.leader),
    ]
    titled = OfficialPaper(_TITLES[kind], f"{paper.county}重大行政决策", paper.on, facts=facts)
    if kind == "notice":
        listing = Listing("论证专家", ("姓名", "职称"), paper.experts, (1, 2))
        return replace(titled, paragraphs=("议程：", *_lines(paper.agenda)), listings=(listing,))
    if kind == "sign-in":
        rows = [(str(place), name, title, "", "") for place, (name, title) in enumerate(paper.experts, 1)]
        listing = Listing("", ("序号", "姓名", "职称", "签名", "签到时间"), rows, (2, 4, 4, 5, 5), tall=True)
        return replace(titled, facts=facts[:4], listings=(listing,))
    closing = []
    if paper.dissent:
        closing.append(f"保留不同意见：{'、'.join(paper.dissent)}")
    if paper.small:
        closing.append("签到专家少于一般应有人数（第三十一条）。")
    closing += [
        "本纪要不代替每位专家署名的书面意见（第三十二条）。",
        "组长签名：　　　　　　　　记录人签名：　　　　　　　　日期：",
    ]
    return replace(
        titled,
        facts=[*facts, ("签到专家", "、".join(paper.present))],
        sections=(
            ("会议情况", _lines(paper.minutes)),
            (f"论证结论：{CONCLUSIONS[paper.conclusion]}", _lines(paper.joint)),
        ),
        closing=closing,
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
