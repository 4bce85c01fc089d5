"""Who sits in on a meeting was invited."""

from datetime import date

import pytest

from registry import why_not_attended, why_not_invited


@pytest.mark.rule("R27b")
def test_only_who_was_invited_sits_in() -> None:
    assert why_not_attended(["a", "b"], {"a", "b", "c"}) == ()
    assert why_not_attended([], set()) == ()
    assert [(one.code, one.facts) for one in why_not_attended(["a", "d"], {"a"})] == [
        ("SITTING_NOT_INVITED", {"count": 1})
    ]


@pytest.mark.rule("R27b")
def test_only_who_stands_in_the_library_on_the_day_is_invited_and_all_others_are_named() -> None:
    day = date(2026, 9, 16)

    assert why_not_invited({"ZJ0001": True, "ZJ0002": True}, on=day) == ()
    assert [(one.code, one.facts) for one in why_not_invited({"ZJ3": False, "ZJ1": True, "ZJ2": False}, on=day)] == [
        ("GUEST_NOT_IN_OFFICE", {"numbers": "ZJ3, ZJ2", "count": 2, "on": "2026-09-16"})
    ]
