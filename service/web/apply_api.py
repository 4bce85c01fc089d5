"""Applying for the library as JSON, without an account: the same acts as on the public pages."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.application_data import Recommender
from service.actions.applications import (
    ApplicationEntry,
    Receipt,
    asked_by_link,
    confirm_application,
    decline_application,
    send_application,
)
from service.actions.erasure import application_kept_until
from service.problems import Invalid
from service.storage.session import reading, unit_of_work
from service.web.about_json import AboutJson, FieldJson, about_of
from service.web.apply import followed_by
from service.web.entry import key_of, policy_of
from service.web.openapi import IdempotencyKey, nothing, problems
from service.web.pages import instant_of
from service.web.visitors import ADDRESS_TRIES, BODY_MOST, SENDINGS, count, examined, visit_in

AnyRequest = Request[Any, Any, Any]
_BODY = BODY_MOST * 4 // 3
"""Base64 takes four characters for three bytes."""
Line = Annotated[str, Meta(max_length=200)]


@dataclass(frozen=True, slots=True)
class AttachedJson:
    """A file; what it is, PDF, JPEG or PNG, is found by its content."""

    kind: Annotated[str, Meta(description="title, consent or other", examples=["title"])]
    name: Annotated[str, Meta(max_length=200, examples=["职称证书.pdf"])]
    content: Annotated[bytes, Meta(description="base64", examples=["JVBERi0xLjcK"])]


@dataclass(frozen=True, slots=True)
class RecommenderJson:
    """Who fills an application in for somebody else."""

    unit: Annotated[str, Meta(max_length=200, examples=["示范县水利局"])]
    name: Annotated[str, Meta(max_length=200, examples=["韩其"])]
    phone: Annotated[str, Meta(max_length=60, examples=["0335-7654321"])]


@dataclass(frozen=True, slots=True)
class ApplyingJson:
    """An application; `about.source` is self, organisation or open-call.

    Of oneself: identity number, telephone number, `willing` and `able` are required. An organisation names the
    recommender instead, and the person confirms by a link.
    """

    about: AboutJson
    unit: Annotated[str, Meta(max_length=200, examples=["示范县水利局"])] = ""
    post: Annotated[str, Meta(max_length=200, examples=["总工程师"])] = ""
    statement: Annotated[str, Meta(max_length=2000, description="what speaks for the person")] = ""
    willing: Annotated[bool, Meta(description="the person's own declaration (A25.6)", examples=[True])] = False
    able: Annotated[bool, Meta(description="of health to do the work (A25.6)", examples=[True])] = False
    call: Annotated[str, Meta(max_length=20, description="number of the open call", examples=["ZJ2026-01"])] = ""
    recommender: RecommenderJson | None = None
    files: Annotated[list[AttachedJson], Meta(max_length=3)] = field(default_factory=list)

    def entry(self) -> ApplicationEntry:
        """Return the application as the act takes it."""
        given = self.recommender
        return ApplicationEntry(
            about=about_of(self.about),
            unit=self.unit,
            post=self.post,
            statement=self.statement,
            willing=self.willing,
            able=self.able,
            call_number=self.call,
            recommender=Recommender(given.unit, given.name, given.phone) if given else None,
        )


@dataclass(frozen=True, slots=True)
class ReceiptJson:
    """Number and code by which the application is followed; the code is told to nobody else."""

    number: Annotated[str, Meta(examples=["WS2026-0007"])]
    code: Annotated[str, Meta(examples=["ABCDEFGH2345"])]
    stage: Annotated[str, Meta(description="submitted, or unconfirmed: waits for the person", examples=["submitted"])]


@dataclass(frozen=True, slots=True)
class FollowingJson:
    """Number and code of an application."""

    number: Annotated[str, Meta(max_length=40, examples=["WS2026-0007"])]
    code: Annotated[str, Meta(max_length=40, examples=["ABCD-EFGH-2345"])]


@dataclass(frozen=True, slots=True)
class FollowedJson:
    """How far an application has come; `progress` is the candidate's stage once the center took it."""

    number: str
    source: str
    call: str
    stage: str
    progress: str
    sent_on: date
    confirmed_on: date | None
    received_on: date | None
    checked_on: date | None
    reason: str
    kept_until: Annotated[
        date | None, Meta(description="last day before the personal data go: of one that failed, or nobody confirmed")
    ]
    erased_on: date | None


@dataclass(frozen=True, slots=True)
class AskedJson:
    """What a person is asked to confirm; numbers are masked."""

    number: str
    name: str
    source: str
    source_note: str
    identity_masked: str
    phone_masked: str
    email: str
    title: str
    title_level: str
    fields: list[FieldJson]
    unit: str
    post: str
    statement: str


@dataclass(frozen=True, slots=True)
class DecliningJson:
    """Why the person says no; may be empty."""

    reason: Annotated[str, Meta(max_length=500)] = ""


@post(
    "/api/applications",
    opt={"operation": "application:send"},
    security=[],
    tags=["applications"],
    request_max_body_size=_BODY,
    responses=problems(400, 409, 413, 422, 429),
)
async def api_send(request: AnyRequest, data: JSONBody[ApplyingJson], key: IdempotencyKey = "") -> ReceiptJson:
    """Apply for the library (A24); the same key gets the same receipt."""
    sent, digest = await key_of(request), hashlib.sha256(await request.body()).hexdigest()
    await count(request, {"apply:{address}": SENDINGS})
    files, faults = await examined([(one.kind, one.name, one.content) for one in data.files])
    if faults:
        raise Invalid(faults)
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        receipt = await send_application(visit_in(request, session), data.entry(), files, key=sent, digest=digest)
    return _receipt(receipt)


@post(
    "/api/applications/status",
    opt={"operation": "application:follow"},
    security=[],
    status_code=200,
    tags=["applications"],
    responses=problems(400, 429),
)
async def api_follow(request: AnyRequest, data: JSONBody[FollowingJson]) -> FollowedJson:
    """Return how far an application has come; eight tries for a number in fifteen minutes."""
    found = await followed_by(request, data.number, data.code)
    return FollowedJson(
        number=found.number,
        source=found.source,
        call=found.call_title,
        stage=found.stage.value,
        progress=found.progress.value if found.progress else "",
        sent_on=found.sent_on,
        confirmed_on=found.confirmed_on,
        received_on=found.received_on,
        checked_on=found.checked_on,
        reason=found.reason,
        kept_until=application_kept_until(found.kept_since, found.stage, policy_of(request)),
        erased_on=found.erased_on,
    )


@get(
    "/api/confirmations/{token:str}",
    opt={"operation": "application:confirm"},
    security=[],
    tags=["applications"],
    responses=problems(404, 409),
)
async def api_asked(request: AnyRequest, token: FromPath[str]) -> AskedJson:
    """Return what a person is asked to confirm; nothing changes."""
    async with reading(request.app.state.database) as session:
        asked = await asked_by_link(visit_in(request, session), token)
    said = asked.said
    return AskedJson(
        number=asked.number,
        name=asked.name,
        source=asked.source,
        source_note=asked.source_note,
        identity_masked=said.identity_masked,
        phone_masked=said.phone_masked,
        email=said.email,
        title=said.title,
        title_level=said.title_level,
        fields=[FieldJson(one.code, one.main) for one in said.fields],
        unit=said.unit,
        post=said.post,
        statement=said.statement,
    )


@post(
    "/api/confirmations/{token:str}",
    opt={"operation": "application:confirm"},
    security=[],
    status_code=200,
    tags=["applications"],
    request_max_body_size=_BODY,
    responses=problems(400, 404, 409, 413, 429),
)
async def api_confirm(request: AnyRequest, token: FromPath[str], data: JSONBody[ApplyingJson]) -> ReceiptJson:
    """Confirm what somebody else filled in, corrected by the person; the link ends with it."""
    await count(request, {f"confirm:{token}": SENDINGS, "confirm:{address}": ADDRESS_TRIES})
    files, faults = await examined([(one.kind, one.name, one.content) for one in data.files])
    if faults:
        raise Invalid(faults)
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        return _receipt(await confirm_application(visit_in(request, session), token, data.entry(), files))


@post(
    "/api/confirmations/{token:str}/decline",
    opt={"operation": "application:confirm"},
    security=[],
    status_code=204,
    tags=["applications"],
    responses=nothing(404, 409),
)
async def api_decline(request: AnyRequest, token: FromPath[str], data: JSONBody[DecliningJson]) -> Response[None]:
    """Say no to what somebody else filled in; the link ends with it."""
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        await decline_application(visit_in(request, session), token, reason=data.reason)
    return Response(None, status_code=204)


def _receipt(receipt: Receipt) -> ReceiptJson:
    return ReceiptJson(receipt.number, receipt.code, receipt.stage.value)


ROUTES = [api_send, api_follow, api_asked, api_confirm, api_decline]
