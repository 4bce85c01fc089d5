"""Pages and API of coming into the library: what people see, type and get back."""

import re
from itertools import count

import httpx
import pytest

from registry import Item
from service.storage.session import Database
from tests.service.admission import a_number
from tests.service.conftest import SignedIn, a_unit

_KEYS = count()


def form(**fields: str) -> dict[str, str]:
    return {"idempotency_key": f"admission-{next(_KEYS):06d}"} | fields


def key(version: int | None = None) -> dict[str, str]:
    headers = {"Idempotency-Key": f"admission-{next(_KEYS):06d}"}
    return headers if version is None else headers | {"If-Match": f'"{version}"'}


def application(**fields: str) -> dict[str, str]:
    return (
        form(name="沈嘉禾", identity_number=a_number(), title="高级工程师", main_field="水利工程", source="self")
        | fields
    )


CARD = {f"outcome_{item}": "met" for item in Item if item is not Item.STANDING} | {
    f"attester_{item}": "center" for item in ("politics", "ethics", "capacity", "knowledge", "conduct")
}


async def version_on(client: httpx.AsyncClient, path: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', (await client.get(path)).text)
    assert found is not None
    return found[1]


async def post(client: httpx.AsyncClient, path: str, page: str, **fields: str) -> httpx.Response:
    return await client.post(path, data=form(version=await version_on(client, page), **fields))


async def checked(client: httpx.AsyncClient, **fields: str) -> str:
    path = (await client.post("/candidates", data=application(**fields))).headers["location"]
    done = await post(client, f"{path}/findings", path, then="pass", **CARD)
    assert done.status_code == 303, done.text
    return path


async def proposed(client: httpx.AsyncClient, kind: str, *paths: str) -> str:
    batch = (await client.post("/batches", data=form(kind=kind))).headers["location"]
    await client.post(
        f"{batch}/people",
        data={
            **form(version=await version_on(client, batch)),
            "candidates": [path.rsplit("/", 1)[-1] for path in paths],
        },
    )
    done = await post(client, f"{batch}/propose", batch)
    assert done.status_code == 303, done.text
    return batch


@pytest.mark.rule("R24a", "R24b")
async def test_a_person_comes_from_application_to_letter_in_the_browser(
    as_center: httpx.AsyncClient, signed_in: SignedIn, database: Database
) -> None:
    await a_unit(database, "示范县水利局")
    office = await signed_in("office")

    path = await checked(as_center, unit="示范县水利局", post="总工")
    batch = await proposed(as_center, "intake", path)
    assert "拟聘名单等待审定" in (await office.get("/")).text
    done = await post(office, f"{batch}/decide", batch, number="示政字〔2026〕12号", on="2026-9-14")
    assert done.status_code == 303, done.text
    assert "1 人已审定，等待聘书" in (await as_center.get("/")).text
    await post(as_center, f"{batch}/letters", batch, letter_on="2026年9月14日")

    shown = (await as_center.get(path)).text
    expert = re.search(r'href="(/experts/[0-9a-f-]{36})"', shown)
    assert expert is not None
    page = (await as_center.get(expert[1])).text
    for said in ("示决聘〔2026〕001号", "2031年9月13日", "审定：示政字〔2026〕12号", "示范县水利局"):
        assert said in page


async def test_first_check_without_findings_names_each_condition_with_its_article(
    as_center: httpx.AsyncClient,
) -> None:
    path = (await as_center.post("/candidates", data=application())).headers["location"]

    answer = await post(as_center, f"{path}/findings", path, then="pass")

    assert answer.status_code == 409
    for said in ("第二十五条第（一）项", "第二十五条第（五）项", "没有本人签字的同意书"):
        assert said in answer.text


async def test_faults_of_the_card_stand_at_their_fields_and_what_was_typed_stays(as_center: httpx.AsyncClient) -> None:
    fields = application(title="", title_level="none")
    path = (await as_center.post("/candidates", data=fields)).headers["location"]

    answer = await post(
        as_center,
        f"{path}/findings",
        path,
        outcome_standing="exception",
        attester_standing="center",
        evidence_standing="太短了",
    )

    assert answer.status_code == 400
    assert 'href="#f-evidence_standing"' in answer.text
    assert "太短了</textarea>" in answer.text


@pytest.mark.rule("R24b", "R26a")
async def test_wrong_approver_is_told_the_article_and_keeps_what_was_typed(
    as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    mayor, office = await signed_in("mayor"), await signed_in("office")
    intake = await proposed(as_center, "intake", await checked(as_center))
    addition = await proposed(as_center, "addition", await checked(as_center))

    for client, batch, article in ((mayor, intake, "第二十四条"), (office, addition, "第二十六条")):
        answer = await post(client, f"{batch}/decide", batch, number="文〔2026〕1号", on="2026-09-14")
        assert answer.status_code == 409
        assert article in answer.text
        assert 'value="文〔2026〕1号"' in answer.text
    assert (
        await as_center.post(f"{intake}/decide", data=form(version="4", number="x", on="2026-09-14"))
    ).status_code in (
        403,
        404,
    )


async def test_approval_form_prints_who_is_asked_for_and_by_which_article(as_center: httpx.AsyncClient) -> None:
    batch = await proposed(as_center, "addition", await checked(as_center))

    page = (await as_center.get(f"{batch}/form")).text

    for said in ("专家增聘审定表", "沈嘉禾", "县决咨委主任意见", "第二十六条"):
        assert said in page


@pytest.mark.rule("R25d")
async def test_approval_form_says_why_somebody_is_an_exception(as_center: httpx.AsyncClient) -> None:
    reason = "县内唯一长期从事海水入侵治理的技术员"
    path = (await as_center.post("/candidates", data=application(title="", title_level="none"))).headers["location"]
    excepted = {"outcome_standing": "exception", "attester_standing": "center", "evidence_standing": reason}
    await post(as_center, f"{path}/findings", path, then="pass", **CARD, **excepted)

    page = (await as_center.get(f"{await proposed(as_center, 'intake', path)}/form")).text

    assert f"职称条件例外：{reason}" in page


async def test_who_may_not_know_of_candidates_does_not_learn_of_them(
    as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    path = (await as_center.post("/candidates", data=application())).headers["location"]

    for role in ("unit", "expert", "system-administrator"):
        client = await signed_in(role)
        assert (await client.get(path)).status_code == 404
        assert (await client.get("/candidates")).status_code == 403
    # Who approves sees nobody before the list is put forward.
    assert (await (await signed_in("office")).get(path)).status_code == 404
    audit = await signed_in("audit")
    assert (await audit.get(path)).status_code == 200
    assert f"{path}/findings" not in (await audit.get(path)).text


async def test_confidential_evidence_is_shown_once_with_a_reason(as_center: httpx.AsyncClient) -> None:
    path = (await as_center.post("/candidates", data=application())).headers["location"]
    words = "2019年受党内警告，已解除"
    await post(
        as_center,
        f"{path}/findings",
        path,
        outcome_conduct="met",
        attester_conduct="center",
        evidence_conduct=words,
        flagged_conduct="yes",
    )

    assert words not in (await as_center.get(path)).text
    assert (await as_center.post(f"{path}/evidence", data=form(item="conduct", look_reason=""))).status_code == 400
    looked = await as_center.post(f"{path}/evidence", data=form(item="conduct", look_reason="提交审定前复核处分情况"))
    assert (looked.status_code, words in looked.text) == (200, True)
    assert words not in (await as_center.get(path)).text


@pytest.mark.rule("R24b")
async def test_the_same_way_by_api(as_center: httpx.AsyncClient, signed_in: SignedIn) -> None:
    office = await signed_in("office")
    about = {"name": "沈嘉禾", "identity_number": a_number(), "title": "教授", "source": "invited"}
    about["fields"] = [{"code": "570", "main": True}]
    received = await as_center.post("/api/candidates", json={"about": about}, headers=key())
    assert [one["code"] for one in received.json()["refusals"]] == ["SOURCE_REQUIRED"]

    received = await as_center.post("/api/candidates", json={"about": about, "source_note": "县长提名"}, headers=key())
    candidate = received.headers["location"]
    assert (received.status_code, received.json()["eligible"]) == (201, False)
    findings = [
        {"item": item, "outcome": "met", "attester": "self" if item in ("consent", "health") else "center"}
        for item in Item
        if item is not Item.STANDING
    ]
    found = await as_center.post(f"{candidate}/findings", json={"findings": findings}, headers=key(1))
    assert found.json()["eligible"] is True
    done = await as_center.post(f"{candidate}/check", headers=key(found.json()["version"]))
    assert done.json()["candidate"]["stage"] == "checked"

    made = await as_center.post(
        "/api/batches", json={"kind": "intake", "candidates": [candidate.rsplit("/", 1)[-1]]}, headers=key()
    )
    batch, version = made.headers["location"], made.json()["version"]
    assert (await as_center.post(f"{batch}/propose", headers=key())).status_code == 428
    assert (await as_center.post(f"{batch}/propose", headers=key(version - 1))).status_code == 412
    version = (await as_center.post(f"{batch}/propose", headers=key(version))).json()["version"]
    early = await as_center.post(f"{batch}/letters", json={"letter_on": "2026-09-14"}, headers=key(version))
    assert [(one["code"], one["cite"]) for one in early.json()["refusals"]] == [("LETTER_BEFORE_APPROVAL", "A24")]
    decided = await office.post(
        f"{batch}/decide", json={"number": "示政字〔2026〕12号", "on": "2026-09-14"}, headers=key(version)
    )
    assert (decided.status_code, decided.json()["approver"]) == (200, "county-government")
    issued = await as_center.post(
        f"{batch}/letters", json={"letter_on": "2026-09-14"}, headers=key(decided.json()["version"])
    )
    assert [(one["starts_on"], one["ends_on"]) for one in issued.json()["letters"]] == [("2026-09-14", "2031-09-13")]
    listed = (await office.get("/api/batches")).json()
    assert [(one["number"], one["state"], one["people"]) for one in listed] == [("PC2026-01", "decided", 1)]


async def test_reject_by_page_and_withdraw_by_api(as_center: httpx.AsyncClient) -> None:
    path = (await as_center.post("/candidates", data=application())).headers["location"]
    short = await post(as_center, f"{path}/reject", path, reason="不行")
    assert (short.status_code, "不行</textarea>" in short.text) == (400, True)
    await post(as_center, f"{path}/reject", path, reason="从业年限不足，建议两年后再申请")
    assert "从业年限不足，建议两年后再申请" in (await as_center.get(path)).text
    assert "未通过" in (await as_center.get("/candidates")).text

    other = (await as_center.post("/candidates", data=application())).headers["location"]
    done = await as_center.post(f"/api{other}/withdraw", json={"reason": "本人来电撤回这次申请"}, headers=key(1))
    assert done.json()["candidate"]["stage"] == "withdrawn"
    listed = (await as_center.get("/api/candidates?stage=withdrawn")).json()
    assert (listed["total"], listed["counts"]) == (1, {"rejected": 1, "withdrawn": 1})


async def test_data_of_an_application_are_corrected_on_a_page_that_shows_who_and_why(
    as_center: httpx.AsyncClient,
) -> None:
    path = await checked(as_center)
    page = (await as_center.get(f"{path}/edit")).text
    assert 'value="沈嘉禾"' in page
    typed = {"name": "沈嘉和", "title": "高级工程师", "main_field": "法学", "source": "self"}

    missing = await post(as_center, f"{path}/edit", f"{path}/edit", **typed, reason="")
    assert missing.status_code == 400
    assert 'href="#f-reason"' in missing.text
    done = await post(as_center, f"{path}/edit", f"{path}/edit", **typed, reason="本人来电更正姓名和专业")
    assert done.status_code == 303, done.text

    shown = (await as_center.get(path)).text
    for said in ("沈嘉和", "更正过 1 次", "本人来电更正姓名和专业", "（退回初审）", "待初审"):
        assert said in shown


async def test_data_of_an_application_are_corrected_through_the_api(as_center: httpx.AsyncClient) -> None:
    path = (await as_center.post("/candidates", data=application())).headers["location"]
    about = {"name": "沈嘉和", "title": "高级工程师", "source": "self", "fields": [{"code": "570", "main": True}]}
    body = {"about": about, "reason": "本人来电更正姓名一个字"}

    stale = await as_center.put(f"/api{path}", json=body, headers=key(9))
    done = await as_center.put(f"/api{path}", json=body, headers=key(1))

    assert (stale.status_code, done.status_code) == (412, 200)
    assert done.json()["candidate"]["name"] == "沈嘉和"
