import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.access import OPERATIONS, Viewer, may
from service.cli.edition import command as edition_command
from service.cli.matrix import command as matrix_command
from service.ids import new_id
from service.regulation import load_edition, load_policy
from service.regulation.articles import Article, load_articles
from service.regulation.matrix import Matrix, join, make_matrix
from service.regulation.sources import marked_tests, rules_by_code

EDITION = load_edition("changli-trial-1", issued_on=date(2025, 1, 1))
ONE_RULE = replace(EDITION, rows={"PANEL_TOO_SMALL": EDITION.rule("PANEL_TOO_SMALL")})
POLICY = replace(load_policy("changli-local-1"), conflicts=())
FLOOR = {"PANEL_TOO_SMALL": ("workflow.rules.panel.PanelFloor",)}
PROVED = {"R31a": ("tests/a.py::test_a",), "R31b": ("tests/a.py::test_b",)}


def an_article(ref: str, status: str = "enforced") -> Article:
    reason = "people do" if status in ("assisted", "human") else ""
    return Article(ref, "A31", "en", "中", "generally", ("gate",), status, reason, reason, date(2026, 11, 24))  # type: ignore[arg-type]


def gaps(
    *articles: Article,
    planned: frozenset[str] = frozenset(),
    order: frozenset[str] = frozenset(),
    rules=FLOOR,
    tests=PROVED,
) -> tuple[str, ...]:
    return join(articles, planned, [ONE_RULE], [POLICY], order=order, rules=rules, tests=tests).gaps


BOTH = (an_article("R31a"), an_article("R31b"))


def test_matrix_of_the_project_has_no_gap() -> None:
    assert make_matrix().gaps == ()


def test_row_joins_rule_code_class_and_test() -> None:
    row = next(row for row in make_matrix().rows if row.article.ref == "R31b")

    found = row.to_json()
    assert (found["cite"], found["force"], found["status"], found["reason"]) == ("A31", "generally", "enforced", None)
    assert "PANEL_TOO_SMALL" in found["codes"]
    assert "workflow.rules.panel.PanelFloor" in found["rules"]
    assert "selection.rules.panel_floor.PanelFloor" in found["rules"]
    assert any(test.startswith("tests/workflow/test_panel_steps.py::") for test in found["tests"])


def test_whole_matrix_is_without_gaps() -> None:
    assert gaps(*BOTH) == ()


@pytest.mark.parametrize(
    ("articles", "more", "says"),
    [
        ((BOTH[0],), {}, "changli-trial-1: PANEL_TOO_SMALL names R31b, which is not in articles.toml"),
        ((*BOTH, an_article("R99a", "missing")), {}, "R99a: is missing and not in planned.toml"),
        (BOTH, {"planned": frozenset({"R31a"})}, "R31a: is enforced; take it out of planned.toml"),
        (BOTH, {"planned": frozenset({"R98a"})}, "planned.toml: R98a is not in articles.toml"),
        (BOTH, {"tests": {"R31a": ("t",)}}, "R31b: is enforced and no test bears"),
        (BOTH, {"tests": PROVED | {"R97a": ("tests/x.py::t",)}}, "tests/x.py::t: bears the mark of R97a"),
        (BOTH, {"rules": {}}, "changli-trial-1: nothing keeps PANEL_TOO_SMALL"),
        (BOTH, {"rules": FLOOR | {"NEW_RULE": ("x.Y",)}}, "x.Y: the code NEW_RULE has no row"),
        (BOTH, {"order": frozenset({"GONE"})}, "order.toml: nothing keeps GONE"),
        (BOTH, {"order": frozenset({"PANEL_TOO_SMALL"})}, "order.toml: PANEL_TOO_SMALL stands in an edition or policy"),
        (
            (an_article("R31a", "missing"), BOTH[1]),
            {"planned": frozenset({"R31a"})},
            "R31a: has the code PANEL_TOO_SMALL; it is no longer missing",
        ),
    ],
)
def test_gap_says_what_does_not_fit(articles, more, says: str) -> None:
    assert [gap for gap in gaps(*articles, **more) if gap.startswith(says)]


def test_codes_and_marks_are_read_from_the_source_without_running_it(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "rule.py").write_text(
        "raise RuntimeError\n"
        'class Kept:\n    code: ClassVar[str] = "KEPT"\n'
        'ALONE: Final = "ALONE"\nOTHER: Final = "X"\n'
    )
    (tmp_path / "service" / "actions").mkdir(parents=True)
    (tmp_path / "service" / "actions" / "act.py").write_text(
        "def act():\n"
        '    raise Refused([Refusal("BY_NAME"), edition.refusal("BY_METHOD", {}), BrokenRule(code="BY_KEY")])\n'
    )
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(
        '@pytest.mark.rule("R1a", "R2a")\nasync def test_a(): ...\n'
        '@pytest.mark.rule("R2a")\nclass TestB:\n    def test_c(self): ...\n'
    )

    assert rules_by_code(tmp_path) == {
        "ALONE": ("registry.rule.ALONE",),
        "BY_KEY": ("service.actions.act.act",),
        "BY_METHOD": ("service.actions.act.act",),
        "BY_NAME": ("service.actions.act.act",),
        "KEPT": ("registry.rule.Kept",),
    }
    assert marked_tests(tmp_path) == {
        "R1a": ("tests/test_it.py::test_a",),
        "R2a": ("tests/test_it.py::TestB::test_c", "tests/test_it.py::test_a"),
    }


def test_command_prints_every_rule_as_json() -> None:
    answer = CliRunner().invoke(matrix_command, ["--json"])

    rows = json.loads(answer.stdout)
    assert (answer.exit_code, [row["ref"] for row in rows]) == (0, [article.ref for article in load_articles()])
    assert set(rows[0]) == {"ref", "cite", "codes", "force", "status", "reason", "rules", "tests"}


def test_command_prints_a_page_in_both_languages() -> None:
    answer = CliRunner().invoke(matrix_command, ["--html"])

    assert answer.exit_code == 0
    assert '<tr id="R31a">' in answer.stdout
    assert "第三十一条" in answer.stdout
    assert "Generally at least nine" in answer.stdout


def test_command_ends_with_three_on_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(matrix_command, ["--check"]).exit_code == 0
    monkeypatch.setattr("service.cli.matrix.make_matrix", lambda: Matrix((), ("R1a: is missing",)))

    answer = CliRunner().invoke(matrix_command, ["--check"])

    assert (answer.exit_code, answer.stdout) == (3, "")
    assert "R1a: is missing" in answer.stderr


def test_command_shows_editions_and_what_differs() -> None:
    runner = CliRunner()

    listed = json.loads(runner.invoke(edition_command, ["list", "--json"]).stdout)
    march = runner.invoke(edition_command, ["show", "changli-trial-1", "--json", "--issued-on", "2025-03-01"])
    shown = json.loads(march.stdout)
    same = runner.invoke(edition_command, ["diff", "changli-trial-1", "changli-trial-1"])
    unknown = runner.invoke(edition_command, ["show", "nothing"])

    assert [edition["id"] for edition in listed["editions"]] == ["changli-trial-1"]
    assert (shown["issued_on"], shown["valid_until"]) == ("2025-03-01", "2027-02-28")
    assert "no difference" in same.stdout
    assert (unknown.exit_code, "there are: changli-trial-1, changli-local-1" in unknown.stderr) == (2, True)
    assert "PANEL_TOO_SMALL" in runner.invoke(edition_command, ["show", "changli-trial-1"]).stdout
    assert "former-employer" in runner.invoke(edition_command, ["show", "changli-local-1"]).stdout


@pytest.mark.rule("R7b", "R23a")
def test_library_and_panels_are_the_centers_to_run() -> None:
    def viewer(role: str) -> Viewer:
        return Viewer(new_id(), new_id(), "", frozenset({role}), None, "", "")

    own = {"expert:add", "expert:change", "roster:import", "matter:confirm-flags", "panel:determine", "panel:change"}

    assert own <= set(OPERATIONS)
    assert all(may(viewer("center"), operation) for operation in own)
    assert not any(
        may(viewer(role), operation, ("same-unit", "own", "assigned"))
        for role in ("unit", "audit", "expert", "system-administrator")
        for operation in own
    )
