"""A problem on the command line: sentences, the ways out, and an exit code."""

import click
import pytest

from service.cli.as_user import fail
from service.locales import Catalogues, install
from service.problems import Fault, Invalid, Refusal, Refused, Remedy


@pytest.fixture(autouse=True)
def _catalogues() -> None:
    install(Catalogues.load())


def test_refusal_is_told_with_its_article_and_the_ways_out(capsys: pytest.CaptureFixture[str]) -> None:
    refusal = Refusal(
        "YEARLY_DECLARATION_MISSING",
        cite="A28.4",
        facts={"count": 2, "months": 12},
        remedies=(Remedy("RECORD_DECLARATIONS"), Remedy("CHOOSE_ANOTHER_EXPERT")),
    )

    with pytest.raises(click.exceptions.Exit) as ended:
        fail(Refused([refusal]), language="en")

    said = capsys.readouterr().err.splitlines()
    assert ended.value.exit_code == 3
    assert said == [
        "2 members have no valid yearly declaration of interest (it is valid for 12 months). (A28.4)",
        "  - Ask the members to declare online, or enter the declarations received on paper",
        "  - Choose another expert",
    ]


def test_fault_of_the_input_is_told_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(click.exceptions.Exit) as ended:
        fail(Invalid([Fault("reason", "FIELD_EMPTY")]), language="en")

    assert (ended.value.exit_code, capsys.readouterr().err.split(":")[0]) == (2, "reason")
