"""Who sits in on a meeting was invited."""

import pytest

from registry import why_not_attended


@pytest.mark.rule("R27b")
def test_only_who_was_invited_sits_in() -> None:
    assert why_not_attended(["a", "b"], {"a", "b", "c"}) == ()
    assert why_not_attended([], set()) == ()
    assert [(one.code, one.facts) for one in why_not_attended(["a", "d"], {"a"})] == [
        ("SITTING_NOT_INVITED", {"count": 1})
    ]
