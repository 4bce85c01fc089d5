"""The table of the regulation's rules: what each says in our words, and what the software does about it."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, Literal

from service.regulation.reading import Table, TomlUnfit, read_toml

Status = Literal["enforced", "assisted", "human", "missing"]
STATUSES: Final = ("enforced", "assisted", "human", "missing")
FORCES: Final = (
    "must", "generally", "in-principle", "prefer", "mainly", "may", "must-not", "as-needed", "info",
)  # fmt: skip
KINDS: Final = ("gate", "clock", "content", "record", "permission", "publication", "trigger", "info")
FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Article:
    """One rule of the table.

    Attributes:
        ref: its id in the table, such as `R31a`.
        cite: its place in the text, such as `A31`; `Chart` for the flow chart.
        en: what it says, in our words.
        zh: the same in Chinese.
        force: `must`, `generally` ..., several joined by `+`.
        kind: what it asks of software: a gate, a clock, a record ...
        status: `enforced` by code, `assisted`, `human`, or `missing`.
        reason: why it is assisted or human; empty otherwise.
        reason_zh: the same in Chinese.
        checked_on: the day somebody last compared it with the text.
    """

    ref: str
    cite: str
    en: str
    zh: str
    force: str
    kind: tuple[str, ...]
    status: Status
    reason: str
    reason_zh: str
    checked_on: date


@dataclass(frozen=True, slots=True)
class Reading:
    """A question that the text leaves open, and the reading taken; docstrings name it by its id."""

    id: str
    cites: tuple[str, ...]
    question: str
    reading: str


@cache
def load_articles() -> tuple[Article, ...]:
    """Return the table, in the order of the text.

    Raises:
        TomlUnfit: with every fault and its place.
    """
    return read_articles(FOLDER / "articles.toml")


def read_articles(path: Path) -> tuple[Article, ...]:
    """Read a table of articles from a file.

    Raises:
        TomlUnfit: with every fault and its place.
    """
    faults: list[str] = []
    top = Table(read_toml(path), "", faults)
    articles = [_article(row) for row in top.rows("article")]
    top.end()
    seen: set[str] = set()
    for article in articles:
        if article.ref in seen:
            faults.append(f"{article.ref}: has a row already")
        seen.add(article.ref)
    if faults:
        raise TomlUnfit(path.name, faults)
    return tuple(articles)


@cache
def load_planned() -> frozenset[str]:
    """Return the refs that no code keeps yet, and that are allowed to be missing.

    Raises:
        TomlUnfit: with every fault and its place.
    """
    path = FOLDER / "planned.toml"
    faults: list[str] = []
    top = Table(read_toml(path), "", faults)
    refs = top.texts("refs")
    top.end()
    if len(set(refs)) < len(refs):
        faults.append("refs: names a ref twice")
    if faults:
        raise TomlUnfit(path.name, faults)
    return frozenset(refs)


@cache
def load_order() -> frozenset[str]:
    """Return the codes of good order, which no edition holds.

    Raises:
        TomlUnfit: with every fault and its place.
    """
    path = FOLDER / "order.toml"
    content = read_toml(path)
    faults: list[str] = []
    top = Table(content, "", faults)
    codes = [code for subject in content for code in top.texts(subject)]
    faults += [f"{code}: stands there twice" for code in sorted({code for code in codes if codes.count(code) > 1})]
    if faults:
        raise TomlUnfit(path.name, faults)
    return frozenset(codes)


@cache
def load_readings() -> tuple[Reading, ...]:
    """Return the readings taken, by number.

    Raises:
        TomlUnfit: with every fault and its place.
    """
    path = FOLDER / "readings.toml"
    faults: list[str] = []
    top = Table(read_toml(path), "", faults)
    readings = [_reading(row) for row in top.rows("reading")]
    top.end()
    if faults:
        raise TomlUnfit(path.name, faults)
    return tuple(readings)


def _article(row: Table) -> Article:
    article = Article(
        ref=row.text("ref"),
        cite=row.text("cite"),
        en=row.text("en"),
        zh=row.text("zh"),
        force=row.text("force"),
        kind=row.texts("kind"),
        status=row.text("status", allowed=STATUSES),  # type: ignore[arg-type]  # another word is a fault
        reason=row.text("reason", ""),
        reason_zh=row.text("reason_zh", ""),
        checked_on=row.day("checked_on"),
    )
    row.end()
    if unknown := set(article.force.split("+")) - set(FORCES):
        row.fault("force", f"{', '.join(sorted(unknown))} is none of {', '.join(FORCES)}")
    if unknown := set(article.kind) - set(KINDS):
        row.fault("kind", f"{', '.join(sorted(unknown))} is none of {', '.join(KINDS)}")
    if (article.status in ("assisted", "human")) != bool(article.reason and article.reason_zh):
        row.fault("reason", "is for assisted and human rules, which need it in both languages")
    return article


def _reading(row: Table) -> Reading:
    reading = Reading(row.text("id"), row.texts("cites"), row.text("question"), row.text("reading"))
    row.end()
    return reading
