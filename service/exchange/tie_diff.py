"""Ties of a file against those on record: what is new, what changed, what is the same, what needs a person.

Persons, organisations and matters are matched by what identifies them: an identity number, a credit code, a number of
this house. A name matches nothing; it leads to a question that a person settles.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from conflicts import Confidence, Ends, Kind, KnownNode, KnownTie, NodeType, Origin, Record, ends_key
from registry import Identity, ValueRefused, comparable, read_credit_code, read_identity
from service.exchange.diff import Outcome
from service.exchange.finding import SEVERITIES, Finding, Severity
from service.exchange.tie_headings import TieColumn
from service.exchange.tie_row import End, TieRow

SKIP: Final = "skip"
NEW: Final = "new"
_HINTS_AT_MOST: Final = 8
_PERSON, _ORGANISATION, _MATTER = NodeType.PERSON, NodeType.ORGANISATION, NodeType.MATTER


@dataclass(frozen=True, slots=True)
class Met:
    """Who or what an end is.

    Attributes:
        id: of the node; empty for one that would be added.
        type: of the node.
        name: as on record, else as written.
        identity: of a person who would be added with a number.
        credit_code: of an organisation that would be added with one.
        token: the same for every mention of one that would be added.
    """

    id: str
    type: NodeType
    name: str
    identity: Identity | None = field(default=None, repr=False)
    credit_code: str = ""
    token: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """Return the id, or what stands for one yet to come."""
        return self.id or self.token


@dataclass(frozen=True, slots=True)
class Question:
    """An end of which only a name is known.

    Attributes:
        key: under which the answer is kept: one for every mention of an organisation, one a row for a person.
        name: as written.
        types: what it may be.
        meant: on record under that name; none decides by itself.
        said: the answer so far.
    """

    key: str
    name: str
    types: frozenset[NodeType]
    meant: tuple[KnownNode, ...]
    said: str = SKIP


@dataclass(frozen=True, slots=True)
class TieChange:
    """One value that would change: the column, what is on record, what the file says."""

    column: TieColumn
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ComparedTie:
    """One tie compared with the record.

    Attributes:
        row: with findings of the comparison added.
        outcome: what it would do.
        subject, object: who the ends are; None where that is open.
        source: who says so: as the row has it, else as the whole file.
        confidence: as the row has it, else as the whole file.
        fact_id, version: of the tie that it changes, or that says the same; empty when new.
        changes: what would change.
        questions: ends that a person must settle.
    """

    row: TieRow
    outcome: Outcome
    subject: Met | None = None
    object: Met | None = None
    source: str = ""
    confidence: Confidence = Confidence.SURE
    fact_id: str = ""
    version: int = 0
    changes: tuple[TieChange, ...] = ()
    questions: tuple[Question, ...] = ()


def compare_ties(
    rows: Sequence[TieRow],
    record: Record,
    *,
    key_of: Callable[[Identity], str],
    source: str,
    confidence: Confidence,
    answers: Mapping[str, str] | None = None,
) -> tuple[ComparedTie, ...]:
    """Return every tie compared with the record, in order.

    A tie is known by its kind, its ends and who says so. The same source with other days, another share or surety
    changes what it said before; another source is kept beside the first, with a warning on both being different.

    Args:
        rows: as read.
        record: what is on record.
        key_of: identity -> keyed hash under which a person is known.
        source, confidence: of rows that state none.
        answers: what people said about names: `skip`, `new`, or the id of the node that is meant.
    """
    comparison = _Comparison(record, key_of, source, confidence, answers or {})
    return tuple(comparison.of(row) for row in rows)


class _Comparison:
    def __init__(
        self,
        record: Record,
        key_of: Callable[[Identity], str],
        source: str,
        confidence: Confidence,
        answers: Mapping[str, str],
    ) -> None:
        self._record = record
        self._key_of = key_of
        self._source = source
        self._confidence = confidence
        self._answers = answers
        self._by_name: dict[tuple[NodeType, str], list[KnownNode]] = defaultdict(list)
        for node in record.nodes.values():
            for name in {node.name, *node.other_names}:
                self._by_name[node.type, comparable(name)].append(node)
        self._met: dict[tuple[str, frozenset[NodeType]], Met | Finding] = {}
        self._stated: dict[Ends, list[ComparedTie]] = defaultdict(list)
        self._taken: set[str] = set()

    def of(self, row: TieRow) -> ComparedTie:
        if row.faulty or row.kind is None:
            return ComparedTie(row, Outcome.ERROR)
        ends: list[Met | None] = []
        questions: list[Question] = []
        findings: list[Finding] = []
        for which, end in (("subject", row.subject), ("object", row.object)):
            met = self._end(row, which, end)
            if isinstance(met, Question):
                questions.append(met)
            ends.append(met if isinstance(met, Met) else None)
            findings += [met] if isinstance(met, Finding) else self._remarks(row, end, met)
        row = row.noting(*findings)
        subject, object_ = ends
        source, confidence = row.source or self._source, row.confidence or self._confidence
        if row.faulty:
            return ComparedTie(row, Outcome.ERROR, subject, object_, source, confidence)
        if subject is None or object_ is None:
            return ComparedTie(row, Outcome.HINT, subject, object_, source, confidence, questions=tuple(questions))
        compared = ComparedTie(row, Outcome.NEW, subject, object_, source, confidence)
        return self._judged(compared, subject, object_)

    def _judged(self, one: ComparedTie, subject: Met, object_: Met) -> ComparedTie:
        """Return what a tie with both ends known would do."""
        row = one.row
        if subject.key == object_.key:
            return _faulty(one, Finding("TIE_TO_ITSELF", row.sheet, row.object.cell))
        ends = ends_key(row.kind or Kind.EMPLOYMENT, subject.key, object_.key)
        for earlier in self._stated[ends]:
            if overlap(row, earlier.row):
                facts = {"sheet": earlier.row.sheet, "cell": earlier.row.cell(TieColumn.KIND)}
                same = _says(earlier.row) == _says(row)
                if same and (earlier.source, earlier.confidence) == (one.source, one.confidence):
                    finding = Finding("ROW_REPEATED", row.sheet, row.cell(TieColumn.KIND), facts)
                    return _with(one, finding, Outcome.IDENTICAL)
                if earlier.source == one.source:
                    return _faulty(one, Finding("TIE_TWICE", row.sheet, row.cell(TieColumn.KIND), facts))
        one = self._against_record(one, self._record.ties.get(ends, ()))
        if one.outcome is not Outcome.ERROR:
            self._stated[ends].append(one)
        return one

    def _against_record(self, one: ComparedTie, standing: Sequence[KnownTie]) -> ComparedTie:
        row = one.row
        for tie in standing:
            if _says(tie) == _says(row) and (tie.confidence is one.confidence or not self._mine(one, tie)):
                facts = {"origin": tie.origin.value, "source": tie.source}
                noted = _with(one, Finding("TIE_STANDS_ALREADY", row.sheet, row.cell(TieColumn.KIND), facts))
                same_evidence = not row.evidence or tie.evidence == row.evidence or not self._mine(one, tie)
                if same_evidence:
                    return _of(noted, Outcome.IDENTICAL, tie)
        mine = [tie for tie in standing if self._mine(one, tie) and tie.id not in self._taken]
        changed = next((tie for tie in mine if tie.from_on == row.from_on), None) or next(
            (tie for tie in mine if overlap(row, tie)), None
        )
        if changed is not None:
            ends = (one.subject and one.subject.id, one.object and one.object.id)
            if (self._record.own and self._record.own in ends) or changed.id in self._record.barring:
                return _faulty(one, Finding("TIE_OF_ONESELF", row.sheet, row.cell(TieColumn.KIND)))
            self._taken.add(changed.id)
            return _of(one, Outcome.CHANGED, changed, _changes(changed, one))
        other = next((tie for tie in standing if overlap(row, tie)), None)
        if other is not None:
            facts = {
                "origin": other.origin.value,
                "source": other.source,
                "span": span_text(other.from_on, other.to_on),
            }
            return _with(one, Finding("SOURCES_DIFFER", row.sheet, row.cell(TieColumn.KIND), facts))
        return one

    @staticmethod
    def _mine(one: ComparedTie, tie: KnownTie) -> bool:
        return tie.origin is Origin.IMPORTED and tie.source == one.source and "/" not in tie.id

    def _end(self, row: TieRow, which: str, end: End) -> Met | Finding | Question:
        if end.key:
            at = (end.key, end.types)
            if at not in self._met:
                self._met[at] = self._by_key(row, end)
            met = self._met[at]
            if isinstance(met, Finding):
                if end.loose and end.name and _MATTER not in end.types:
                    return self._by_answer(row, which, end)
                return Finding(met.code, row.sheet, end.cell, met.facts)
            if not met.id and not met.name:
                if not end.name:
                    return Finding("TIE_NAME_MISSING", row.sheet, end.cell)
                met = self._met[at] = Met("", met.type, end.name, met.identity, met.credit_code, met.token)
            return met
        return self._by_answer(row, which, end)

    def _by_key(self, row: TieRow, end: End) -> Met | Finding:
        """Return who or what a number or code stands for; a finding where it stands for nothing."""
        known, text = self._record.keys, end.key.strip()
        spelt = (text, text.upper())
        found = [(type_, known[type_, one]) for type_ in sorted(end.types) for one in spelt if (type_, one) in known]
        named = self._record.nodes.get(_id_of(text))
        if named is not None and named.type in end.types:
            found.append((named.type, named.id))
        fresh: list[Met] = []
        refused: list[ValueRefused] = []
        if _ORGANISATION in end.types:
            try:
                code = read_credit_code(text)
            except ValueRefused as wrong:
                refused.append(wrong)
            else:
                if (_ORGANISATION, code) in known:
                    found.append((_ORGANISATION, known[_ORGANISATION, code]))
                else:
                    fresh.append(Met("", _ORGANISATION, "", credit_code=code, token=f"code:{code}"))
        if _PERSON in end.types:
            try:
                identity = read_identity(text)
            except ValueRefused as wrong:
                refused.append(wrong)
            else:
                key = self._key_of(identity)
                if (_PERSON, key) in known:
                    found.append((_PERSON, known[_PERSON, key]))
                else:
                    fresh.append(Met("", _PERSON, "", identity=identity, token=f"hash:{key}"))
        ids = {id_ for _, id_ in found}
        if len(ids) == 1:
            node = self._record.nodes[ids.pop()]
            return Met(node.id, node.type, node.name)
        if len(ids) > 1 or (not ids and len(fresh) > 1):
            return Finding("TIE_KEY_AMBIGUOUS", row.sheet, end.cell)
        if fresh:
            return fresh[0]
        if end.types == {_MATTER}:
            return Finding("MATTER_NOT_FOUND", row.sheet, end.cell)
        if len(refused) == 1 and _MATTER not in end.types and SEVERITIES[refused[0].code] is Severity.ERROR:
            return Finding(refused[0].code, row.sheet, end.cell, refused[0].facts)
        return Finding("TIE_KEY_UNREADABLE", row.sheet, end.cell)

    def _by_answer(self, row: TieRow, which: str, end: End) -> Met | Finding | Question:
        """Return what a person said a bare name means, or the question."""
        if end.types == {_MATTER}:
            return Finding("MATTER_NOT_FOUND", row.sheet, end.cell)
        name = comparable(end.name)
        meant = [node for type_ in sorted(end.types) for node in self._by_name.get((type_, name), ())]
        person = _PERSON in end.types and (_ORGANISATION not in end.types or any(n.type is _PERSON for n in meant))
        key = f"{row.key}:{which}" if person else f"unit:{name}"
        said = self._answers.get(key, SKIP)
        chosen = next((node for node in meant if node.id == said), None)
        if chosen is not None:
            return Met(chosen.id, chosen.type, chosen.name)
        if said == NEW and not (_PERSON in end.types and _ORGANISATION in end.types):
            if person:
                return Met("", _PERSON, end.name, token=key)
            return Met("", _ORGANISATION, end.name, token=key)
        return Question(key, end.name, end.types, tuple(meant[:_HINTS_AT_MOST]), said)

    def _remarks(self, row: TieRow, end: End, met: Met | Question | Finding) -> list[Finding]:
        if not isinstance(met, Met):
            return []
        if not met.id:
            code = "TIE_PERSON_NEW" if met.type is _PERSON else "TIE_UNIT_NEW"
            return [Finding(code, row.sheet, end.cell, {"name": met.name})]
        node = self._record.nodes[met.id]
        if (
            end.name
            and met.type is not _MATTER
            and comparable(end.name) not in map(comparable, (node.name, *node.other_names))
        ):
            return [Finding("TIE_NAME_DIFFERS", row.sheet, end.cell, {"written": end.name, "known": node.name})]
        return []


def overlap(one: TieRow | KnownTie, other: TieRow | KnownTie) -> bool:
    """Return whether two ties have a day in common."""
    return (one.from_on or date.min) <= (other.to_on or date.max) and (other.from_on or date.min) <= (
        one.to_on or date.max
    )


def span_text(from_on: date | None, to_on: date | None) -> str:
    """Return two days as one text, for facts of findings and for changes."""
    return f"{from_on or ''}/{to_on or ''}"


def _says(tie: TieRow | KnownTie) -> tuple[object, ...]:
    return tie.from_on, tie.to_on, tie.share, tie.relation, tie.stance


def _changes(tie: KnownTie, one: ComparedTie) -> tuple[TieChange, ...]:
    row = one.row
    pairs = (
        (TieColumn.FROM_ON, tie.from_on, row.from_on),
        (TieColumn.TO_ON, tie.to_on, row.to_on),
        (TieColumn.SHARE, _share(tie.share), _share(row.share)),
        (TieColumn.RELATION, tie.relation, row.relation),
        (TieColumn.STANCE, tie.stance, row.stance),
        (TieColumn.CONFIDENCE, tie.confidence, one.confidence),
        (TieColumn.EVIDENCE, tie.evidence, row.evidence or tie.evidence),
    )
    return tuple(
        TieChange(column, str(before or ""), str(after or "")) for column, before, after in pairs if before != after
    )


def _share(share: tuple[int, int] | None) -> str:
    return f"{share[0]}/{share[1]}" if share else ""


def _id_of(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _with(one: ComparedTie, finding: Finding, outcome: Outcome | None = None) -> ComparedTie:
    return replace(one, row=one.row.noting(finding), outcome=outcome or one.outcome)


def _faulty(one: ComparedTie, finding: Finding) -> ComparedTie:
    return _with(one, finding, Outcome.ERROR)


def _of(one: ComparedTie, outcome: Outcome, tie: KnownTie, changes: tuple[TieChange, ...] = ()) -> ComparedTie:
    return replace(one, outcome=outcome, fact_id=tie.id, version=tie.version, changes=changes)
