"""The pages on which a panel is assembled, proposed and printed, rendered from a small library of real values."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from registry import Appointment, Duty, Employment, Expert, ExpertField, IdentityKind, State, TitleLevel
from service.access import Viewer
from service.actions.assembly import compose, pose
from service.locales import Catalogues, install, use_language
from service.problems import Fault, Refusal
from service.regulation import load_edition, load_policy
from service.storage.matters import MatterView
from service.storage.panels import Lock, StoredPanel
from service.storage.pool import PanelDuty, Pool, PoolExpert, PoolOrganisation, Span
from service.web.forms import Form
from service.web.pages import environment, says
from service.web.panel_desk import Change, Listed, Proposed
from workflow import MatterState, Need, Seat

TODAY = date(2026, 11, 24)
MATTER = UUID(int=900)
CENTER = Viewer(UUID(int=1), UUID(int=2), "张敏", frozenset({"center"}), None, "决策咨询服务中心", "0123456789abcdef")
UNIT = Viewer(UUID(int=3), UUID(int=4), "李海", frozenset({"unit"}), UUID(int=50), "示范县水利局", "0123456789abcdef")
NAMES = ("王秀英", "李建国", "张丽华", "刘志强", "陈晓东", "杨桂兰", "赵磊", "黄文博")
NEED = Need(size=5, seats=(Seat("570", 2), Seat("820", 1)), reserves=1)


@pytest.fixture(scope="module")
def env():
    install(Catalogues.load())
    return environment()


def an_expert(n, *, away=(), duties=()):
    return PoolExpert(
        id=UUID(int=100 + n),
        person_id=UUID(int=200 + n),
        number=f"Z{n:04d}",
        name=NAMES[n],
        pinyin="",
        title="高级工程师",
        expert=Expert(
            id=str(UUID(int=100 + n)),
            identity=IdentityKind.RESIDENT,
            appointments=(Appointment(date(2024, 1, 1), date(2028, 12, 31)),),
            state=State.ACTIVE,
            state_since_on=date(2024, 1, 1),
            fields=(ExpertField("820" if n % 3 == 2 else "570", True),),
            title_level=TitleLevel.SENIOR,
            employments=(Employment(str(UUID(int=300 + n)), True, "", date(2020, 1, 1), None),),
        ),
        away=away,
        duties=duties,
    )


def a_pool():
    experts = [
        an_expert(
            n,
            away=(Span(date(2026, 11, 1), date(2026, 12, 31)),) if n == 6 else (),
            duties=(PanelDuty(UUID(int=800), "城乡供水一体化", Duty(date(2026, 11, 10))),) if n == 7 else (),
        )
        for n in range(len(NAMES))
    ]
    organisations = [
        PoolOrganisation(UUID(int=300 + n), f"示范县第{n}设计院", "institute", "139900", False, ()) for n in range(8)
    ]
    return Pool(
        seq=1,
        experts={one.id: one for one in experts},
        by_person={one.person_id: one.id for one in experts},
        organisations={one.id: one for one in organisations},
    )


def an_assembly(need=NEED, locks=()):
    problem = pose(
        a_pool(),
        MATTER,
        MatterState(version=2, need=need),
        (),
        locks,
        edition=load_edition("changli-trial-1", issued_on=date(2025, 1, 1)),
        policy=load_policy("changli-local-1"),
        county_code="139900",
        as_of=TODAY,
        floor=5,
    )
    return compose(problem, seed=str(MATTER))


def a_matter():
    return MatterView(
        id=MATTER,
        number="2026-014",
        title="滨海新区供水管网改造",
        unit_id=UUID(int=50),
        unit_name="示范县水利局",
        state="need-set",
        step="expert_need",
        flags_proposed=(),
        flags_confirmed=None,
        need=NEED,
        unit_clerk="李海",
        center_clerk="",
        parties=(),
        opened_on=date(2026, 11, 3),
        closed_on=None,
        edition="changli-trial-1",
        version=2,
    )


def a_page(env, *, viewer=CENTER, lang="zh", template="panel/assemble.html", **context):
    use_language(lang)
    assembly = context.pop("assembly", None) or an_assembly()
    shown = {zone: [one for one in assembly.standings if one.zone == zone and one.role == "out"] for zone in ZONES}
    known = {
        "viewer": viewer,
        "language": lang,
        "mode": "production",
        "county": "示范县",
        "path": f"/matters/{MATTER}/panel",
        "notice": None,
        "today": TODAY,
        "idempotency_key": "0123456789",
        "waiting": 0,
        "matter": a_matter(),
        "state": MatterState(version=2, need=NEED),
        "assembly": assembly,
        "zones": [(zone, len(found), found) for zone, found in shown.items()],
        "acts": frozenset({"need", "lock", "propose"}),
        "mine": False,
        "seconded": False,
        "own_hand": False,
        "panel_mode": "open",
        "policy_mode": "open",
        "trial": False,
        "blocking": [],
        "ways_out": [],
        "proposal": None,
        "listed": None,
        "problem_sha256": "ab" * 32,
        "locking": None,
        "locking_as": "in",
        "find": "",
        "fields": [("570", "水利工程"), ("820", "法学")],
        "past": (),
        "form": None,
        "faults": [],
        "refusals": (),
        "say_breach": says,
    }
    return env.get_template(template).render(known | context)


ZONES = ("free", "warned", "blocked")


def a_proposal(assembly, **other):
    return Proposed(
        **{
            "members": assembly.members,
            "reserves": assembly.reserves,
            "proposer": "李海",
            "proposed_at": datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
            "designated": False,
            "by_hand": False,
            "designation": "",
            "approver": "",
            "approved_at": None,
            "balance": assembly.balance,
            "broken": (),
            "stopped": False,
            "undeclared": (),
            "smaller_reason": "",
            "changes": (),
            "differences": (),
        }
        | other
    )


def part(page, start, end="</section>"):
    return page[page.index(start) : page.index(end, page.index(start))]


def test_the_composed_panel_is_proposed_in_one_click(env):
    page = a_page(env)

    form = part(page, f'action="/matters/{MATTER}/panel/propose"', "</form>")
    assert form.count('name="member"') == 5
    assert 'name="version" value="2"' in form
    assert f'name="problem" value="{"ab" * 32}"' in form
    assert re.findall(r"<input(?![^>]*hidden)[^>]*required", form) == []


def test_everybody_is_shown_once_with_a_reason(env):
    assembly = an_assembly()

    page = a_page(env, assembly=assembly)

    heads = re.findall(r'<p class="who">\s*<a href="/experts/([^"]+)"', page)
    assert sorted(heads) == sorted(str(one.id) for one in assembly.standings)
    assert "这一天外出" in page


def test_a_viewer_without_right_to_reasons_gets_no_links_to_experts(env):
    page = a_page(env, viewer=UNIT)

    assert "/experts/" not in page
    assert "王秀英" in page


def test_a_trial_cannot_be_proposed_before_the_need_is_saved(env):
    page = a_page(env, trial=True)

    assert f"/matters/{MATTER}/panel/propose" not in page
    assert "试排" in page


def test_locked_experts_show_reason_and_the_way_to_lift_it(env):
    locks = [Lock(UUID(int=100), "in", "主持过同一流域的论证", "张敏", datetime(2026, 11, 20, tzinfo=UTC))]

    page = a_page(env, assembly=an_assembly(locks=locks))

    assert "主持过同一流域的论证" in page
    assert f'action="/matters/{MATTER}/panel/locks/lift"' in page


def test_no_panel_says_which_conditions_and_ways_out(env):
    assembly = an_assembly(need=Need(size=5, seats=(Seat("560", 2),)))
    assert not assembly.possible

    page = a_page(
        env,
        assembly=assembly,
        blocking=[("土木建筑工程需要 2 人，没有人可以入选", "A30")],
        ways_out=[("减少土木建筑工程席位", "#need-form")],
    )

    told = part(page, 'id="impossible"')
    assert "土木建筑工程需要 2 人，没有人可以入选" in told
    assert "第三十条" in told
    assert '<a href="#need-form">减少土木建筑工程席位</a>' in told
    assert f"/matters/{MATTER}/panel/propose" not in page


def test_the_proposer_cannot_press_determine(env):
    proposal = a_proposal(an_assembly())
    acts = frozenset({"determine", "change", "return"})

    own = a_page(env, proposal=proposal, acts=acts, mine=True)
    others = a_page(env, proposal=proposal, acts=acts)

    assert re.search(r"<button[^>]*disabled[^>]*>确定这个专家组", own)
    assert "须由另一人确定" in own
    assert re.search(r'<button class="button primary" type="submit">确定这个专家组', others)


def test_a_list_made_by_hand_asks_for_a_second_look_before_it_is_determined(env):
    assembly = an_assembly()
    at = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    acts = frozenset({"approve", "determine"})
    bare = a_proposal(assembly, designated=True, by_hand=True, designation="熟悉本流域")
    seconded = replace(bare, approver="周敏", approved_at=at)

    asked = a_page(env, acts=acts, proposal=bare)
    ready = a_page(env, acts=acts, proposal=seconded)

    assert "熟悉本流域" in asked
    assert "复核同意" in asked
    assert "先由一人复核" in asked
    assert "周敏" in ready
    assert "复核同意" not in ready


def test_what_the_center_changed_asks_another_person_for_a_second_look(env):
    acts = frozenset({"approve", "determine"})
    changed = a_proposal(an_assembly(), by_hand=True)

    own = a_page(env, acts=acts, proposal=changed, own_hand=True)
    another = a_page(env, acts=acts, proposal=changed)

    press = [re.search(r"<button[^>]*>复核同意", page)[0] for page in (own, another)]
    assert ["disabled" in button for button in press] == [True, False]
    assert ("有您的改动，须由另一人复核" in own, "有您的改动，须由另一人复核" in another) == (True, False)
    assert "没有写明" not in another


def test_each_difference_asks_for_a_reason_and_keeps_what_was_typed(env):
    assembly = an_assembly()
    out, comes = assembly.members[0], next(one for one in assembly.standings if one.role == "out")
    form = Form({"out": [str(out.id), ""], "in": [str(comes.id), ""], "reason": ["短", "第二条理由"]})

    page = a_page(
        env,
        proposal=a_proposal(assembly, differences=((out, comes), (None, assembly.reserves[0]))),
        acts=frozenset({"change"}),
        form=form,
        faults=[Fault("reason-0", "REASON_TOO_SHORT", {"least": 4})],
    )

    told = part(page, f'action="/matters/{MATTER}/panel/change"', "</form>")
    assert re.findall(r'name="reason" value="([^"]*)"', told) == ["短", "第二条理由"]
    assert re.findall(r'name="out" value="([^"]*)"', told) == [str(out.id), ""]
    assert 'href="#f-reason-0"' in page
    assert 'id="f-reason-0"' in told


def test_an_exchange_that_somebody_made_by_hand_comes_first_with_the_reason_given_there(env):
    assembly = an_assembly()
    locks = [Lock(assembly.members[0].id, "out", "近期住院", "张敏", datetime(2026, 11, 20, tzinfo=UTC))]
    anew = an_assembly(locks=locks)
    out = next(one for one in anew.standings if one.id == assembly.members[0].id)
    comes = next(one for one in anew.members if one.id not in {member.id for member in assembly.members})
    proposal = a_proposal(assembly, broken=(("王秀英：已手工排除。", ""),), stopped=True, differences=((out, comes),))

    page = a_page(env, assembly=anew, proposal=proposal, acts=frozenset({"change", "determine"}))

    told = part(page, f'action="/matters/{MATTER}/panel/change"', "</form>")
    assert re.findall(r'name="reason" value="([^"]*)"', told) == ["近期住院"]
    assert page.index("换成重新组合的专家组") < page.index('<ol class="members">')
    assert re.findall(r'class="button primary" type="submit"[^>]*>([^<]+)', part(page, 'id="panel"')) == [
        "换成重新组合的专家组"
    ]
    assert re.search(r"<button[^>]*disabled[^>]*>确定这个专家组", page)


def test_a_panel_below_the_floor_asks_for_the_reason(env):
    assembly = an_assembly()
    below = replace(assembly, problem=replace(assembly.problem, floor=9))

    assert 'name="smaller_reason"' in a_page(env, assembly=below)
    assert 'name="smaller_reason"' not in a_page(env, assembly=assembly)


def test_a_list_made_by_hand_shows_broken_rules_first_and_the_repair(env):
    assembly = an_assembly()
    out, comes = assembly.members[0], assembly.reserves[0]
    listed = Listed(
        text="王秀英",
        unknown=("张无名",),
        members=assembly.members,
        rules=((True, "同一单位最多 1 人", ""), (False, "水利工程需要 2 人，名单中有 1 人", "A30")),
        exchanges=((out, comes),),
        repaired=(comes, *assembly.members[1:]),
        problem_sha256="cd" * 32,
    )

    told = part(a_page(env, listed=listed), 'id="listed"')

    assert told.index("水利工程需要 2 人") < told.index("同一单位最多 1 人")
    assert "张无名" in told
    assert re.findall(r'name="member" value="([^"]+)"', told) == [str(one.id) for one in listed.repaired]


def test_refusals_of_an_act_stand_on_the_page_itself(env):
    page = a_page(env, refusals=[Refusal("PROPOSER_DETERMINES", "R32a", "A32.1")])

    assert "第三十二条第（一）项" in page


def test_the_document_names_seats_reserves_changes_and_both_persons(env):
    assembly = an_assembly()
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    panel = StoredPanel(
        id=UUID(int=700),
        matter_id=MATTER,
        round=1,
        state="determined",
        mode="composed",
        as_of=TODAY,
        edition="changli-trial-1",
        policy="changli-local-1",
        problem=None,
        problem_sha256="ab" * 32,
        result=None,
        proposed_by=UUID(int=4),
        proposer="李海",
        proposed_at=at,
        determined_by=UUID(int=2),
        determiner="张敏",
        determined_at=at,
        determined_on=date(2026, 11, 24),
        approver="",
        approved_at=None,
        seats=(),
        changes=(),
    )

    page = a_page(
        env,
        template="panel/panel.html",
        panel=panel,
        members=assembly.members,
        reserves=assembly.reserves,
        changes=(Change(out="赵磊", in_="黄文博", reason="本人提出回避", by="张敏", at=at),),
        since=(),
        checks=(),
        rules=((True, False, "人数 5 人", "A31"), (False, True, "同一单位最多 1 人", "")),
        balance=assembly.balance,
    )

    paper = part(page, '<article class="document">', "</article>")
    for told in (
        "2026年11月24日",
        "水利工程",
        "法学",
        "本人提出回避",
        "李海",
        "张敏",
        "ab" * 32,
        "第三十二条第（一）项",
    ):
        assert told in paper
    assert 'class="official"' in page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_of_panels_keep_the_content_security_policy_and_have_unique_ids(env, lang):
    assembly = an_assembly()
    acts = frozenset({"need", "lock", "propose", "change", "determine", "return"})
    one = next(standing for standing in assembly.standings if standing.role == "out")
    differences = ((assembly.members[0], one),)
    for page in (
        a_page(env, lang=lang, acts=acts, locking=one, find="甲"),
        a_page(env, lang=lang, acts=acts, proposal=a_proposal(assembly, differences=differences)),
    ):
        assert re.findall(r"\sstyle=|\son[a-z]+=", page) == []
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert [once for once in set(ids) if ids.count(once) > 1] == []
        if lang == "en":
            main = part(page, '<div class="assemble">', "</section>\n</div>")
            assert re.findall(r">\s*[一-鿿]{2,}（", main) == []
