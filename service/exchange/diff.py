"""A roster against the library: what is new, what changed field by field, what is the same, what needs a person."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from registry import Appointment, ExpertField, Identity, State, comparable
from service.exchange.finding import Finding
from service.exchange.headings import Column
from service.exchange.row import RosterRow


@dataclass(frozen=True, slots=True)
class KnownOrganisation:
    """An organisation of the library: its present name, every other name it has or had, its credit code."""

    id: str
    name: str
    other_names: tuple[str, ...] = ()
    credit_code: str = ""


@dataclass(frozen=True, slots=True)
class KnownExpert:
    """An expert of the library, as far as a roster can say something about one.

    Attributes:
        id: the expert.
        person_key: keyed hash of the identity; empty for an unidentified person.
        version: changes whenever anything below does.
        unit_id: the current main employer; empty without one.
        terms: all terms.
    """

    id: str
    person_key: str
    version: str
    name: str
    sex: str = ""
    born_on: date | None = None
    unit_id: str = ""
    post: str = ""
    title: str = ""
    title_level: str = "none"
    fields: tuple[ExpertField, ...] = ()
    phone: str = ""
    email: str = ""
    terms: tuple[Appointment, ...] = ()
    source: str = ""
    state: State = State.ACTIVE


@dataclass(frozen=True, slots=True)
class Library:
    """What the library holds at one moment."""

    experts: tuple[KnownExpert, ...] = ()
    organisations: tuple[KnownOrganisation, ...] = ()


class Outcome(StrEnum):
    """What a row would do to the library."""

    NEW = "new"
    CHANGED = "changed"
    IDENTICAL = "identical"
    HINT = "hint"
    ERROR = "error"


class Decision(StrEnum):
    """What a person says about a hint: leave the row out, it is another person, or it is the one in the library."""

    SKIP = "skip"
    NEW = "new"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that would change: the column, what the library says, what the roster says."""

    column: Column
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Somebody in the library, or an earlier row, who may be the same person.

    Attributes:
        expert_id: the expert; empty for an earlier row.
        cell: the earlier row's name cell; empty for an expert.
        same_unit: whether the units agree as well as the names.
        identified: whether the other one has an identity number; then it can only be another person or a mistake.
    """

    expert_id: str = ""
    cell: str = ""
    same_unit: bool = False
    identified: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """One row compared with the library.

    Attributes:
        row: the row, with findings of the comparison added.
        outcome: what it would do.
        expert_id: the expert it is about; empty when new.
        version: version of that expert that was compared with; empty when new.
        unit_id: the organisation that the unit is; empty when it would be new or none is stated.
        changes: what would change, in the order of the columns; for a new expert empty.
        hints: who may be the same person.
    """

    row: RosterRow
    outcome: Outcome
    expert_id: str = ""
    version: str = ""
    unit_id: str = ""
    changes: tuple[Change, ...] = ()
    hints: tuple[Hint, ...] = ()


def compare(
    rows: Sequence[RosterRow],
    library: Library,
    *,
    key_of: Callable[[Identity], str],
    decisions: Mapping[str, Decision] | None = None,
) -> tuple[Compared, ...]:
    """Return every row compared with the library, in order.

    A person is known by the identity number alone. A name only gives hints: the same name and unit with another
    number, or a row without a number whose name is known. A hint changes nothing until a person decides. A blank
    cell, or a column that the roster does not have, never empties what the library knows; a coarser field (水利
    where the library knows 57025) is no change either.

    Args:
        rows: rows of the roster.
        library: what is known.
        key_of: keyed hash of an identity.
        decisions: what people said about hints, by `row_key`; SAME needs exactly one hint that is not identified.
    """
    comparison = _Comparison(library, key_of, decisions or {})
    return tuple(comparison.compare(row) for row in rows)


def row_key(row: RosterRow) -> str:
    """Return the name of a row by which decisions are kept: sheet and row."""
    return f"{row.sheet}!{row.number}"


class _Comparison:
    def __init__(self, library: Library, key_of: Callable[[Identity], str], decisions: Mapping[str, Decision]) -> None:
        self._key_of = key_of
        self._decisions = decisions
        self._by_key = {expert.person_key: expert for expert in library.experts if expert.person_key}
        self._by_name: dict[str, list[KnownExpert]] = defaultdict(list)
        for expert in library.experts:
            self._by_name[comparable(expert.name)].append(expert)
        self._units = Units(library.organisations)
        self._earlier: dict[tuple[str, str], RosterRow] = {}

    def compare(self, row: RosterRow) -> Compared:
        unit_id, row = self._units.find(row)
        if row.faulty:
            return Compared(row, Outcome.ERROR, unit_id=unit_id)
        key = self._key_of(row.identity) if row.identity else ""
        known = self._by_key.get(key) if key else None
        if known is None:
            hints = self._hints(row, unit_id)
            decision = self._decisions.get(row_key(row))
            open_ones = [hint for hint in hints if hint.expert_id and not hint.identified]
            if hints and decision is Decision.SAME and len(open_ones) == 1:
                known = next(e for e in self._by_name[comparable(row.name)] if e.id == open_ones[0].expert_id)
            elif hints and decision is not Decision.NEW:
                return Compared(row, Outcome.HINT, unit_id=unit_id, hints=hints)
        if known is None:
            return Compared(row, Outcome.NEW, unit_id=unit_id)
        return self._against(row, known, unit_id)

    def _hints(self, row: RosterRow, unit_id: str) -> tuple[Hint, ...]:
        name = comparable(row.name)
        hints = []
        for expert in self._by_name.get(name, ()):
            same_unit = bool(unit_id) and expert.unit_id == unit_id
            if same_unit or not row.identity or not expert.person_key:
                hints.append(Hint(expert.id, "", same_unit, bool(expert.person_key)))
        earlier = self._earlier.setdefault((name, comparable(row.unit)), row)
        if earlier is not row and (row.unit or not row.identity or not earlier.identity):
            hints.append(Hint("", earlier.cell(Column.NAME), same_unit=True, identified=bool(earlier.identity)))
        return tuple(hints)

    def _against(self, row: RosterRow, known: KnownExpert, unit_id: str) -> Compared:
        changes = list(self._changes(row, known, unit_id))
        term = _term_change(row, known)
        if isinstance(term, Finding):
            row = row.with_finding(term)
        elif term:
            changes.append(term)
        row = _judged_by_state(row, known, new_term=term is not None)
        if comparable(row.name) != comparable(known.name):
            row = row.with_finding(Finding("NAME_DIFFERS", row.sheet, row.cell(Column.NAME)))
        outcome = Outcome.ERROR if row.faulty else Outcome.CHANGED if changes else Outcome.IDENTICAL
        return Compared(row, outcome, known.id, known.version, unit_id, tuple(changes))

    def _changes(self, row: RosterRow, known: KnownExpert, unit_id: str) -> Iterable[Change]:
        if row.identity and not known.person_key:
            yield Change(Column.IDENTITY, "", row.identity.masked)
        if row.name != known.name:
            yield Change(Column.NAME, known.name, row.name)
        if row.sex and row.sex != known.sex:
            yield Change(Column.SEX, known.sex, row.sex)
        if row.born_on and row.born_on != known.born_on:
            yield Change(Column.BORN_ON, known.born_on.isoformat() if known.born_on else "", row.born_on.isoformat())
        if row.unit and (not unit_id or unit_id != known.unit_id):
            yield Change(Column.UNIT, self._units.name(known.unit_id), row.unit)
        for column, before, after in (
            (Column.POST, known.post, row.post),
            (Column.TITLE, known.title, row.title),
            (Column.PHONE, known.phone, row.phone.number if row.phone else ""),
            (Column.EMAIL, known.email, row.email),
            (Column.SOURCE, known.source, row.source),
        ):
            if after and after != before:
                yield Change(column, before, after)
        if row.title and row.title == known.title and row.title_level.value not in ("none", known.title_level):
            yield Change(Column.TITLE_LEVEL, known.title_level, row.title_level.value)
        if row.fields and not _fields_covered(row.fields, known.fields):
            yield Change(Column.FIELDS, _listed(known.fields), _listed(row.fields))


class Units:
    """Finds the organisation that a roster means: by credit code, else by any of its names."""

    def __init__(self, organisations: Iterable[KnownOrganisation]) -> None:
        """Index the organisations."""
        self._by_code: dict[str, KnownOrganisation] = {}
        self._by_id: dict[str, KnownOrganisation] = {}
        self._by_name: dict[str, set[str]] = defaultdict(set)
        self._fresh: dict[str, str] = {}
        for organisation in organisations:
            self._by_id[organisation.id] = organisation
            if organisation.credit_code:
                self._by_code[organisation.credit_code] = organisation
            for name in (organisation.name, *organisation.other_names):
                self._by_name[comparable(name)].add(organisation.id)

    def name(self, organisation_id: str) -> str:
        """Return the present name of an organisation, empty when it is not known."""
        known = self._by_id.get(organisation_id)
        return known.name if known else ""

    def find(self, row: RosterRow) -> tuple[str, RosterRow]:
        """Return the organisation's id, empty when none is known, and the row with what there is to say about it."""
        if not row.unit and not row.credit_code:
            return "", row
        named = self._by_name.get(comparable(row.unit), set())
        if coded := self._by_code.get(row.credit_code) if row.credit_code else None:
            if row.unit and coded.id not in named:
                return coded.id, row.with_finding(
                    Finding(
                        "CREDIT_CODE_OF_ANOTHER_UNIT", row.sheet, row.cell(Column.CREDIT_CODE), {"name": coded.name}
                    )
                )
            return coded.id, row
        if len(named) > 1:
            return "", row.with_finding(
                Finding("UNIT_AMBIGUOUS", row.sheet, row.cell(Column.UNIT), {"count": len(named)})
            )
        if named:
            return next(iter(named)), row
        earlier = self._fresh.setdefault(row.credit_code, row.unit) if row.credit_code else row.unit
        if comparable(earlier) != comparable(row.unit):
            return "", row.with_finding(
                Finding("CREDIT_CODE_OF_ANOTHER_UNIT", row.sheet, row.cell(Column.CREDIT_CODE), {"name": earlier})
            )
        return "", row.with_finding(Finding("UNIT_NEW", row.sheet, row.cell(Column.UNIT), {"name": row.unit}))


def _term_change(row: RosterRow, known: KnownExpert) -> Change | Finding | None:
    term = row.term
    if term is None:
        return None
    same_start = next((held for held in known.terms if held.starts_on == term.starts_on), None)
    others = [held for held in known.terms if held is not same_start]
    if any(term.overlaps(held) for held in others):
        return Finding("TERM_OVERLAPS", row.sheet, row.cell(Column.STARTS_ON))
    letter = term.letter_number or (same_start.letter_number if same_start else "")
    wanted = replace(term, letter_number=letter)
    if same_start == wanted:
        return None
    latest = same_start or max(known.terms, default=None)
    return Change(Column.TERM, _said(latest), _said(wanted))


def _judged_by_state(row: RosterRow, known: KnownExpert, *, new_term: bool) -> RosterRow:
    cell = row.cell(Column.NAME)
    if known.state is State.MERGED:
        return row.with_finding(Finding("EXPERT_IS_MERGED", row.sheet, cell))
    if known.state is State.STRUCK_OFF:
        return row.with_finding(Finding("EXPERT_IS_STRUCK_OFF", row.sheet, cell))
    if known.state in (State.WITHDRAWN, State.DISMISSED) and new_term:
        return row.with_finding(Finding("EXPERT_HAS_LEFT", row.sheet, cell, {"state": known.state.value}))
    if known.state is State.SUSPENDED:
        return row.with_finding(Finding("EXPERT_IS_SUSPENDED", row.sheet, cell))
    return row


def _fields_covered(stated: tuple[ExpertField, ...], known: tuple[ExpertField, ...]) -> bool:
    """Return whether the library says the same or says it more exactly, with the same main field."""
    if not known:
        return False
    main = next((held.code for held in known if held.main), "")
    first = next((said.code for said in stated if said.main), "")
    return (
        main.startswith(first)
        and all(any(held.code.startswith(said.code) for held in known) for said in stated)
        and all(any(held.code.startswith(said.code) for said in stated) for held in known)
    )


def _listed(fields: tuple[ExpertField, ...]) -> str:
    return " ".join(held.code for held in sorted(fields, key=lambda held: (not held.main, held.code)))


def _said(term: Appointment | None) -> str:
    if term is None:
        return ""
    return f"{term.starts_on.isoformat()}/{term.ends_on.isoformat()}" + (
        f" {term.letter_number}" if term.letter_number else ""
    )
