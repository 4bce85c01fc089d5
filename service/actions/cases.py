"""Cases about experts: opened by an event, the expert heard, decided by the director, never by itself."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from registry import (
    CITES,
    CONFIDENTIAL_GROUNDS,
    Ground,
    Measure,
    RefusalReason,
    Ruling,
    State,
    one_line,
    state_after,
    why_not_opened,
    why_not_ruled,
)
from service.actions.act import Act, commit_to, same_version
from service.actions.candidates import refusals_of
from service.actions.certificates import withdraw_certificates
from service.actions.own_affair import not_own
from service.actions.reason import REASON_MOST, reason_faults
from service.problems import Fault, Invalid, NotFound, Refusal, Refused, Remedy
from service.storage.acts import note_read
from service.storage.cases import HeldCase, NewCase, change_case, hold_case, load_case, put_case, running_case
from service.storage.expert_writing import HeldExpert, hold_expert, keep_text, put_state
from service.storage.review import person_of_expert

_STATEMENT_MOST: Final = 4000
_DOCUMENT_MOST: Final = 60
_LEFT: Final = frozenset({State.WITHDRAWN, State.DISMISSED, State.STRUCK_OFF, State.MERGED})
EVENT_OF: Final = {
    State.SUSPENDED: "expert.suspended",
    State.ACTIVE: "expert.resumed",
    State.DISMISSED: "expert.dismissed",
    State.WITHDRAWN: "expert.withdrawn",
    State.STRUCK_OFF: "expert.struck_off",
}
"""How an expert stands -> what the ledger calls it."""


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """A case to open, as typed.

    Attributes:
        ground: one of `registry.Ground`.
        evidence: what happened; sealed for health and discipline.
        refusal: one of `registry.Refusal`, for the ground of refusing alone.
    """

    ground: str
    evidence: str = field(repr=False)
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class RulingEntry:
    """What the director decides, as typed.

    Attributes:
        measure: one of `registry.Measure`.
        reason: of the decision.
        document: number of a document, may be empty.
        grave: whether a breach had serious consequences.
        rectify_by: last day for putting it right.
    """

    measure: str
    reason: str
    document: str = ""
    grave: bool = False
    rectify_by: date | None = None


async def open_case(act: Act, expert_id: UUID, entry: CaseEntry, *, seen: int) -> UUID:
    """Open a case about an expert, who from now on is under review and not drawn.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault of the input.
        Refused: CASE_WITHOUT_EVENT; REFUSAL_OBJECTIVE; CASE_RUNNING; EXPERT_LEFT.

    Source: A26, A70. Reading: U10.
    """
    act.require("case:open")
    held = await hold_expert(act.session, expert_id)
    same_version(seen, held.version, subject=f"expert:{expert_id}")
    return await _open(act, held, entry)


async def resign(act: Act, expert_id: UUID, *, reason: str, seen: int) -> UUID:
    """Ask to leave the library by own wish; the director lets go (A26.5).

    Raises:
        NotFound: when the expert is somebody else.
        Stale: as everywhere.
        Invalid: when the reason is missing or too long.
        Refused: CASE_RUNNING; EXPERT_LEFT.

    Source: A26.5.
    """
    held = await hold_expert(act.session, expert_id)
    if held.person_id != act.viewer.person_id:
        raise NotFound(subject="expert")
    act.require("expert:resign", ("own",))
    same_version(seen, held.version, subject=f"expert:{expert_id}")
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    return await _open(act, held, CaseEntry(Ground.WITHDREW, reason))


async def add_statement(act: Act, case_id: UUID, *, text: str, seen: int) -> None:
    """Add the expert's statement: by the expert, or by the center from paper.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when it is missing or too long.
        Refused: CASE_CLOSED once the director has decided; STATED_ALREADY.
    """
    row = await _held(act, case_id, seen)
    view = await load_case(act.session, act.viewer, case_id)
    act.require("case:state", ("own",) if view.own else ())
    words = text.strip()
    if not words:
        raise Invalid([Fault("statement", "FIELD_REQUIRED")])
    if len(words) > _STATEMENT_MOST:
        raise Invalid([Fault("statement", "FIELD_TOO_LONG", {"most": _STATEMENT_MOST, "length": len(words)})])
    _running(row)
    if row.stated_on is not None:
        raise Refused([Refusal("STATED_ALREADY")])
    await change_case(act.session, case_id, statement=words, stated_on=act.on)
    act.record("case.stated", stream=f"case:{case_id}", body={"by_expert": view.own}, cites=(_cite(row),))


async def decide_case(act: Act, case_id: UUID, entry: RulingEntry, *, seen: int) -> None:
    """Decide a case as the committee's director: keep, adjust, dismiss, let go; for a breach the measures of A70.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault of the input.
        Refused: MEASURE_UNFIT; STATEMENT_OPEN; STRIKING_OFF_NOT_GRAVE; RECTIFICATION_WITHOUT_DATE; CASE_CLOSED;
            OWN_AFFAIR.

    Source: A26, A70.
    """
    act.require("case:decide")
    row = await _held(act, case_id, seen)
    not_own(act, [await person_of_expert(act.session, row.expert_id)])
    faults = reason_faults(act.policy, "reason", entry.reason)
    if entry.measure not in set(Measure):
        faults.append(Fault("measure", "FIELD_NOT_A_CHOICE" if entry.measure else "FIELD_REQUIRED"))
    document = one_line(entry.document)
    if len(document) > _DOCUMENT_MOST:
        faults.append(Fault("document", "FIELD_TOO_LONG", {"most": _DOCUMENT_MOST, "length": len(document)}))
    if faults:
        raise Invalid(faults)
    _running(row)
    ruling = Ruling(Measure(entry.measure), entry.grave, entry.rectify_by)
    broken = why_not_ruled(
        row.ground,
        ruling,
        on=act.on,
        stated=row.stated_on is not None or row.state == "rectifying",
        state_until_on=row.state_until_on,
    )
    if broken:
        raise Refused(refusals_of(act, broken))
    rectifying = ruling.measure is Measure.RECTIFY
    await change_case(
        act.session,
        case_id,
        state="rectifying" if rectifying else "closed",
        measure=ruling.measure.value,
        grave=ruling.grave,
        rectify_by=ruling.rectify_by if rectifying else row.rectify_by,
        reason=entry.reason.strip(),
        document=document,
        decided_on=act.on,
        decided_by=act.viewer.person_id,
        closed_on=None if rectifying else act.on,
    )
    digest, salt = commit_to(entry.reason.strip())
    keep_text(act.session, f"case:{case_id}", sha256=digest, salt=salt, text=entry.reason.strip())
    act.record(
        "case.decided",
        stream=f"case:{case_id}",
        body={
            "measure": ruling.measure.value,
            "rectify_by": ruling.rectify_by.isoformat() if ruling.rectify_by and rectifying else None,
            "reason_sha256": digest,
        },
        cites=(_cite(row), "A26"),
        edition=act.edition.id,
    )
    await _follow(act, row, state_after(ruling.measure))


async def confirm_rectified(act: Act, case_id: UUID, *, reason: str, seen: int) -> None:
    """Enter that a breach was put right; the expert is no longer under review, the mark stays.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the reason is missing or too short.
        Refused: NOTHING_TO_RECTIFY; OWN_AFFAIR.

    Source: A70.
    """
    act.require("case:open")
    row = await _held(act, case_id, seen)
    not_own(act, [await person_of_expert(act.session, row.expert_id)])
    if faults := reason_faults(act.policy, "rectified", reason):
        raise Invalid(faults)
    if row.state != "rectifying":
        raise Refused([Refusal("NOTHING_TO_RECTIFY")])
    await change_case(act.session, case_id, state="closed", closed_on=act.on)
    digest, salt = commit_to(reason.strip())
    keep_text(act.session, f"case:{case_id}", sha256=digest, salt=salt, text=reason.strip())
    act.record(
        "case.rectified",
        stream=f"case:{case_id}",
        body={"reason_sha256": digest, "late": row.rectify_by is not None and act.on > row.rectify_by},
        cites=("A70",),
        edition=act.edition.id,
    )
    await _follow(act, row, State.ACTIVE)


async def read_case_evidence(act: Act, case_id: UUID, *, reason: str) -> str:
    """Return confidential evidence of a case in words; the look is noted with its reason, whoever looks.

    Raises:
        NotFound: when there is no such case, or it is not the viewer's to know.
        Invalid: when the reason is missing or too short, or nothing is kept.
    """
    view = await load_case(act.session, act.viewer, case_id)
    act.require("case:read-evidence", ("own",) if view.own else ())
    faults = reason_faults(act.policy, "reason", reason)
    if view.sealed is None:
        faults.append(Fault("evidence", "NOTHING_KEPT"))
    if faults or view.sealed is None:
        raise Invalid(faults)
    note_read(
        act.session,
        at=act.at,
        account_id=act.viewer.account_id,
        what="case",
        subject=f"expert:{view.expert_id}",
        reason=one_line(reason),
    )
    return act.keys.decrypt(view.sealed, about=f"expert:{view.expert_id}:case")


async def open_case_for(
    act: Act, held: HeldExpert, ground: Ground, *, evidence: str, refusal: RefusalReason | None
) -> UUID:
    """Open a case for an occurrence that the center has judged; a refusal it found not objective, whatever was coded.

    Raises:
        Refused: CASE_RUNNING; EXPERT_LEFT.

    Source: A26, A70. Reading: U10.
    """
    act.require("case:open")
    return await _open(act, held, CaseEntry(ground, evidence, refusal.value if refusal else ""), classified=True)


async def lapse_case(act: Act, case_id: UUID) -> None:
    """Close a case whose event turned out to be none, before the director has decided; the expert is drawn again.

    Raises:
        Refused: CASE_CLOSED once the director has decided.

    Source: A26. That a case falls with its event is our choice.
    """
    row = await hold_case(act.session, case_id)
    if row.state != "open":
        raise Refused([Refusal("CASE_CLOSED")])
    await change_case(act.session, case_id, state="closed", closed_on=act.on)
    act.record("case.lapsed", stream=f"case:{case_id}", body={}, cites=(_cite(row),), edition=act.edition.id)
    await _follow(act, row, State.ACTIVE)


async def _open(act: Act, held: HeldExpert, entry: CaseEntry, *, classified: bool = False) -> UUID:
    faults = []
    if entry.ground not in set(Ground):
        faults.append(Fault("ground", "FIELD_NOT_A_CHOICE" if entry.ground else "FIELD_REQUIRED"))
    if entry.refusal and entry.refusal not in set(RefusalReason):
        faults.append(Fault("refusal", "FIELD_NOT_A_CHOICE"))
    words = entry.evidence.strip()
    if len(words) > REASON_MOST:
        faults.append(Fault("evidence", "FIELD_TOO_LONG", {"most": REASON_MOST, "length": len(words)}))
    if faults:
        raise Invalid(faults)
    ground = Ground(entry.ground)
    refusal = RefusalReason(entry.refusal) if entry.refusal and ground is Ground.REFUSED else None
    refusals = refusals_of(act, why_not_opened(ground, refusal=refusal, evidence=words, classified=classified))
    if held.state in _LEFT:
        refusals.append(Refusal("EXPERT_LEFT", facts={"state": held.state.value}))
    if running := await running_case(act.session, held.id):
        refusals.append(Refusal("CASE_RUNNING", remedies=(Remedy("SEE_CASE", f"/cases/{running}"),)))
    if refusals:
        raise Refused(refusals)
    sealed = None
    if ground in CONFIDENTIAL_GROUNDS:
        sealed, words = act.keys.encrypt(words, about=f"expert:{held.id}:case"), ""
    case_id, _ = await put_case(
        act.session,
        NewCase(
            expert_id=held.id,
            ground=ground,
            refusal=refusal,
            evidence=words,
            sealed=sealed,
            opened_on=act.on,
            opened_by=act.viewer.person_id,
            state_until_on=act.on + timedelta(days=act.policy.library.statement_days),
        ),
        at=act.at,
    )
    act.record(
        "case.opened",
        stream=f"case:{case_id}",
        body={"expert": str(held.id), "ground": "" if ground in CONFIDENTIAL_GROUNDS else ground.value},
        cites=("A70",) if ground is Ground.BREACH else ("A26",),
        edition=act.edition.id,
    )
    await put_state(act.session, held.id, State.SUSPENDED, since_on=act.on)
    act.record(
        EVENT_OF[State.SUSPENDED],
        stream=f"expert:{held.id}",
        body={"case": str(case_id), "since_on": act.on.isoformat()},
        cites=("A70",) if ground is Ground.BREACH else ("A26",),
        edition=act.edition.id,
    )
    return case_id


async def _follow(act: Act, row: HeldCase, state: State) -> None:
    """Let the expert stand as the decision says, from today on."""
    if state is State.SUSPENDED:
        return
    await put_state(act.session, row.expert_id, state, since_on=None if state is State.ACTIVE else act.on)
    if state in _LEFT:
        await withdraw_certificates(act, await person_of_expert(act.session, row.expert_id), why="dismissed")
    act.record(
        EVENT_OF[state],
        stream=f"expert:{row.expert_id}",
        body={"case": str(row.id), "since_on": act.on.isoformat()},
        cites=("A70",) if row.ground is Ground.BREACH else ("A26",),
        edition=act.edition.id,
    )


def _running(row: HeldCase) -> None:
    if row.state == "closed":
        raise Refused([Refusal("CASE_CLOSED")])


def _cite(row: HeldCase) -> str:
    # Which item of A26 it is would tell what is confidential.
    return "A26" if row.ground in CONFIDENTIAL_GROUNDS else CITES[row.ground]


async def _held(act: Act, case_id: UUID, seen: int) -> HeldCase:
    await load_case(act.session, act.viewer, case_id)
    row = await hold_case(act.session, case_id)
    same_version(seen, row.version, subject=f"case:{case_id}")
    return row
