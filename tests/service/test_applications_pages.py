"""Public pages and API of applying, and the center's inbox: what people see, type and get back."""

import base64
import re
from itertools import count

import httpx
import pytest

from service.web import visitors
from tests.service.admission import a_number
from tests.service.conftest import SignedIn, a_unit
from tests.service.test_attachments import a_pdf, a_picture

_KEYS = count()


def form(**fields: str) -> dict[str, str]:
    return {"idempotency_key": f"apply-{next(_KEYS):08d}"} | fields


def key() -> dict[str, str]:
    return {"Idempotency-Key": f"apply-{next(_KEYS):08d}"}


def application(**fields: str) -> dict[str, str]:
    typed = {
        "source": "self",
        "name": "谢安之",
        "identity_number": a_number(),
        "phone": "13800138000",
        "title": "高级工程师",
        "main_field": "水利工程",
        "unit": "示范县水利局",
        "post": "总工",
        "willing": "yes",
        "able": "yes",
    }
    return form(**(typed | fields))


def receipt_of(page: str) -> tuple[str, str]:
    number, code = re.findall(r"data-copy>([^<]+)<", page)[:2]
    return number, code


async def apply(client: httpx.AsyncClient, **fields: str) -> tuple[str, str]:
    answer = await client.post("/apply/new", data=application(**fields))
    assert answer.status_code == 200, answer.text
    return receipt_of(answer.text)


async def first_of_inbox(center: httpx.AsyncClient) -> str:
    found = re.search(r'href="(/applications/[0-9a-f-]{36})"', (await center.get("/applications")).text)
    assert found is not None
    return found[1]


async def post(client: httpx.AsyncClient, path: str, page: str, **fields: str) -> httpx.Response:
    found = re.search(r'name="version" value="(\d+)"', (await client.get(page)).text)
    assert found is not None
    return await client.post(path, data=form(version=found[1], **fields))


@pytest.mark.rule("R24a", "R25f")
async def test_anyone_applies_with_documents_is_taken_and_follows_it(
    client: httpx.AsyncClient, as_center: httpx.AsyncClient, database
) -> None:
    await a_unit(database, "示范县水利局")
    files = {
        "file_title": ("证书.jpg", a_picture("JPEG"), "application/octet-stream"),
        "file_consent": ("../同意书.pdf", a_pdf(), "text/html"),
    }

    answer = await client.post("/apply/new", data=application(), files=files)
    number, code = receipt_of(answer.text)
    assert "1 份网上申请等待受理" in (await as_center.get("/")).text
    path = await first_of_inbox(as_center)
    shown = (await as_center.get(path)).text
    assert "证书.jpg" in shown
    assert ".. 同意书.pdf" in shown
    taken = await post(as_center, f"{path}/take", path, unit="示范县水利局", post="总工")
    assert taken.status_code == 303, taken.text

    candidate = (await as_center.get(taken.headers["location"])).text
    for said in ("谢安之", "示范县水利局 总工", "职称或职业资格证书", number):
        assert said in candidate
    followed = await client.post("/apply/status", data={"number": number, "code": code})
    assert "已受理，正在初审" in followed.text
    assert "谢安之" not in followed.text


async def test_a_file_goes_out_as_a_download_of_its_own_kind(
    client: httpx.AsyncClient, as_center: httpx.AsyncClient
) -> None:
    picture = a_picture("PNG")
    await client.post("/apply/new", data=application(), files={"file_other": ("x.html", picture, "text/html")})
    path = await first_of_inbox(as_center)
    file = re.search(rf'action="({path}/files/[0-9a-f-]{{36}})"', (await as_center.get(path)).text)
    assert file is not None

    answer = await as_center.post(file[1])

    assert (answer.content, answer.headers["content-type"]) == (picture, "image/png")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_faults_stand_at_their_fields_and_what_was_typed_stays(client: httpx.AsyncClient) -> None:
    typed = application(identity_number="130323197508123312", willing="", statement="主持过两座水库" * 10)
    answer = await client.post("/apply/new", data=typed, files={"file_title": ("a.exe", b"MZ", "application/pdf")})

    assert answer.status_code == 400
    for at in ("identity_number", "willing", "file_title"):
        assert f'href="#f-{at}"' in answer.text
    assert 'value="谢安之"' in answer.text
    assert "主持过两座水库主持" in answer.text


async def test_a_page_sent_twice_shows_the_same_receipt(
    client: httpx.AsyncClient, as_center: httpx.AsyncClient
) -> None:
    typed = application()

    first, second = await client.post("/apply/new", data=typed), await client.post("/apply/new", data=typed)

    assert receipt_of(first.text) == receipt_of(second.text)
    assert (await as_center.get("/api/applications")).json()["total"] == 1


@pytest.mark.rule("R24a", "R25f")
async def test_a_person_confirms_on_a_phone_what_an_organisation_filled_in(
    client: httpx.AsyncClient, as_center: httpx.AsyncClient
) -> None:
    recommender = {"recommender_unit": "示范县水利局", "recommender_name": "韩其", "recommender_phone": "0335-7654321"}
    number, code = await apply(
        client, source="organisation", identity_number="", phone="", willing="", able="", **recommender
    )
    path = await first_of_inbox(as_center)
    given = await post(as_center, f"{path}/link", path)
    link = re.search(r"data-copy>http://[^/]+(/confirm/[\w-]+)<", given.text)
    assert link is not None

    page = await client.get(link[1])
    again = await client.get(link[1])
    assert (page.status_code, again.status_code) == (200, 200)
    assert "13800138000" not in page.text
    missing = await client.post(link[1], data=application(able=""))
    done = await client.post(link[1], data=application())
    twice = await client.post(link[1], data=application())

    assert missing.status_code == 400
    assert receipt_of(done.text) == (number, code)
    assert twice.status_code == 409
    assert "这个链接已经用过" in twice.text
    assert (await client.get("/confirm/" + "x" * 43)).status_code == 404
    assert "已收到，等决咨中心受理" in (await client.post("/apply/status", data={"number": number, "code": code})).text


async def test_the_kept_answer_of_giving_a_link_has_no_token(
    client: httpx.AsyncClient, as_center: httpx.AsyncClient
) -> None:
    answer = await as_center.post(
        "/applications/invite", data=form(source="invited", source_note="县政府常务会议", name="谢安之")
    )
    assert "/confirm/" in answer.text
    body = {"about": {"name": "谢安之", "source": "invited"}, "source_note": "县政府常务会议"}
    sent = key()
    first = await as_center.post("/api/applications/invite", json=body, headers=sent)
    again = await as_center.post("/api/applications/invite", json=body, headers=sent)

    assert "/confirm/" in first.json()["link"]
    assert again.json() == first.json() | {"link": ""}


async def test_guessing_codes_ends_after_eight_tries_even_with_the_right_one(client: httpx.AsyncClient) -> None:
    number, code = await apply(client)

    for _ in range(8):
        wrong = await client.post("/api/applications/status", json={"number": number, "code": "AAAABBBBCCCC"})
        assert wrong.status_code == 400
    right = await client.post("/api/applications/status", json={"number": number, "code": code})
    on_page = await client.post("/apply/status", data={"number": number, "code": code})
    assert (right.status_code, on_page.status_code) == (429, 429)


async def test_one_address_sends_only_so_many_applications_and_keeps_what_was_typed(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.web.apply.SENDINGS", 2)
    await apply(client)
    await apply(client)

    answer = await client.post("/apply/new", data=application(unit="第三份的单位"))

    assert answer.status_code == 429
    assert 'value="第三份的单位"' in answer.text


async def test_huge_input_is_refused_before_it_is_read(client: httpx.AsyncClient) -> None:
    huge = {"file_other": ("a.pdf", b"%PDF-1.7" + bytes(visitors.BODY_MOST), "application/pdf")}
    long = await client.post("/apply/new", data=application(statement="长" * 3000, name="名" * 300, unit="位" * 300))

    assert (await client.post("/apply/new", data=application(), files=huge)).status_code == 413
    assert long.status_code == 400
    for at in ("statement", "name", "unit"):
        assert f'href="#f-{at}"' in long.text


async def test_typed_text_is_shown_as_text(client: httpx.AsyncClient, as_center: httpx.AsyncClient) -> None:
    await apply(client, statement="<script>alert(1)</script>", unit='"><img src=x>')

    page = (await as_center.get(await first_of_inbox(as_center))).text

    assert "<script>alert(1)" not in page
    assert "<img src=x>" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.rule("R24a")
async def test_an_open_call_has_a_public_page_and_takes_applications_inside_its_period(
    client: httpx.AsyncClient, as_center: httpx.AsyncClient
) -> None:
    open_now = form(
        title="征集水利专家", text="面向全省", opens_on="2026-9-1", closes_on="2026-9-14", fields="水利工程"
    )
    assert (await as_center.post("/calls", data=open_now)).status_code == 303
    later = form(title="征集法学专家", text="面向全省", opens_on="2026-9-15", closes_on="2026-9-30")
    assert (await as_center.post("/calls", data=later)).status_code == 303

    page = (await client.get("/calls/ZJ2026-01")).text
    assert "征集的专业：水利工程" in page
    assert "征集水利专家" in (await client.get("/apply")).text
    assert "征集法学专家" not in (await client.get("/apply")).text
    await apply(client, source="open-call", call="ZJ2026-01", main_field="法学")
    refused = await client.post("/apply/new", data=application(source="open-call", call="ZJ2026-02"))

    assert refused.status_code == 409
    assert "只在 2026年9月15日 至 2026年9月30日 接受申请" in refused.text
    assert "专业不在征集范围" in (await as_center.get(await first_of_inbox(as_center))).text
    assert [one["open"] for one in (await client.get("/api/calls")).json()] == [False, True]


async def test_a_call_is_changed_with_a_reason_by_the_center_alone(
    client: httpx.AsyncClient, as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    body = {"title": "征集", "text": "面向全省", "opens_on": "2026-09-01", "closes_on": "2026-09-30"}
    made = await as_center.post("/api/calls", json=body, headers=key())
    match = key() | {"If-Match": made.headers["etag"]}

    without = await as_center.put("/api/calls/ZJ2026-01", json=body, headers=match)
    changed = await as_center.put(
        "/api/calls/ZJ2026-01",
        json=body | {"closes_on": "2026-10-31", "reason": "报名人数不足，延长一个月"},
        headers=key() | {"If-Match": made.headers["etag"]},
    )
    stale = await post(as_center, "/calls/ZJ2026-01/edit", "/calls/ZJ2026-01/edit", title="", reason="")

    assert (made.status_code, without.status_code, changed.status_code) == (201, 400, 200)
    assert changed.json()["closes_on"] == "2026-10-31"
    assert stale.status_code == 400
    for other in (client, await signed_in("audit")):
        assert (await other.post("/api/calls", json=body, headers=key())).status_code in (401, 403)


async def test_the_whole_way_in_goes_through_the_api(client: httpx.AsyncClient, as_center: httpx.AsyncClient) -> None:
    about = {
        "name": "谢安之",
        "identity_number": a_number(),
        "phone": "13800138000",
        "title": "教授",
        "source": "self",
        "fields": [{"code": "820", "main": True}],
    }
    pdf = base64.b64encode(a_pdf()).decode()
    body = {
        "about": about,
        "willing": True,
        "able": True,
        "files": [{"kind": "title", "name": "证书.pdf", "content": pdf}],
    }
    sent = await client.post("/api/applications", json=body, headers=key())
    assert sent.status_code == 201, sent.text
    number, code = sent.json()["number"], sent.json()["code"]
    line = (await as_center.get("/api/applications?stage=submitted")).json()["applications"][0]
    view = await as_center.get(f"/api/applications/{line['id']}")
    assert (view.json()["identity_masked"], view.json()["code"]) != (about["identity_number"], "")
    look = {"what": "identity", "reason": "核对职称证书上的号码"}
    shown = await as_center.post(f"/api/applications/{line['id']}/unmask", json=look)
    assert shown.json() == {"number": about["identity_number"]}
    file = view.json()["files"][0]
    got = await as_center.post(f"/api/applications/{line['id']}/files/{file['id']}")
    assert got.content == base64.b64decode(pdf)

    taken = await as_center.post(
        f"/api/applications/{line['id']}/take", json={}, headers=key() | {"If-Match": view.headers["etag"]}
    )
    assert taken.json()["stage"] == "taken", taken.text
    candidate = await as_center.get(f"/api/candidates/{taken.json()['candidate_id']}")
    rejected = await as_center.post(
        f"/api/candidates/{taken.json()['candidate_id']}/reject",
        json={"reason": "专业与本县目前的需要不符"},
        headers=key() | {"If-Match": candidate.headers["etag"]},
    )
    assert rejected.status_code == 200
    followed = (await client.post("/api/applications/status", json={"number": number, "code": code})).json()
    assert (followed["progress"], followed["reason"]) == ("rejected", "专业与本县目前的需要不符")


async def test_declining_and_turning_down_go_through_the_api(
    client: httpx.AsyncClient, as_center: httpx.AsyncClient
) -> None:
    body = {"about": {"name": "谢安之", "source": "organisation"}, "source_note": "示范县水利局"}
    links = []
    for _ in range(2):
        made = await as_center.post("/api/applications/invite", json=body, headers=key())
        links.append((made.json()["application_id"], made.json()["link"].rpartition("/")[2]))
    (one, first), (other, _) = links

    assert (await client.get(f"/api/confirmations/{first}")).json()["source_note"] == "示范县水利局"
    assert (await client.post(f"/api/confirmations/{first}/decline", json={})).status_code == 204
    assert (await client.get(f"/api/confirmations/{first}")).status_code == 409
    seen = (await as_center.get(f"/api/applications/{other}")).headers["etag"]
    renewed = await as_center.post(f"/api/applications/{other}/link", headers=key() | {"If-Match": seen})
    assert renewed.status_code == 201
    seen = (await as_center.get(f"/api/applications/{other}")).headers["etag"]
    turned = await as_center.post(
        f"/api/applications/{other}/reject",
        json={"reason": "单位撤回了这项推荐，不再办理"},
        headers=key() | {"If-Match": seen},
    )
    assert turned.json()["stage"] == "rejected"
    assert (await as_center.get(f"/api/applications/{one}")).json()["application"]["stage"] == "declined"


async def test_the_inbox_is_for_the_center_and_audit(signed_in: SignedIn, client: httpx.AsyncClient) -> None:
    await apply(client)
    audit = await signed_in("audit")
    path = await first_of_inbox(audit)

    page = (await audit.get(path)).text
    assert "谢安之" in page
    for hidden in (f'action="{path}/take"', f'action="{path}/unmask"', "查询码"):
        assert hidden not in page
    for role in ("unit", "expert", "office"):
        other = await signed_in(role)
        assert (await other.get(path)).status_code == 404
    assert (await client.get(path)).status_code == 303
