"""The demonstration county: always the same, believable, and nobody real."""

import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from conflicts import Kind
from registry import is_field_code, read_credit_code, read_identity, read_phone, recognise_title
from service.demo import DEMO_ACCOUNTS, SEED, County, demo_county
from service.demo.experts import DemoExpert
from service.demo.identity import credit_code, id_check_character
from service.demo.matters import DemoMatter, working_day
from service.demo.names import is_well_known
from service.demo.organisations import top_parents

TODAY = date(2026, 9, 14)


@pytest.fixture(scope="module")
def county() -> County:
    return demo_county()


def test_the_same_seed_gives_the_same_county_whatever_the_hash_seed() -> None:
    program = "from service.demo import demo_county; print(demo_county().fingerprint())"
    prints = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "1")
    ]

    assert prints == [demo_county().fingerprint()] * 2


def test_another_seed_gives_another_county(county: County) -> None:
    assert demo_county(SEED + 1).fingerprint() != county.fingerprint()


def test_the_county_has_its_size(county: County) -> None:
    assert (len(county.organisations), len(county.experts), len(county.matters)) == (40, 300, 65)
    assert Counter(matter.state for matter in county.matters) == {
        "recorded": 9,
        "determined": 50,
        "cancelled": 1,
        "suspended": 1,
        "proposed": 1,
        "need-set": 2,
        "opened": 1,
    }


def test_every_key_is_used_once_and_every_reference_leads_somewhere(county: County) -> None:
    organisations = {organisation.key for organisation in county.organisations}
    experts = {expert.key for expert in county.experts}
    matters = {matter.key for matter in county.matters}
    referred = {
        *(parent.key for organisation in county.organisations for parent in organisation.parents),
        *(work.organisation for expert in county.experts for work in expert.employments),
        *(away.expert for away in county.aways),
        *(key for tie in county.ties for key in (tie.subject, tie.object)),
        *(key for matter in county.matters for key in (matter.unit, *matter.parties, *matter.drafters)),
        *(key for matter in county.matters for key in matter.members),
        *(account.unit for account in county.accounts if account.unit),
        *(account.expert for account in county.accounts if account.expert),
    }

    assert len(organisations | experts | matters) == 40 + 300 + 65
    assert referred <= organisations | experts | matters


def test_parents_come_before_those_who_belong_to_them(county: County) -> None:
    seen: set[str] = set()
    for organisation in county.organisations:
        assert {parent.key for parent in organisation.parents} <= seen
        seen.add(organisation.key)


def test_identity_numbers_are_valid_unique_and_belong_to_no_place(county: County) -> None:
    numbers = [expert.id_number for expert in county.experts if expert.id_number]

    assert len(numbers) == len(set(numbers)) == 299
    assert {number[:4] for number in numbers} == {"1398", "1399"}
    assert [number[-1] for number in numbers] == [id_check_character(number[:17]) for number in numbers]
    for expert in county.experts:
        if expert.id_number:
            assert expert.id_number[6:14] == f"{expert.born_on:%Y%m%d}"
            assert int(expert.id_number[16]) % 2 == (0 if expert.female else 1)


def test_check_characters_agree_with_worked_examples() -> None:
    assert id_check_character("11010519491231002") == "X"
    assert id_check_character("44052418800101001") == "4"
    assert credit_code("11", "139900", 9) == "11139900DEM00009XJ"


def test_credit_codes_are_valid_and_unique(county: County) -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    codes = [organisation.credit_code for organisation in county.organisations]

    assert len(set(codes)) == 40
    for code in codes:
        total = sum(alphabet.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
        assert (total + alphabet.index(code[17])) % 31 == 0


def test_the_library_reads_every_number_code_field_and_title_as_meant(county: County) -> None:
    for expert in county.experts:
        if expert.id_number:
            assert read_identity(expert.id_number).born_on == expert.born_on
        assert read_phone(expert.phone).number == expert.phone
        assert all(is_field_code(code) for code in (expert.main_field, *expert.further_fields))
        assert recognise_title(expert.title).level == expert.title_level
    for organisation in county.organisations:
        assert read_credit_code(organisation.credit_code) == organisation.credit_code
    for matter in county.matters:
        assert all(is_field_code(seat.field) for seat in matter.seats)


def test_telephone_numbers_are_unique_and_obviously_invented(county: County) -> None:
    phones = [expert.phone for expert in county.experts]

    assert len(set(phones)) == 300
    assert {(phone[:7], len(phone)) for phone in phones} == {("1990000", 11)}


def test_nobody_bears_the_name_of_a_living_leader(county: County) -> None:
    names = [expert.name for expert in county.experts] + [account.name for account in county.accounts]

    assert is_well_known("李" + "强")
    assert [name for name in names if is_well_known(name)] == []


def test_two_pairs_of_experts_share_a_name(county: County) -> None:
    counts = Counter(expert.name for expert in county.experts)

    assert sorted(counts.values())[-3:] == [1, 2, 2]


def test_organisations_are_of_an_invented_county_and_city(county: County) -> None:
    assert all(
        ("示范县" in organisation.name) or ("冀海" in organisation.name) for organisation in county.organisations
    )
    assert sum(organisation.undertakes for organisation in county.organisations) == 13
    assert top_parents(county.organisations)["shuigong"] == "shuili"
    assert top_parents(county.organisations)["huanjing"] == "shihuanjing"


def test_dates_of_a_life_follow_one_another(county: County) -> None:
    for expert in county.experts:
        grown_up_on = date(expert.born_on.year + 22, 1, 1)
        mains = [work for work in expert.employments if work.main]
        assert mains[0].from_on >= grown_up_on
        for earlier, later in pairwise(mains):
            assert earlier.to_on is not None
            assert earlier.to_on + timedelta(days=1) == later.from_on
        assert all(work.to_on is None or work.from_on <= work.to_on for work in expert.employments)
        assert all(term.starts_on <= term.ends_on for term in expert.terms)
        assert expert.titled_on > grown_up_on
        assert expert.titled_on < TODAY


def test_every_term_is_five_years(county: County) -> None:
    for expert in county.experts:
        for term in expert.terms:
            assert term.ends_on + timedelta(days=1) == term.starts_on.replace(year=term.starts_on.year + 5)


def test_terms_end_in_every_way_a_clerk_must_notice(county: County) -> None:
    def ending_within(days: int) -> int:
        return sum(TODAY <= expert.terms[-1].ends_on <= TODAY + timedelta(days=days) for expert in county.experts)

    assert (ending_within(30), ending_within(90), ending_within(180)) == (7, 18, 36)
    assert sum(expert.terms[-1].ends_on < TODAY for expert in county.experts) == 16
    assert sum(expert.terms[0].starts_on > TODAY for expert in county.experts) == 2


def test_every_standing_occurs(county: County) -> None:
    standings = Counter(expert.standing.kind for expert in county.experts if expert.standing)

    assert standings == {"suspended": 4, "withdrawn": 1, "dismissed": 1, "struck-off": 1}


def test_most_experts_can_serve_today(county: County) -> None:
    assert sum(expert.serves_on(TODAY) for expert in county.experts) >= 250


def test_every_kind_of_tie_occurs_that_recusal_knows(county: County) -> None:
    assert {tie.kind for tie in county.ties} == {
        Kind.SUPERIOR,
        Kind.CONTROL,
        Kind.SHAREHOLDING,
        Kind.CONTRACT,
        Kind.DISPUTE,
        Kind.DIRECTORSHIP,
        Kind.KINSHIP,
        Kind.TEACHER_STUDENT,
        Kind.CO_PROJECT,
        Kind.DRAFTING,
        Kind.CONSULTING,
    }
    assert all(tie.from_on is None or tie.to_on is None or tie.from_on <= tie.to_on for tie in county.ties)


def test_matters_run_on_working_days_in_order(county: County) -> None:
    for matter in county.matters:
        days = [day for day in (matter.opened_on, matter.proposed_on, matter.determined_on) if day is not None]
        assert days == sorted(days)
        assert all(working_day(day) == day for day in days)
        assert all(day <= TODAY for day in days)
    opened = [matter.opened_on for matter in county.matters]
    assert opened == sorted(opened)


def test_history_ends_before_the_edition_was_issued(county: County) -> None:
    issued_on = date(2025, 1, 1)
    for matter in county.matters:
        if matter.state == "recorded":
            assert matter.determined_on is not None
            assert matter.determined_on < issued_on
        else:
            assert matter.opened_on >= issued_on


def test_panel_sizes_are_the_floors_of_the_regulation(county: County) -> None:
    for matter in county.matters:
        assert matter.size == (9 if matter.flags else 5)
        assert sum(seat.count for seat in matter.seats) <= matter.size


def test_recorded_panels_are_whole_and_keep_away_from_those_concerned(county: County) -> None:
    tops = top_parents(county.organisations)
    experts = {expert.key: expert for expert in county.experts}
    for matter in county.matters:
        if matter.state != "recorded":
            continue
        assert matter.determined_on is not None
        concerned = {tops[key] for key in (matter.unit, *matter.parties, *matter.drafters)}
        assert len(set(matter.members)) == matter.size
        for key in matter.members:
            employer = experts[key].employer_on(matter.determined_on)
            assert experts[key].serves_on(matter.determined_on)
            assert employer is not None
            assert tops[employer] not in concerned


def test_every_matter_could_have_a_panel_with_one_expert_from_a_house(county: County) -> None:
    tops = top_parents(county.organisations)

    assert [matter.title for matter in county.matters if not _seats_can_be_filled(matter, county.experts, tops)] == []


def test_the_accounts_cover_every_role_that_has_a_page() -> None:
    assert [account.roles for account in DEMO_ACCOUNTS] == [
        ("center",),
        ("center-head",),
        ("unit",),
        ("unit",),
        ("office",),
        ("mayor",),
        ("audit",),
        ("system-administrator",),
        ("expert",),
    ]
    assert all(account.password for account in DEMO_ACCOUNTS)


def test_the_expert_who_signs_in_bears_the_account_s_name_and_serves(county: County) -> None:
    account = next(account for account in DEMO_ACCOUNTS if account.expert)
    expert = next(expert for expert in county.experts if expert.key == account.expert)

    assert (expert.name, expert.main_field[:3]) == (account.name, "570")
    assert expert.serves_on(TODAY)


def _seats_can_be_filled(matter: DemoMatter, experts: tuple[DemoExpert, ...], tops: dict[str, str]) -> bool:
    """Match seats with houses (augmenting paths), superiors of the unit left out as well."""
    on = matter.determined_on or matter.opened_on
    concerned = {tops[key] for key in (matter.unit, *matter.parties, *matter.drafters)}
    concerned |= {"shuili": {"shishuili"}, "nongye": {"shinongye"}}.get(matter.unit, set())
    seats = [seat.field for seat in matter.seats for _ in range(seat.count)]
    seats += [""] * (matter.size - len(seats))
    houses = [
        {
            tops[employer]
            for expert in experts
            if expert.serves_on(on)
            and (employer := expert.employer_on(on)) is not None
            and any(code.startswith(field) for code in (expert.main_field, *expert.further_fields))
        }
        - concerned
        for field in seats
    ]
    held: dict[str, int] = {}

    def seat(place: int, tried: set[str]) -> bool:
        for house in sorted(houses[place] - tried):
            tried.add(house)
            if house not in held or seat(held[house], tried):
                held[house] = place
                return True
        return False

    return all(seat(place, set()) for place in range(len(seats)))
