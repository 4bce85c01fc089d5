"""What the pages of ties show: lines of a list, choices of a form, and the drawing of a path."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from conflicts import (
    ENDS,
    MUTUAL,
    SENTENCES,
    Confidence,
    Fact,
    Finding,
    Kind,
    NodeType,
    Role,
    Step,
    phrases,
    say_phrase,
    span_code,
    state_on,
)
from service.storage.facts import Node

# The drawing, in its own units. A path has at most five ordinary ties; labels stand beside their tie, so none overlap.
WIDTH: Final = 360
_NODE_HIGH: Final = 44
_TIE_HIGH: Final = 66
_LABEL_WIDE: Final = 40  # half-width characters that fit into a node


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the drawing: `y` of its upper edge, its label cut to fit, the whole name, what it is."""

    y: int
    label: str
    name: str
    type: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """A tie of the drawing.

    Attributes:
        y: of its upper end; it is as long as every other.
        fact: the tie.
        span: code of how its days are said.
        arrow: `down`, `up`, or empty for a tie that binds both ends alike.
        expired: whether it ended before the day judged and counts only by its window.
        likely: whether it still has to be verified.
        says: the tie in words.
    """

    y: int
    fact: Fact
    span: str
    arrow: str
    expired: bool
    likely: bool
    says: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A path from a person down to a party, for the macro that draws it."""

    high: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    role: Role | None


@dataclass(frozen=True, slots=True)
class TieLine:
    """A tie in the list of a person or an organisation.

    Attributes:
        fact: the tie.
        says: it in words.
        span: code of how its days are said.
        state: `now`, `past` or `future`.
        other: the other end.
        version: None for what stands in the library itself (employment, superior units) and is changed there.
        sentence: it as a sentence with both ends, parted where the name of the other end stands.
    """

    fact: Fact
    says: str
    span: str
    state: str
    other: Node | None
    version: int | None
    sentence: tuple[str, str] = ("", "")


def draw(finding: Finding, *, name: Callable[[str], str | None], href: Callable[[str], str], language: str) -> Drawing:
    """Lay a path out from top to bottom, the person first.

    Args:
        finding: whose path it is.
        name: id -> name.
        href: id -> address of its page, or nothing.
        language: of the words.
    """
    steps: Sequence[Step] = finding.path
    ids = [finding.person, *(step.end for step in steps)]
    pitch = _NODE_HIGH + _TIE_HIGH
    boxes = tuple(
        Box(place * pitch, cut(name(id_) or id_), name(id_) or id_, _type(finding, steps, place), href(id_))
        for place, id_ in enumerate(ids)
    )
    lines = tuple(
        Line(
            y=place * pitch + _NODE_HIGH,
            fact=step.fact,
            span=phrase.span,
            arrow="" if step.fact.kind in MUTUAL else "down" if step.forward else "up",
            expired=phrase.expired,
            likely=phrase.confidence is not Confidence.SURE,
            says=say_phrase(phrase, name=name, language=language),
        )
        for place, (step, phrase) in enumerate(zip(steps, phrases(finding), strict=True))
    )
    return Drawing(len(boxes) * pitch - _TIE_HIGH + 4, boxes, lines, finding.role)


def _type(finding: Finding, steps: Sequence[Step], place: int) -> str:
    if place == 0:
        return NodeType.PERSON.value
    step = steps[place - 1]
    types = ENDS[step.fact.kind][1 if step.forward else 0]
    if place == len(steps) and finding.role is Role.MATTER:
        return NodeType.MATTER.value
    return NodeType.PERSON.value if types == {NodeType.PERSON} else NodeType.ORGANISATION.value


def cut(text: str, room: int = _LABEL_WIDE) -> str:
    """Return a text cut to what fits into a node, full-width characters counting twice."""
    for place, sign in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if room < 0:
            return text[: place - 1] + "…"
    return text


def tie_line(
    fact: Fact, node_id: UUID, *, nodes: Mapping[UUID, Node], version: int | None, today: date, language: str
) -> TieLine:
    """Return a tie as seen from one of its ends."""
    forward = fact.subject == str(node_id)
    other = nodes.get(UUID(fact.object if forward else fact.subject))
    near = nodes.get(node_id)
    says = say_tie(fact, forward=forward, language=language)
    sentence = _sentence(fact, near.name if near else "—", forward=forward, language=language)
    return TieLine(fact, says, span_code(fact), state_on(fact, today), other, version, sentence)


def _sentence(fact: Fact, near: str, *, forward: bool, language: str) -> tuple[str, str]:
    """Return a tie as a sentence from the end that is near; from the other one where a language has no such words."""
    if fact.kind is Kind.STATEMENT:
        return f"{near}{'' if language == 'zh' else ', '}{_STATEMENT[language].removesuffix('…')}", ""
    code = _code(fact.kind, forward=forward)
    turned = not forward and fact.kind not in MUTUAL and not code.endswith("_BACK")
    ends = {"start": _GAP, "end": near} if turned else {"start": near, "end": _GAP}
    before, _, after = SENTENCES[language][code].format(**ends, **_parameters(fact, language)).partition(_GAP)
    return before, after


_GAP: Final = "\ufffc"  # stands where the name of the other end comes to stand


def say_tie(fact: Fact, *, forward: bool, language: str) -> str:
    """Return what a tie is, without its ends: `任职于`, `employee of`."""
    if fact.kind is Kind.STATEMENT:
        return _STATEMENT[language]
    return _bare(_code(fact.kind, forward=forward), language, **_parameters(fact, language))


def _parameters(fact: Fact, language: str) -> dict[str, str]:
    """Return what the sentence of a tie names beside its ends."""
    words = SENTENCES[language]
    share = (
        words["SHARE_UNKNOWN"] if fact.share is None else words["SHARE"].format(part=fact.share[0], whole=fact.share[1])
    )
    relation = "" if fact.relation is None else words[f"RELATION_{fact.relation.name}"]
    return {"share": share, "relation": relation}


@dataclass(frozen=True, slots=True)
class Branch:
    """One tie of the picture.

    Attributes:
        y: of its upper edge.
        x: of the line that comes down from the node above; the tie stands to the right of it.
        rise: how far up that line begins: at the frame above, or where the line of the tie before turned.
        wide: of the frame of the other end.
        line: the tie, as seen from the node above.
        label: name of the other end, cut to fit.
        children: the ties that follow from there.
    """

    y: int
    x: int
    rise: int
    wide: int
    line: TieLine
    label: str
    children: tuple["Branch", ...] = ()


@dataclass(frozen=True, slots=True)
class Ego:
    """The ties around one person or organisation as a tree: the subject on top, one branch a tie, none over another.

    Attributes:
        high: of the picture, in its own units.
        label: of the subject, cut to fit.
        branches: the subject's own ties with what follows from each: what stands on the day, then what has ended,
            then what has not begun.
        drawn: every branch, from top to bottom.
        left_out: ties that the policy reaches and that are not drawn.
    """

    high: int
    label: str
    branches: tuple[Branch, ...]
    drawn: tuple[Branch, ...]
    left_out: int


_BRANCH_HIGH: Final = 92
_FRAME_AT: Final = 50  # the frame of the other end begins so far below the upper edge of its tie
_FRAME_HIGH: Final = 38
_TURN: Final = 69  # where the line turns towards the frame
_INDENT: Final = 30
_SIGN_WIDE: Final = 9
DRAWN_AT_MOST: Final = 30
FURTHER_AT_MOST: Final = 6


def draw_ego(name: str, around: Sequence[tuple[TieLine, int | None]], left_out: int = 0) -> Ego:
    """Lay out the ties around a person or an organisation, as they stand on the day the lines were made for.

    Args:
        name: of the subject.
        around: every tie with the place, in this list, of the one that leads to it; None for the subject's own.
        left_out: ties that are not among them.
    """
    after: dict[int | None, list[int]] = defaultdict(list)
    for place, (_, above) in enumerate(around):
        after[above].append(place)
    drawn: list[Branch] = []

    def grow(place: int, depth: int, bottom: int) -> Branch:
        """Draw a tie below all that is drawn, and what follows from it; its line comes down from `bottom`."""
        y = _NODE_HIGH + len(drawn) * _BRANCH_HIGH
        x = 24 + depth * _INDENT
        wide = WIDTH - 4 - (x + 24)
        line = around[place][0]
        label = cut(line.other.name if line.other else "—", (wide - 2 * _SIGN_WIDE) // _SIGN_WIDE)
        at = len(drawn)
        drawn.append(Branch(y, x, y - bottom, wide, line, label))
        drawn[at] = replace(drawn[at], children=grow_all(after[place], depth + 1, y + _FRAME_AT + _FRAME_HIGH))
        return drawn[at]

    def grow_all(places: Sequence[int], depth: int, bottom: int) -> tuple[Branch, ...]:
        """Draw ties of one node; the line of each goes on where that of the one before turned."""
        grown: list[Branch] = []
        for place in places:
            grown.append(grow(place, depth, grown[-1].y + _TURN if grown else bottom))
        return tuple(grown)

    branches = grow_all(after[None], 0, _NODE_HIGH - 2)
    high = _NODE_HIGH + len(drawn) * _BRANCH_HIGH + 4
    return Ego(high, cut(name), branches, tuple(drawn), left_out)


def say_kind(kind: Kind, *, forward: bool, language: str) -> str:
    """Return what a kind of tie is, said of a person at one end: `任职于…`, `employee of …`."""
    return _bare(
        _code(kind, forward=forward), language, share=SENTENCES[language]["SHARE_UNKNOWN"], relation=_KIN[language]
    )


def tie_choices(type_: NodeType, language: str) -> list[tuple[str, str]]:
    """Return (code, words) of the ties that can be stated of a person or an organisation.

    A code is a kind, with `-back` where the person or organisation is its object.
    """
    words = SENTENCES[language]
    found: list[tuple[str, str]] = []
    for kind in Kind:
        subjects, objects = ENDS[kind]
        if type_ in subjects:
            says = (
                _STATEMENT[language]
                if kind is Kind.STATEMENT
                else _bare(_code(kind, forward=True), language, share=words["SHARE_UNKNOWN"], relation=_KIN[language])
            )
            found.append((kind.value, says))
        if type_ in objects and f"TIE_{kind.name}_BACK" in words:
            says = _bare(_code(kind, forward=False), language, share=words["SHARE_UNKNOWN"], relation=_KIN[language])
            found.append((f"{kind.value}-back", says))
    return found


def read_choice(code: str) -> tuple[Kind, bool]:
    """Return the kind of a choice, and whether the node it is stated of is the subject."""
    return Kind(code.removesuffix("-back")), not code.endswith("-back")


_STATEMENT: Final = {"zh": "公开表态：…", "en": "public statement on …"}
_KIN: Final = {"zh": "亲属", "en": "relative"}


def _code(kind: Kind, *, forward: bool) -> str:
    back = f"TIE_{kind.name}_BACK"
    return f"TIE_{kind.name}" if forward or back not in SENTENCES["zh"] else back


def _bare(code: str, language: str, **facts: str) -> str:
    return SENTENCES[language][code].format(start="", end="…", **facts).lstrip(" ,")
