"""A notice on paper: the same words as the mail, with the link as a QR code, for those who have no mail address."""

import io
from dataclasses import dataclass
from datetime import date
from typing import Final

import segno

from service.documents.typesetting import typeset

_SCAN: Final = {"zh": "用手机扫码打开，只给您本人使用：", "en": "Scan to open; for you alone:"}
_TITLE: Final = {"zh": "通知", "en": "Notice"}


@dataclass(frozen=True, slots=True)
class PaperNotice:
    """A notice as it is printed.

    Attributes:
        subject: what it is about.
        body: its words; paragraphs are parted by empty lines.
        link: where it leads, empty for nowhere.
        issuer: who sends it.
        on: the day of printing.
        language: `zh` or `en`.
    """

    subject: str
    body: str
    link: str
    issuer: str
    on: date
    language: str = "zh"


def notice_pdf(notice: PaperNotice) -> bytes:
    """Return a notice as PDF/A; some 10 ms of CPU, so call it in a thread.

    Raises:
        NotSettable: when a character has no glyph.
    """
    svg = io.BytesIO()
    if notice.link:
        segno.make(notice.link, error="m").save(svg, kind="svg", border=0, xmldecl=False)
    parts = [" ".join(part.split()) for part in notice.body.replace(notice.link or "\0", "").split("\n\n")]
    return typeset(
        "notice",
        {
            "title": _TITLE[notice.language],
            "issuer": notice.issuer,
            "number": "",
            "verify": "",
            "date": [notice.on.year, notice.on.month, notice.on.day],
            "paragraphs": [notice.subject, *(part for part in parts if part)],
            "qr": svg.getvalue().decode(),
            "scan": _SCAN[notice.language],
            "link": notice.link,
            "signed_by": notice.issuer,
            "day": f"{notice.on.year}年{notice.on.month}月{notice.on.day}日"
            if notice.language == "zh"
            else notice.on.isoformat(),
        },
    )
