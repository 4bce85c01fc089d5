"""Pages of the ledger: what was recorded, whether it still is as it was written, and proofs to take away."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from service import ledger
from service.access import Viewer
from service.actions.act import Act
from service.clock import CHINA
from service.jobs import Job, enqueue, job, newest_job
from service.jobs.ledger_check import VERIFY
from service.ledger import Entry, NoSuchEntry
from service.problems import Fault, Invalid, NotFound
from service.storage.accounts import names_of
from service.storage.session import Session, reading
from service.storage.staff_bars import barred_matters
from service.web.entry import perform, viewer_of
from service.web.forms import id_of
from service.web.pages import fragment, page, see_other
from service.web.work import wake

AnyRequest = Request[Any, Any, Any]
_A_PAGE = 50
Stream = Annotated[str, QueryParameter(max_length=150, description="only this stream, such as matter:ID")]
Type = Annotated[
    str, QueryParameter(name="type", max_length=60, description="only this type; `panel.` takes a subject")
]
Day = Annotated[str, QueryParameter(name="on", max_length=10, description="only this day in China, such as 2026-09-14")]
Before = Annotated[int, QueryParameter(ge=0, le=2**53, description="only entries before this number; 0 for the newest")]


@get("/ledger", opt={"operation": "ledger:see"}, include_in_schema=False)
async def ledger_page(
    request: AnyRequest, stream: Stream = "", type_: Type = "", on: Day = "", before: Before = 0
) -> Response[Any]:
    """Show the record, newest first, with its checkpoint and the last verification."""
    faults: list[Fault] = []
    try:
        from_at, to_at = span_of(on)
    except Invalid as problem:
        faults, from_at, to_at = list(problem.faults), None, None
    async with reading(request.app.state.database) as session:
        entries = await ledger.page(
            session,
            before=before or None,
            most=_A_PAGE + 1,
            stream=stream.strip(),
            type_=type_.strip(),
            from_at=from_at,
            to_at=to_at,
            without=await barred_matters(session, viewer_of(request)),
        )
        head, note = await ledger.head(session), await ledger.newest_checkpoint(session)
        known, names = await ledger.types(session), await _names(session, entries)
        verified = await newest_job(session, VERIFY)
    return page(
        request,
        "ledger/ledger.html",
        entries=entries[:_A_PAGE],
        older=entries[_A_PAGE - 1].seq if len(entries) > _A_PAGE else 0,
        names=names,
        head=head,
        checkpoint=ledger.read_checkpoint(note) if note else None,
        types=known,
        filters={"stream": stream, "type": type_, "on": on},
        faults=faults,
        job=_live(request, verified),
        verifier=ledger.verifier_key(head.origin, request.app.state.secrets.ledger_key()) if head else "",
    )


@get("/ledger/{seq:int}", opt={"operation": "ledger:see"}, include_in_schema=False)
async def entry_page(request: AnyRequest, seq: FromPath[int]) -> Response[Any]:
    """Show one entry in full."""
    async with reading(request.app.state.database) as session:
        entry = await known_entry(session, viewer_of(request), seq)
        names = await _names(session, [entry])
    value = json.dumps(entry.value(), ensure_ascii=False, indent=2)
    return page(request, "ledger/entry.html", entry=entry, value=value, names=names, leaf=entry.leaf.hex())


@get("/ledger/{seq:int}/proof", opt={"operation": "ledger:see"}, include_in_schema=False)
async def proof_file(request: AnyRequest, seq: FromPath[int]) -> Response[bytes]:
    """Hand out the proof of an entry as a file."""
    async with reading(request.app.state.database) as session:
        proof = await known_proof(session, viewer_of(request), seq)
    content = json.dumps(proof, ensure_ascii=False, indent=2).encode()
    return _file(content, f"ledger-proof-{seq}.json", "application/json")


@get("/ledger/checkpoint", opt={"operation": "ledger:see"}, include_in_schema=False)
async def checkpoint_file(request: AnyRequest) -> Response[bytes]:
    """Hand out the newest signed checkpoint as a file, to be kept elsewhere."""
    async with reading(request.app.state.database) as session:
        note = await ledger.newest_checkpoint(session)
    if note is None:
        raise NotFound(subject="checkpoint")
    return _file(note.encode(), f"ledger-{ledger.read_checkpoint(note).size}.txt", "text/plain; charset=utf-8")


@post("/ledger/verify", opt={"operation": "ledger:verify"}, include_in_schema=False)
async def verify_form(request: AnyRequest) -> Response[Any]:
    """Begin to verify the whole record."""

    async def do(act: Act) -> Response[Any]:
        await begin_verification(act)
        return see_other("/ledger#verification")

    answer = await perform(request, "ledger:verify", do)
    wake(request)
    return answer


@get("/ledger/verification", opt={"operation": "ledger:see"}, include_in_schema=False)
async def verification_part(request: AnyRequest) -> Response[Any]:
    """Show how far the verification is, for the page that asks every second."""
    async with reading(request.app.state.database) as session:
        verified = await newest_job(session, VERIFY)
    return fragment(request, "ledger/verification.html", job=_live(request, verified))


async def begin_verification(act: Act) -> Job:
    """Queue a verification of the whole ledger, unless one is under way; return its job."""
    act.require("ledger:verify")
    running = await newest_job(act.session, VERIFY)
    if running is not None and not running.ended:
        return running
    begun = await job(
        act.session, await enqueue(act.session, VERIFY, {}, run_at=act.at, account_id=act.viewer.account_id)
    )
    if begun is None:
        raise RuntimeError("a job that was queued is not there")
    return begun


def _live(request: AnyRequest, found: Job | None) -> Mapping[str, Any] | None:
    """Return what the page shows of a verification: fresher from memory than from its row while it runs here."""
    if found is None:
        return None
    worker = getattr(request.app.state, "worker", None)
    live = worker.live(found.id) if worker is not None and not found.ended else None
    done, total = (live.done, live.total) if live else (found.progress, found.total)
    return {"state": found.state, "ended": found.ended, "done": done, "total": total or 0, "result": found.result,
            "at": found.finished_at, "code": found.code}  # fmt: skip


def span_of(text: str) -> tuple[datetime | None, datetime | None]:
    """Return begin and end (exclusive) of a day in China as instants; of an empty text, no bounds.

    Raises:
        Invalid: when the text is no day.
    """
    if not text:
        return None, None
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise Invalid([Fault("on", "FIELD_NOT_A_DAY")]) from None
    begins = datetime.combine(on, time(), CHINA).astimezone(UTC)
    return begins, begins + timedelta(days=1)


async def _names(session: Session, entries: list[Entry]) -> dict[str, str]:
    """Return account id -> name for whoever acted, as text; only people with an account of this installation."""
    ids = {value for entry in entries if (value := id_of(entry.value()["actor"].get("id", ""))) is not None}
    return {str(account_id): name for account_id, name in (await names_of(session, ids)).items()}


async def known_entry(session: Session, viewer: Viewer, seq: int) -> Entry:
    """Return an entry.

    Raises:
        NotFound: when there is none of that number, or it is about a matter that is not for the viewer.
    """
    try:
        entry = await ledger.entry(session, seq)
    except NoSuchEntry:
        raise NotFound(subject=f"ledger:{seq}") from None
    if ledger.names_any(entry, await barred_matters(session, viewer)):
        raise NotFound(subject=f"ledger:{seq}")
    return entry


async def known_proof(session: Session, viewer: Viewer, seq: int) -> dict[str, Any]:
    """Return the proof of an entry.

    Raises:
        NotFound: as for `known_entry`.
    """
    await known_entry(session, viewer, seq)
    try:
        return await ledger.prove(session, seq)
    except NoSuchEntry:
        raise NotFound(subject=f"ledger:{seq}") from None


def _file(content: bytes, name: str, media_type: str) -> Response[bytes]:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


ROUTES = [
    ledger_page,
    entry_page,
    proof_file,
    checkpoint_file,
    verify_form,
    verification_part,
]
