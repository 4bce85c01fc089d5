"""Inviting the members of a panel: who, by which link, what they answer, and who comes in for whom."""

import email
import re
from datetime import timedelta
from email import policy

import httpx
import pytest
from litestar import Litestar

from service.clock import FixedClock
from service.jobs import Worker
from service.jobs.handlers import handlers
from service.settings import Settings
from service.storage.session import Database
from tests.service.conftest import MONDAY, SignedIn, browser
from tests.service.review.house import ABSTRACT, REASON, Review, key
from tests.service.test_panels import HYDRAULIC, LAWYERS


@pytest.mark.rule("R32a")
async def test_nobody_is_invited_before_the_panel_is_determined(review: Review, signed_in: SignedIn) -> None:
    await review.county.open()

    early = await review.invite()

    assert (early.status_code, early.json()["refusals"][0]["code"]) == (409, "PANEL_NOT_DETERMINED")


async def test_everybody_on_the_panel_is_invited_and_nobody_else(review: Review) -> None:
    before = await review.see()
    answer = await review.invite()
    after = await review.see()

    assert {one["standing"] for one in before["people"]} == {"not-invited"}
    assert answer.status_code == 200, answer.text
    assert [(one["standing"], one["respond_by"]) for one in after["people"]] == [("invited", "2026-09-17")] * 5
    stranger = review.county.library.experts["本局人"]
    again = await review.post(
        "invite",
        {"experts": [str(stranger)], "respond_by": "2026-09-17", "abstract": ABSTRACT},
        version=after["version"],
    )
    assert [one["code"] for one in again.json()["refusals"]] == ["NOT_TO_BE_INVITED"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"respond_by": "2026-09-13"}, 409, "RESPONSE_DAY_PAST"),
        ({"respond_by": "2026-09-14"}, 200, ""),
        ({"abstract": "短"}, 400, "FIELD_TOO_SHORT"),
        ({"abstract": "  "}, 400, "FIELD_REQUIRED"),
        ({"abstract": "长" * 601}, 400, ""),
    ],
)
async def test_invitation_says_until_when_and_what_about(review: Review, changes, status: int, code: str) -> None:
    answer = await review.invite(**changes)

    assert answer.status_code == status, answer.text
    assert code in answer.text


async def test_only_the_center_invites(review: Review) -> None:
    version = (await review.see())["version"]
    body = {"experts": [review.phones[0].expert_id], "respond_by": "2026-09-17", "abstract": ABSTRACT}

    by_unit = await review.post("invite", body, version=version, by=review.unit)
    by_expert = await review.post("invite", body, version=version, by=review.phones[0].client)

    assert (by_unit.status_code, by_expert.status_code) == (404, 404)


@pytest.mark.rule("R28d")
async def test_expert_learns_title_abstract_and_parties_before_answering(invited: Review) -> None:
    own = await invited.phones[0].own()

    assert (own["title"], own["abstract"], own["unit"]) == ("滦河支流综合治理工程", ABSTRACT, "县水利局")
    assert (own["stage"], own["files"]) == ("answer", [])


async def test_who_was_not_asked_does_not_learn_that_there_is_a_review(review: Review, signed_in: SignedIn) -> None:
    stranger = await signed_in("expert")

    assert (await stranger.get(f"/api/reviews/{review.matter}")).status_code == 404
    assert (await review.phones[0].client.get(f"/api/reviews/{review.matter}")).status_code == 404
    assert (await stranger.get(f"/api/matters/{review.matter}/review")).status_code == 404


@pytest.mark.rule("R26c", "R28d")
@pytest.mark.parametrize(
    ("answer", "code", "standing"),
    [
        ("accepted", "", "accepted"),
        ("declined", "ill", "declined"),
        ("declined", "no-time", "declined"),
        ("recused", "employer", "recused"),
    ],
)
async def test_three_answers_are_taken_with_their_reasons(
    invited: Review, answer: str, code: str, standing: str
) -> None:
    given = await invited.phones[0].answer(answer, code)

    line = await invited.line(invited.phones[0])
    assert given.status_code == 200, given.text
    assert (line["standing"], line["code"]) == (standing, code)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("declined", ""),
        ("declined", "employer"),
        ("recused", "ill"),
        ("accepted", "ill"),
        ("maybe", ""),
        ("declined", "no-answer"),
    ],
)
async def test_answer_without_a_known_reason_is_refused(invited: Review, answer: str, code: str) -> None:
    given = await invited.phones[0].answer(answer, code)

    if answer == "accepted":
        assert given.status_code == 200
        return
    assert (given.status_code, given.json()["refusals"][0]["code"]) == (409, "ANSWER_NOT_CODED")


async def test_invitation_is_answered_once_but_withdrawing_stays_open(invited: Review) -> None:
    phone = invited.phones[0]
    await phone.answer("accepted")

    twice = await phone.answer("accepted")
    declined = await phone.answer("declined", "ill")
    withdrawn = await phone.answer("recused", "kin")

    assert [one.status_code for one in (twice, declined, withdrawn)] == [409, 409, 200]
    assert twice.json()["refusals"][0]["code"] == "INVITATION_ANSWERED"
    assert (await phone.own())["stage"] == "over"


async def test_second_tab_with_an_old_version_is_told(invited: Review) -> None:
    phone = invited.phones[0]
    old = (await phone.own())["version"]
    await phone.answer("accepted")

    stale = await phone.post("answer", {"answer": "declined", "code": "ill"}, version=old)

    assert stale.status_code == 412


@pytest.mark.rule("R28d", "R30a")
async def test_interest_that_came_up_since_refuses_acceptance(invited: Review, database: Database) -> None:
    phone = invited.phones[0]
    name = next(name for name, held in invited.county.library.experts.items() if str(held) == phone.expert_id)
    employer = next(held for called, held in invited.county.library.organisations.items() if called == _employer(name))
    matter = (await invited.center.get(f"/api/matters/{invited.matter}")).json()
    changed = await invited.center.put(
        f"/api/matters/{invited.matter}/parties",
        json={"parties": [{"organisation_id": str(employer), "role": "party"}]},
        headers=key() | {"If-Match": f'"{matter["version"]}"'},
    )
    assert changed.status_code == 200, changed.text

    refused = await phone.answer("accepted")
    withdrawn = await phone.answer("recused", "employer")

    assert (refused.status_code, refused.json()["refusals"][0]["code"]) == (409, "DIRECT_INTEREST")
    assert withdrawn.status_code == 200


def _employer(name: str) -> str:
    names = [entry.name for entry in (*HYDRAULIC, *LAWYERS)]
    return f"外地设计院{names.index(name)}"


async def test_answer_after_the_matter_was_cancelled_is_refused(invited: Review) -> None:
    matter = (await invited.center.get(f"/api/matters/{invited.matter}")).json()
    cancelled = await invited.center.post(
        f"/api/matters/{invited.matter}/cancel",
        json={"reason": "资金来源发生变化，暂不列入本年度"},
        headers=key() | {"If-Match": f'"{matter["version"]}"'},
    )
    assert cancelled.status_code == 200, cancelled.text

    answer = await invited.phones[0].answer("accepted")

    assert (answer.status_code, answer.json()["refusals"][0]["code"]) == (409, "MATTER_CANCELLED")
    assert (await invited.phones[0].own())["stage"] == "over"


async def test_center_enters_what_was_said_by_telephone(invited: Review) -> None:
    phone = invited.phones[0]

    without = await invited.on(phone, "answer", {"answer": "accepted", "via": "phone", "note": ""})
    entered = await invited.on(
        phone, "answer", {"answer": "declined", "code": "no-answer", "via": "phone", "note": REASON}
    )

    assert (without.status_code, entered.status_code) == (400, 200)
    line = await invited.line(phone)
    assert (line["standing"], line["code"]) == ("declined", "no-answer")


@pytest.mark.rule("R26f", "R31a")
async def test_reserve_comes_in_for_who_declines_and_is_invited_in_the_same_act(
    invited: Review, database: Database, signed_in: SignedIn
) -> None:
    lines = [await invited.line(one) for one in invited.phones]
    phone, line = next((one, line) for one, line in zip(invited.phones, lines, strict=True) if line["reserves"])
    await phone.answer("declined", "ill")
    reserve = line["reserves"][0]

    replaced = await invited.on(phone, "replace", {"reserve": reserve, "reason": REASON, "respond_by": "2026-09-18"})

    assert replaced.status_code == 200, replaced.text
    people = {one["expert_id"]: one for one in (await invited.see())["people"]}
    assert (people[reserve]["standing"], people[reserve]["member"], people[reserve]["respond_by"]) == (
        "invited",
        True,
        "2026-09-18",
    )
    assert (people[phone.expert_id]["standing"], people[phone.expert_id]["member"]) == ("replaced", False)
    stranger = await invited.on(
        invited.phones[-1], "replace", {"reserve": phone.expert_id, "reason": REASON, "respond_by": "2026-09-18"}
    )
    assert stranger.json()["refusals"][0]["code"] == "RESERVE_NOT_NAMED"


async def test_who_accepted_asks_to_be_let_go_and_the_center_decides(invited: Review) -> None:
    phone = invited.phones[0]
    await phone.answer("accepted")

    asked = await phone.post("release", {"reason": REASON}, version=(await phone.own())["version"])
    waiting = await invited.line(phone)
    released = await invited.on(phone, "release", {"reason": REASON})

    assert (asked.status_code, waiting["release_asked"], released.status_code) == (200, True, 200)
    assert (await invited.line(phone))["standing"] == "released"
    assert (await phone.own())["stage"] == "over"


class Post:
    """The mails of an installation."""

    def __init__(self, app: Litestar, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def deliver(self) -> None:
        state = self.app.state
        await Worker(
            database=state.database, settings=self.settings, clock=state.clock, handlers=handlers(state)
        ).run_due()

    def links(self) -> list[str]:
        found = []
        for path in sorted((self.settings.var / "outbox").glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            found += re.findall(r"/i/([\w-]+)", message.get_body().get_content())
        return found


@pytest.fixture
def post(app: Litestar, settings: Settings) -> Post:
    return Post(app, settings)


async def test_link_shows_the_invitation_and_looking_changes_nothing(
    invited: Review, post: Post, client: httpx.AsyncClient
) -> None:
    await post.deliver()
    links = post.links()
    before = await invited.see()

    pages = [await client.get(f"/i/{token}") for token in links]

    assert len(set(links)) == 5
    assert {page.status_code for page in pages} == {200}
    assert all(ABSTRACT in page.text for page in pages)
    assert await invited.see() == before
    assert "session" not in client.cookies


@pytest.mark.parametrize("token", ["x" * 43, "", "x" * 2000, "../admin"])
async def test_wrong_link_is_not_there(client: httpx.AsyncClient, token: str) -> None:
    assert (await client.get(f"/i/{token}")).status_code == 404


async def test_link_expires(invited: Review, post: Post, client: httpx.AsyncClient, app: Litestar) -> None:
    await post.deliver()
    token = post.links()[0]
    app.state.clock = FixedClock(MONDAY + timedelta(days=60) - timedelta(seconds=1))
    inside = await client.get(f"/i/{token}")
    app.state.clock = FixedClock(MONDAY + timedelta(days=60))
    outside = await client.get(f"/i/{token}")

    assert (inside.status_code, outside.status_code) == (200, 404)


async def test_link_answers_and_signs_in_for_this_matter_alone(invited: Review, post: Post, app: Litestar) -> None:
    await post.deliver()
    token = post.links()[0]
    async with browser(app) as guest:
        page = (await guest.get(f"/i/{token}")).text
        form = {
            "answer": "accepted",
            "version": re.findall(r'name="version" value="(\d+)"', page)[0],
            "idempotency_key": key()["Idempotency-Key"],
        }
        answered = await guest.post(f"/i/{token}/answer", data=form)

        assert (answered.status_code, answered.headers["location"]) == (303, f"/reviews/{invited.matter}")
        assert (await guest.get(f"/reviews/{invited.matter}")).status_code == 200
        assert (await guest.get("/account")).status_code == 404
        assert (await guest.get(f"/matters/{invited.matter}/review")).status_code == 404
        assert (await guest.get("/account/keys")).status_code == 200
    assert [one["standing"] for one in (await invited.see())["people"]].count("accepted") == 1


async def test_link_gives_a_token_to_programs(invited: Review, post: Post, app: Litestar) -> None:
    await post.deliver()
    token = post.links()[0]
    async with browser(app) as program:
        entered = (await program.post(f"/api/invitations/{token}/enter", headers=key())).json()
        program.headers["Authorization"] = f"Bearer {entered['token']}"

        own = await program.get(f"/api/reviews/{entered['matter_id']}")
        other = await program.get(f"/api/reviews/{invited.phones[0].expert_id}")

    assert (own.status_code, other.status_code) == (200, 404)


async def test_expert_without_an_account_gets_one_that_nobody_can_sign_in_with(
    review: Review, post: Post, client: httpx.AsyncClient, database: Database, signed_in: SignedIn
) -> None:
    await review.invite(review.phones[0])

    reminded = await review.post(f"experts/{review.phones[0].expert_id}/remind")
    await post.deliver()

    assert reminded.status_code == 204
    first, second = post.links() if len(post.links()) == 2 else ("", "")
    assert sorted([(await client.get(f"/i/{token}")).status_code for token in (first, second)]) == [200, 404]


async def test_seen_is_noted_by_an_act_and_not_by_a_look(invited: Review) -> None:
    phone = invited.phones[0]
    looked = (await invited.line(phone))["standing"]

    await phone.post("seen")
    await phone.post("seen")

    line = await invited.line(phone)
    assert (looked, line["standing"], line["version"]) == ("invited", "seen", 1)
