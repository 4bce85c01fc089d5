from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from conflicts import Alias, FactRefused, Kind, Organisation, Origin, Relation, Stance, Upper, standing_facts
from tests.conflicts.builders import a_fact

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "impossible", "possible", "code"),
    [
        pytest.param(
            "employment",
            {"from_on": date(2026, 1, 2), "to_on": date(2026, 1, 1)},
            {"from_on": date(2026, 1, 2), "to_on": date(2026, 1, 2)},
            "END_BEFORE_START",
            id="ends before it starts; one day is a span",
        ),
        pytest.param("shareholding", {"share": (0, 10)}, {"share": (1, 10)}, "SHARE_IMPOSSIBLE", id="nothing held"),
        pytest.param("shareholding", {"share": (11, 10)}, {"share": (10, 10)}, "SHARE_IMPOSSIBLE", id="over the whole"),
        pytest.param("employment", {"share": (1, 2)}, {}, "SHARE_MISPLACED", id="a share of an employer"),
        pytest.param("kinship", {"relation": None}, {}, "RELATION_MISSING", id="kin without a relation"),
        pytest.param("employment", {"relation": Relation.SPOUSE}, {}, "RELATION_MISPLACED", id="married to a job"),
        pytest.param("statement", {"stance": None}, {}, "STANCE_MISSING", id="a view without a view"),
        pytest.param("employment", {"stance": Stance.FOR}, {}, "STANCE_MISPLACED", id="an employer with a view"),
        pytest.param(
            "employment", {"known_at": AT.replace(tzinfo=None)}, {"known_at": AT}, "INSTANT_NAIVE", id="naive"
        ),
        pytest.param(
            "employment",
            {"known_at": AT, "retired_at": AT},
            {"known_at": AT, "retired_at": AT.replace(second=1)},
            "RETIRED_BEFORE_KNOWN",
            id="retired when it became known",
        ),
    ],
)
def test_a_fact_that_cannot_be_is_refused_by_name(
    kind: str, impossible: dict[str, Any], possible: dict[str, Any], code: str
) -> None:
    with pytest.raises(FactRefused) as refused:
        a_fact("ann", kind, "firm", **impossible)

    assert (refused.value.code, refused.value.facts) == (code, {"fact": f"ann {kind} firm"})
    assert a_fact("ann", kind, "firm", **possible).kind is Kind(kind)


def test_nobody_is_tied_to_himself() -> None:
    with pytest.raises(FactRefused) as refused:
        a_fact("ann", "kinship", "ann")

    assert refused.value.code == "TIE_TO_ITSELF"


def test_parents_and_successors_of_an_organisation_become_facts() -> None:
    bureau = Organisation(
        "bureau",
        parents=(Upper("county", date(2019, 4, 1)), Upper("city", None, date(2019, 3, 31))),
        successors=(Upper("new", date(2025, 1, 1)),),
    )

    facts = standing_facts(bureau, source="register")

    parent = a_fact(
        "bureau",
        "superior",
        "county",
        id="bureau/parents/0",
        from_on=date(2019, 4, 1),
        origin=Origin.IMPORTED,
        source="register",
    )
    assert facts == (
        parent,
        replace(parent, id="bureau/parents/1", object="city", from_on=None, to_on=date(2019, 3, 31)),
        replace(parent, id="bureau/successors/0", kind=Kind.SUCCESSION, object="new", from_on=date(2025, 1, 1)),
    )


@pytest.mark.parametrize(
    ("day", "name"),
    [
        pytest.param(date(2010, 1, 1), "县水利局", id="long ago, the earliest"),
        pytest.param(date(2019, 3, 31), "县水利局", id="on its last day"),
        pytest.param(date(2019, 4, 1), "县水务局", id="the day after"),
        pytest.param(date(2026, 1, 1), "县水资源局", id="after all renames"),
    ],
)
def test_an_organisation_has_the_name_it_bore_on_the_day(day: date, name: str) -> None:
    aliases = (Alias("水务"), Alias("县水务局", date(2024, 12, 31)), Alias("县水利局", date(2019, 3, 31)))

    assert Organisation("o", "县水资源局", aliases=aliases).name_on(day) == name
