"""The page of a draw and its ceremony: one desk, two templates."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import segno
from litestar import Request, Response
from markupsafe import Markup

from service.problems import Refusal
from service.web.draw_desk import DrawDesk, Frozen, chances_of, read_draw_desk, reasons_of
from service.web.entry import policy_of
from service.web.forms import Form
from service.web.pages import page
from service.web.work import reached
from workflow import DECLINE_CAUSES, VOID_CAUSES

AnyRequest = Request[Any, Any, Any]
SOURCE_ROWS = 3


async def show_draw(
    request: AnyRequest,
    matter_id: UUID,
    *,
    template: str = "draw/draw.html",
    form: Form | None = None,
    status: int = 200,
    refusals: Sequence[Refusal] = (),
    revealed: int | None = None,
) -> Response[Any]:
    """Render the draw of a matter.

    Args:
        request: of the viewer.
        matter_id: the matter.
        template: the page at a desk, or the ceremony on the wall.
        form: what was typed, with its faults.
        status: of the answer.
        refusals: what stands against the act that was tried.
        revealed: how many members the ceremony has called; None shows all.
    """
    desk = await read_draw_desk(request, matter_id)
    frozen, lottery = frozen_of(desk)
    app = request.app.state
    address = f"{app.settings.base_url}/draws/{desk.live.id}" if desk.live else ""
    return page(
        request,
        template,
        status=status,
        desk=desk,
        matter=desk.matter,
        live=desk.live,
        draft=desk.draft,
        work=reached(request, desk.work) if desk.work else None,
        acts=desk.acts,
        chances=chances_of(frozen, lottery) if frozen and lottery else (),
        frozen=frozen,
        lottery=lottery,
        kept_out=reasons_of(frozen) if frozen else (),
        source_rows=SOURCE_ROWS,
        decline_causes=DECLINE_CAUSES,
        void_causes=VOID_CAUSES,
        public_address=address,
        qr=qr_of(address) if address else "",
        names_in_room=policy_of(request).names_in_room,
        revealed=len(desk.members) if revealed is None else min(revealed, len(desk.members)),
        form=form,
        faults=form.faults if form else [],
        refusals=refusals,
    )


def qr_of(text: str) -> Markup:
    """Return a QR code as an inline picture; its size is the style sheet's."""
    return Markup(segno.make(text, error="m").svg_inline(omitsize=True, border=2, dark="#000", light="#fff"))  # noqa: S704 -- made here


def frozen_of(desk: DrawDesk | Frozen) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Return problem and lottery of the draw that stands, or of a ready draft; the lottery None where there is none."""
    if desk.live is not None and desk.live.commitment:
        return desk.live.commitment["problem"], desk.live.commitment["lottery"]
    if desk.draft is not None and desk.draft.state == "ready":
        return desk.draft.problem, desk.draft.lottery
    return None, None
