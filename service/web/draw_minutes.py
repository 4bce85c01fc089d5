"""The minutes of a draw: on screen and paper, and as .docx."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from service.actions.assembly import Standing
from service.documents.draw import DrawMinutes, to_docx
from service.documents.panel import media_types
from service.locales import gettext, ngettext, say_date, say_when
from service.problems import NotFound
from service.storage.draws import StoredDraw
from service.web.cites import say_article
from service.web.draw_desk import DrawDesk, read_draw_desk
from service.web.openapi import problems
from service.web.pages import page, say_field, says

AnyRequest = Request[Any, Any, Any]


@get("/matters/{matter_id:uuid}/draws/{draw_id:uuid}/minutes", opt={"operation": "draw:see"}, include_in_schema=False)
async def minutes_page(request: AnyRequest, matter_id: FromPath[UUID], draw_id: FromPath[UUID]) -> Response[Any]:
    """Show the minutes of a draw that was made, as a document that prints."""
    desk, draw = await _read(request, matter_id, draw_id)
    minutes = _minutes(request, desk, draw)
    return page(request, "draw/minutes.html", matter=desk.matter, draw=draw, minutes=minutes)


@get(
    "/matters/{matter_id:uuid}/draws/{draw_id:uuid}/minutes.docx",
    opt={"operation": "draw:see"},
    include_in_schema=False,
)
async def minutes_file(request: AnyRequest, matter_id: FromPath[UUID], draw_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the minutes as a Word document."""
    return await _file(request, matter_id, draw_id)


@get(
    "/api/matters/{matter_id:uuid}/draws/{draw_id:uuid}/minutes",
    opt={"operation": "draw:see"},
    tags=["draws"],
    media_type="application/octet-stream",
    responses=problems(401, 404),
)
async def api_minutes(request: AnyRequest, matter_id: FromPath[UUID], draw_id: FromPath[UUID]) -> Response[bytes]:
    """Return the minutes of a draw that was made as a Word document."""
    return await _file(request, matter_id, draw_id)


async def _read(request: AnyRequest, matter_id: UUID, draw_id: UUID) -> tuple[DrawDesk, StoredDraw]:
    desk = await read_draw_desk(request, matter_id)
    draw = next((one for one in desk.draws if one.id == draw_id), None)
    if draw is None or draw.record is None:
        raise NotFound(subject="draw")
    return desk, draw


async def _file(request: AnyRequest, matter_id: UUID, draw_id: UUID) -> Response[bytes]:
    desk, draw = await _read(request, matter_id, draw_id)
    content = await asyncio.to_thread(to_docx, _minutes(request, desk, draw))
    name = f"draw-{desk.matter.number}-{draw.round}-{draw.number}.docx"
    return Response(
        content,
        media_type=media_types()["docx"],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _minutes(request: AnyRequest, desk: DrawDesk, draw: StoredDraw) -> DrawMinutes:
    _ = gettext
    settings, matter = request.app.state.settings, desk.matter
    record, lottery = draw.record or {}, draw.commitment["lottery"]
    listed = len(draw.commitment["problem"]["candidates"])
    remark = ""
    if draw.state == "voided":
        cause = says(f"VOID_CAUSE_{draw.cause.upper().replace('-', '_')}")
        remark = _("（已作废：%(cause)s）") % {"cause": cause}

    def row(number: str, seat: str | None) -> tuple[str, ...]:
        one: Standing | None = desk.standings.get(draw.people[number])
        return (
            number,
            one.entry.name if one else "—",
            (one.employer if one else "") or "—",
            say_field(seat) if seat else _("机动"),
            str(lottery["chances"][number]),
        )

    return DrawMinutes(
        issuer=settings.county + _("决策咨询服务中心"),
        title=_("论证专家组抽取记录"),
        remark=remark,
        facts=[
            (_("决策事项"), f"{matter.number} {matter.title}"),
            (_("抽取编号"), _("第 %(round)s 轮第 %(number)s 次") % {"round": draw.round, "number": draw.number}),
            (_("冻结的名单"), ngettext("%(num)s 人", "%(num)s 人", listed) % {"num": listed}),
            (_("承诺"), f"{draw.committer} · {say_when(draw.committed_at)}"),
            (_("抽出"), f"{draw.first}、{draw.maker} · {say_when(draw.made_at)}"),
            (_("资料截止"), say_date(draw.as_of)),
            (
                _("依据"),
                _("%(cite)s；抽取为中心选用的产生方式，规定没有要求。") % {"cite": say_article("A30, A31, A32.1")},
            ),
        ],
        headings=[_("编号"), _("姓名"), _("工作单位"), _("席位"), _("抽取前的机会")],
        members=(_("抽出的专家组"), [row(one["id"], one["seat"]) for one in record["drawn"]]),
        reserves=(_("候补（按次序）"), [row(one["id"], None) for one in record["reserves"]]),
        course=(_("抽出以后"), [_decline(one) for one in record["declines"]]),
        sources=(_("种子的来源和数值"), [(one["name"], one["value"]) for one in record["sources"]]),
        signatures=[(_("录入人"), f"{draw.first}、{draw.maker}"), *((_("见证人"), one) for one in draw.witnesses)],
        checks=[
            _("承诺的哈希值 %(hash)s") % {"hash": draw.commitment_sha256},
            _("抽取记录的哈希值 %(hash)s") % {"hash": draw.record_sha256},
            _("公开页面 %(address)s，可下载记录和验证程序自行重算。")
            % {"address": f"{settings.base_url}/draws/{draw.id}"},
        ],
    )


def _decline(row: Mapping[str, Any]) -> str:
    _ = gettext
    if row["joins"] is None:
        return _("%(out)s 退出候补") % {"out": row["id"]}
    return _("%(out)s 不能参加，%(in)s 递补") % {"out": row["id"], "in": row["joins"]}


ROUTES = [minutes_page, minutes_file, api_minutes]
