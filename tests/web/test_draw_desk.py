"""What is said of everybody's chance: people alike in what determined it stand in one row."""

from service.web.draw_desk import chances_of, reasons_of


def a_candidate(number: str, field: str, *, service: int = 0, employer: str = "U1", region: str = "county"):
    return {
        "id": number,
        "fields": [field],
        "service": service,
        "attributes": {"employer": employer, "region": region},
    }


def a_problem(*candidates, quotas=()):
    return {
        "candidates": list(candidates),
        "seats": [{"field": "570"}, {"field": "820"}],
        "quotas": list(quotas),
        "excluded": [
            {"id": "9", "code": "DIRECT_INTEREST", "cite": "A30"},
            {"id": "8", "code": "AWAY", "cite": ""},
            {"id": "7", "code": "AWAY", "cite": ""},
        ],
    }


def a_lottery(**chances: str):
    return {
        "types": [[number.removeprefix("n")] for number in chances],
        "chances": {k[1:]: v for k, v in chances.items()},
    }


def test_types_that_differ_only_in_what_does_not_matter_stand_in_one_row() -> None:
    problem = a_problem(a_candidate("1", "57020"), a_candidate("2", "57040", employer="U2"), a_candidate("3", "820"))

    rows = chances_of(problem, a_lottery(n1="1/2", n2="1/2", n3="1"))

    assert [(row.numbers, row.fields, row.text, row.employer) for row in rows] == [
        (("3",), ("820",), "1", ""),
        (("1", "2"), ("570",), "1/2", ""),
    ]


def test_the_employer_is_named_where_it_alone_parts_the_chances() -> None:
    problem = a_problem(a_candidate("1", "570", employer="U1"), a_candidate("2", "570", employer="U2"))

    rows = chances_of(problem, a_lottery(n1="1/3", n2="2/3"))

    assert [(row.employer, row.text) for row in rows] == [("U2", "2/3"), ("U1", "1/3")]


def test_three_panels_and_more_are_one_class_and_fewer_are_not() -> None:
    problem = a_problem(
        a_candidate("1", "570", service=3), a_candidate("2", "570", service=9), a_candidate("3", "570", service=2)
    )

    rows = chances_of(problem, a_lottery(n1="1/4", n2="1/4", n3="1/3"))

    assert [(row.service, row.numbers) for row in rows] == [(2, ("3",)), (3, ("1", "2"))]


def test_the_region_is_said_only_where_a_quota_asks_for_it() -> None:
    candidates = (a_candidate("1", "570"), a_candidate("2", "570", region="outside"))
    quota = {"attribute": "region", "value": "outside", "min": 1, "max": 5}

    without = chances_of(a_problem(*candidates), a_lottery(n1="1/2", n2="1/2"))
    asked = chances_of(a_problem(*candidates, quotas=[quota]), a_lottery(n1="1/2", n2="1/2"))

    assert [row.region for row in without] == [""]
    assert sorted(row.region for row in asked) == ["county", "outside"]


def test_people_kept_out_are_counted_by_reason_most_first() -> None:
    assert reasons_of(a_problem()) == (("AWAY", "", 2), ("DIRECT_INTEREST", "A30", 1))
