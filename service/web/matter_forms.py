"""The forms of matters: what they are read into, and the rows they show again."""

from typing import Any

from litestar import Request

from registry import DISCIPLINES, DOMAINS, field_name, is_field_code
from service.access import Viewer
from service.actions.matters import PARTY_ROLES, Opening, PartyEntry, tidy, title_faults
from service.locales import language
from service.problems import Invalid, Problem, Refused, Stale
from service.storage.matter_choices import find_organisation
from service.storage.session import Session
from service.web.forms import Form
from workflow import FLAGS, KINDS, SCOPES, Need, Seat

_BLANK_SEATS = 5
_BLANK_PARTIES = 3


async def read_opening(session: Session, viewer: Viewer, form: Form, *, floors: tuple[int, int]) -> Opening:
    """Return what a form asks to open; every fault is noted in it.

    A unit's clerk opens for the own unit; with a need to copy and no seat entered, the copy is taken.
    """
    form.faults += title_faults(tidy(form.typed("title")))
    flags = frozenset(form.choices("flags", FLAGS))
    unit_id = form.id("unit_id", required=True) if viewer.center else viewer.unit_id
    if unit_id is None and not viewer.center:
        form.fault("unit_id", "UNIT_NOT_OWN")
    copied_from = form.id("copied_from")
    need = read_need(form, flags, floors=floors)
    if copied_from is not None and not any(form.typed_all("field")) and not form.typed("size"):
        need = None
    return Opening(
        title=form.typed("title"),
        unit_id=unit_id or viewer.account_id,
        kind=form.choice("kind", KINDS),
        kind_reason=form.text("kind_reason", most=500),
        scope=form.choice("scope", SCOPES, default="in-scope"),
        parties=tuple(await read_parties(session, form)),
        adjusts=form.typed("adjusts") == "yes",
        parent_id=form.id("parent_id"),
        copied_from=copied_from,
        need=need,
        flags=flags,
    )


def read_need(form: Form, flags: frozenset[str], *, floors: tuple[int, int]) -> Need | None:
    """Read a need from a form's `size`, `reserves` and rows of `field` and `count`; None when nothing is entered.

    Args:
        form: rows whose field is empty are left out; every fault is noted in it.
        flags: ticked; an empty size means the floor that goes with them.
        floors: least members of a plain and of a complex matter.
    """
    seats = []
    rows = zip(form.typed_all("field"), form.typed_all("count"), strict=False)
    for place, (code, count) in enumerate(rows):
        if not code.strip():
            continue
        digits = count.strip() or "1"
        if not is_field_code(code.strip()):
            form.fault(f"seats.{place}.field", "FIELD_NOT_A_CHOICE")
        elif not digits.isascii() or not digits.isdigit() or len(digits) > 4:
            form.fault(f"seats.{place}.count", "FIELD_NOT_A_NUMBER", least=1, most=1000)
        else:
            seats.append(Seat(code.strip(), int(digits)))
    size = form.number("size", least=1, most=1000) if form.typed("size").strip() else None
    reserves = form.number("reserves", least=0, most=1000, default=0) or 0
    if size is None and not seats and not flags:
        return None
    return Need(size or max(floors[bool(flags)], sum(seat.count for seat in seats)), tuple(seats), (), reserves)


async def read_parties(session: Session, form: Form) -> list[PartyEntry]:
    """Return the organisations typed in rows of `party` and `party_role`, by name or credit code."""
    entries = []
    for place, (typed, role) in enumerate(zip(form.typed_all("party"), form.typed_all("party_role"), strict=False)):
        if not typed.strip():
            continue
        found = await find_organisation(session, typed)
        if len(found) != 1:
            form.fault(f"party.{place}", "PARTY_AMBIGUOUS" if found else "PARTY_UNKNOWN")
        elif role not in PARTY_ROLES:
            form.fault(f"party.{place}", "FIELD_NOT_A_CHOICE")
        else:
            entries.append(PartyEntry(organisation_id=found[0], role=role))
    return entries


def field_choices() -> tuple[tuple[str, str], ...]:
    """Return code and name of every field a seat can ask for: the county's domains first, then the disciplines."""
    return tuple((code, field_name(code, language=language())) for code in (*DOMAINS, *DISCIPLINES))


def seat_rows(form: Form, need: Need | None) -> list[tuple[str, str]]:
    """Return the rows of seats to show: those typed, else those of the need, and blank ones."""
    typed = [
        (code, count) for code, count in zip(form.typed_all("field"), form.typed_all("count"), strict=False) if code
    ]
    held = [] if need is None else [(seat.field, str(seat.count)) for seat in need.seats]
    return (typed if form.typed_all("field") else held) + [("", "1")] * _BLANK_SEATS


def party_rows(form: Form, held: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the rows of parties to show: those typed, else those held, and blank ones."""
    typed = [
        (name, role) for name, role in zip(form.typed_all("party"), form.typed_all("party_role"), strict=False) if name
    ]
    return (typed if form.typed_all("party") else held) + [("", "party")] * _BLANK_PARTIES


def say_field(code: str) -> str:
    """Return the name of a field in the reader's language."""
    return field_name(code, language=language())


def shown_again(form: Form, problem: Problem | None) -> dict[str, Any]:
    """Return what a page needs to show a form again."""
    return {
        "form": form,
        "faults": form.faults,
        "refusals": problem.refusals if isinstance(problem, Refused) else (),
        "moved": isinstance(problem, Stale),
    }


def keep_faults(form: Form, problem: Problem) -> None:
    """Keep in the form what was found wrong with it."""
    if isinstance(problem, Invalid):
        form.faults = list(problem.faults)


def floors_of(request: Request[Any, Any, Any]) -> tuple[int, int]:
    """Return the least members of a plain and of a complex matter, by the edition in force (A31)."""
    edition = request.app.state.edition
    return (edition.number("PANEL_TOO_SMALL", "floor"), edition.number("PANEL_TOO_SMALL", "complex_floor"))
