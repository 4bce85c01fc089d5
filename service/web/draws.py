"""The page of a matter's draws: freeze, commit, type the seed, propose what was drawn, go on, void."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from selection.draw import Source
from service.actions.act import Act
from service.actions.draw_commit import Committing, commit_draw
from service.actions.draw_freezing import discard_draft, freeze_draw
from service.actions.draw_seed import start_seed_again, type_seed
from service.actions.draw_succession import continue_draw
from service.actions.draw_voiding import challenge_draw, uphold_draw, void_draw
from service.actions.panels import propose_panel
from service.jobs import job
from service.problems import Fault, Invalid, Refused, Stale
from service.storage.draws import draft_work
from service.storage.session import reading
from service.web.draw_acts import commitment_from, drawn_from, succession_from, typed_from
from service.web.draw_desk import matter_with_draws
from service.web.draw_show import show_draw
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import fragment, see_other
from service.web.work import reached
from workflow import DECLINE_CAUSES, VOID_CAUSES

AnyRequest = Request[Any, Any, Any]
Do = Callable[[], Awaitable[Response[Any]]]


@get("/matters/{matter_id:uuid}/draw", opt={"operation": "draw:see"}, include_in_schema=False)
async def draw_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show where the draw of a matter stands, and every draw before."""
    return await show_draw(request, matter_id)


@get("/matters/{matter_id:uuid}/draw/progress", opt={"operation": "draw:see"}, include_in_schema=False)
async def progress(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Answer htmx with how far the lottery is; once it has ended, with the whole page."""
    async with reading(request.app.state.database) as session:
        matter, _ = await matter_with_draws(session, viewer_of(request), matter_id)
        state, job_id = await draft_work(session, matter_id) or ("", None)
        work = await job(session, job_id) if job_id else None
    if state != "computing" or (work and work.ended):
        return Response(b"", headers={"HX-Refresh": "true"})
    return fragment(request, "draw/progress.html", matter=matter, work=reached(request, work) if work else None)


@post("/matters/{matter_id:uuid}/draw/freeze", opt={"operation": "draw:run"}, include_in_schema=False)
async def freeze_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Freeze the problem and have the lottery computed."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        await freeze_draw(act, matter_id)

    return await _do(request, matter_id, form, "draw:run", act, "名单已冻结，正在计算每个人的机会")


@post("/matters/{matter_id:uuid}/draw/discard", opt={"operation": "draw:run"}, include_in_schema=False)
async def discard_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Forget a draft."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        await discard_draft(act, matter_id)

    return await _do(request, matter_id, form, "draw:run", act, "冻结的名单已放弃，没有提交任何承诺")


@post("/matters/{matter_id:uuid}/draw/commit", opt={"operation": "draw:run"}, include_in_schema=False)
async def commit_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Commit the draft."""
    form = await Form.of(request)

    async def do() -> Response[Any]:
        seen = await version_of(request)
        built = await commitment_from(request, matter_id, _committing(form))

        async def act(act: Act) -> Response[Any]:
            await commit_draw(act, request.app.state.residents, matter_id, built, seen=seen)
            return see_other(f"/matters/{matter_id}/draw", notice="已提交承诺，从现在起抽取不能再改")

        return await perform(request, "draw:run", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/draw/seed", opt={"operation": "draw:type-seed"}, include_in_schema=False)
async def seed_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Keep what the first person typed, or draw when the second typed the same."""
    form = await Form.of(request)
    back = f"/matters/{matter_id}/draw" + ("/ceremony" if form.typed("from") == "ceremony" else "")

    async def do() -> Response[Any]:
        seen = await version_of(request)
        texts = [form.text(f"value-{place}", most=10_000) for place in range(len(form.typed_all("source")))]
        signatures = [form.text(f"signature-{place}", most=2_000) for place in range(len(texts))]
        form.check()
        typed = await typed_from(request, matter_id, texts, signatures)

        async def act(act: Act) -> Response[Any]:
            state = await type_seed(act, request.app.state.residents, matter_id, typed, seen=seen)
            made = state.live_draw is not None and state.live_draw.status == "made"
            return see_other(back, notice="两次录入一致，已经抽出" if made else "第一次录入已保存，请另一个人再录一次")

        return await perform(request, "draw:type-seed", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do, template=_template_for(form))


@post("/matters/{matter_id:uuid}/draw/seed/again", opt={"operation": "draw:run"}, include_in_schema=False)
async def seed_again_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Forget what the first person typed."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        await start_seed_again(act, matter_id)

    return await _do(request, matter_id, form, "draw:run", act, "已清除第一次录入，请两个人重新录入")


@post("/matters/{matter_id:uuid}/draw/propose", opt={"operation": "panel:propose"}, include_in_schema=False)
async def propose_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Propose the drawn panel as it was drawn."""
    form = await Form.of(request)

    async def do() -> Response[Any]:
        seen = await version_of(request)
        chosen = await drawn_from(request, matter_id)
        smaller, paper = form.text("smaller_reason", most=500), form.text("paper", most=200)
        form.check()

        async def act(act: Act) -> Response[Any]:
            residents = request.app.state.residents
            await propose_panel(act, residents, matter_id, chosen, seen=seen, smaller_reason=smaller, paper=paper)
            return see_other(f"/matters/{matter_id}/panel", notice="专家组已提出，等待决咨中心确定")

        return await perform(request, "panel:propose", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/draw/continue", opt={"operation": "draw:run"}, include_in_schema=False)
async def continue_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Go on with the draw where somebody does not sit."""
    form = await Form.of(request)

    async def do() -> Response[Any]:
        seen = await version_of(request)
        out = form.id("expert", required=True)
        cause = form.choice("cause", DECLINE_CAUSES)
        respond_by = form.day("respond_by")
        form.check()
        succession = await succession_from(request, matter_id, out or matter_id)

        async def act(act: Act) -> Response[Any]:
            await continue_draw(
                act,
                request.app.state.residents,
                matter_id,
                succession,
                cause=cause,
                reason=form.typed("reason"),
                seen=seen,
                respond_by=respond_by,
            )
            return see_other(f"/matters/{matter_id}/draw", notice="已从同一次抽取中递补")

        return await perform(request, "draw:run", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/draw/challenge", opt={"operation": "draw:run"}, include_in_schema=False)
async def challenge_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Ask that the draw be voided."""
    form = await Form.of(request)
    cause = form.choice("void_cause", VOID_CAUSES)

    async def act(act: Act) -> None:
        form.check()
        seen = await version_of(request)
        await challenge_draw(act, matter_id, cause=cause, reason=form.typed("void_reason"), seen=seen)

    return await _do(request, matter_id, form, "draw:run", act, "已提请作废，须由另一人决定")


@post("/matters/{matter_id:uuid}/draw/void", opt={"operation": "draw:run"}, include_in_schema=False)
async def void_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Void a challenged draw."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        await void_draw(act, matter_id, seen=await version_of(request))

    return await _do(request, matter_id, form, "draw:run", act, "本次抽取已作废，记录永久保留")


@post("/matters/{matter_id:uuid}/draw/uphold", opt={"operation": "draw:run"}, include_in_schema=False)
async def uphold_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Let a challenged draw stand."""
    form = await Form.of(request)

    async def act(act: Act) -> None:
        seen = await version_of(request)
        await uphold_draw(act, matter_id, reason=form.typed("uphold_reason"), seen=seen)

    return await _do(request, matter_id, form, "draw:run", act, "本次抽取继续有效")


def _committing(form: Form) -> Committing:
    """Read what is entered to commit; rows of sources without a name do not count."""
    sources = []
    kinds, names = form.typed_all("kind"), form.typed_all("source")
    chains, rounds = form.typed_all("chain"), form.typed_all("round")
    for place, name in enumerate(names):
        if not name.strip():
            continue
        kind = kinds[place] if place < len(kinds) else "text"
        if kind != "drand":
            sources.append(Source(name.strip(), kind))  # type: ignore[arg-type]
            continue
        number = rounds[place].strip() if place < len(rounds) else ""
        chain = chains[place].strip().lower() if place < len(chains) else ""
        sources.append(Source(name.strip(), "drand", chain, int(number) if number.isdecimal() else None))
    if not sources:
        form.fault("sources", "FIELD_REQUIRED")
    reveal_on = form.day("reveal_on", required=True)
    witnesses = tuple(line.strip() for line in form.text("witnesses", most=2_000).splitlines() if line.strip())
    form.check()
    if reveal_on is None:
        raise RuntimeError("a day that is required was neither read nor missed")
    return Committing(tuple(sources), reveal_on, witnesses, title_public=form.typed("title_public") == "yes")


def _template_for(form: Form) -> str:
    return "draw/ceremony.html" if form.typed("from") == "ceremony" else "draw/draw.html"


async def _do(
    request: AnyRequest,
    matter_id: UUID,
    form: Form,
    operation: str,
    act: Callable[[Act], Awaitable[None]],
    notice: str,
) -> Response[Any]:
    """Do one act and show the page again; what stands against it is shown there with the typed text."""

    async def do() -> Response[Any]:
        async def whole(one: Act) -> Response[Any]:
            await act(one)
            return see_other(f"/matters/{matter_id}/draw", notice=notice)

        return await perform(request, operation, whole, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


async def _or_show(
    request: AnyRequest, matter_id: UUID, form: Form, do: Do, *, template: str = "draw/draw.html"
) -> Response[Any]:
    try:
        return await do()
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await show_draw(request, matter_id, template=template, form=form, status=problem.status)
    except Refused as problem:
        return await show_draw(
            request, matter_id, template=template, form=form, status=problem.status, refusals=problem.refusals
        )
    except Stale as problem:
        form.faults = [Fault("", "PAGE_OUTDATED")]
        return await show_draw(request, matter_id, template=template, form=form, status=problem.status)


ROUTES = [
    draw_page,
    progress,
    freeze_form,
    discard_form,
    commit_form,
    seed_form,
    seed_again_form,
    propose_form,
    continue_form,
    challenge_form,
    void_form,
    uphold_form,
]
