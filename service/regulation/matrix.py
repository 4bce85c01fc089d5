"""The matrix: every rule of the regulation with its codes, the classes that keep it and the tests that prove it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from service.regulation.articles import Article, load_articles, load_order, load_planned
from service.regulation.edition import Edition, edition_ids, load_edition
from service.regulation.policy import Policy, load_policy, policy_ids
from service.regulation.sources import marked_tests, rules_by_code

ROOT: Final = Path(__file__).parents[2]
_ANY_DAY: Final = date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One rule of the table.

    Attributes:
        article: the rule.
        codes: codes of the editions that keep it, sorted.
        rules: dotted names of what keeps those codes.
        tests: node ids of the tests that bear its mark.
    """

    article: Article
    codes: tuple[str, ...]
    rules: tuple[str, ...]
    tests: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the object that `expertpool matrix --json` promises."""
        return {
            "ref": self.article.ref,
            "cite": self.article.cite,
            "codes": list(self.codes),
            "force": self.article.force,
            "status": self.article.status,
            "reason": self.article.reason or None,
            "rules": list(self.rules),
            "tests": list(self.tests),
        }


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole matrix and its gaps; a gap is a sentence that says what does not fit and what to do."""

    rows: tuple[MatrixRow, ...]
    gaps: tuple[str, ...]


def make_matrix(root: Path = ROOT) -> Matrix:
    """Join the table, the shipped editions and policies, the source and the tests.

    Args:
        root: the folder of the source; without its `tests` no rule is proved.
    """
    # The day of issue plays no part in the matrix.
    editions = [load_edition(edition_id, issued_on=_ANY_DAY) for edition_id in edition_ids()]
    policies = [load_policy(policy_id) for policy_id in policy_ids()]
    return join(
        load_articles(),
        load_planned(),
        editions,
        policies,
        order=load_order(),
        rules=_with_policy_rows(rules_by_code(root), policies),
        tests=marked_tests(root),
    )


def join(
    articles: Iterable[Article],
    planned: frozenset[str],
    editions: Iterable[Edition],
    policies: Iterable[Policy],
    *,
    order: frozenset[str],
    rules: Mapping[str, tuple[str, ...]],
    tests: Mapping[str, tuple[str, ...]],
) -> Matrix:
    """Return the matrix of given parts.

    Args:
        articles: the table.
        planned: refs that may be missing.
        editions: whose rows tie codes to refs.
        policies: whose rows bear codes of their own.
        order: codes of good order.
        rules: code -> what keeps it.
        tests: ref -> tests that prove it.
    """
    articles, editions, policies = tuple(articles), tuple(editions), tuple(policies)
    codes: dict[str, set[str]] = {article.ref: set() for article in articles}
    gaps = []
    for edition in editions:
        for rule in edition.rules:
            for ref in rule.refs:
                if ref in codes:
                    codes[ref].add(rule.code)
                else:
                    gaps.append(f"{edition.id}: {rule.code} names {ref}, which is not in articles.toml")
    rows = tuple(
        MatrixRow(
            article,
            tuple(sorted(codes[article.ref])),
            tuple(sorted({name for code in codes[article.ref] for name in rules.get(code, ())})),
            tests.get(article.ref, ()),
        )
        for article in articles
    )
    for row in rows:
        gaps += _row_gaps(row, planned)
    gaps += _code_gaps(editions, policies, order, rules)
    known = {article.ref for article in articles}
    gaps += [f"planned.toml: {ref} is not in articles.toml" for ref in sorted(planned - known)]
    gaps += [
        f"{test}: bears the mark of {ref}, which is not in articles.toml"
        for ref in sorted(tests.keys() - known)
        for test in tests[ref]
    ]
    return Matrix(rows, tuple(gaps))


def _row_gaps(row: MatrixRow, planned: frozenset[str]) -> list[str]:
    article, gaps = row.article, []
    if article.status == "missing" and article.ref not in planned:
        gaps.append(f"{article.ref}: is missing and not in planned.toml; keep it in code, or say who keeps it")
    if article.status != "missing" and article.ref in planned:
        gaps.append(f"{article.ref}: is {article.status}; take it out of planned.toml")
    if article.status == "missing" and row.codes:
        gaps.append(f"{article.ref}: has the code {', '.join(row.codes)}; it is no longer missing")
    if article.status == "enforced" and not row.tests:
        gaps.append(f'{article.ref}: is enforced and no test bears @pytest.mark.rule("{article.ref}")')
    return gaps


def _code_gaps(
    editions: tuple[Edition, ...],
    policies: tuple[Policy, ...],
    order: frozenset[str],
    rules: Mapping[str, tuple[str, ...]],
) -> list[str]:
    law = {row.code for edition in editions for row in edition.rules}
    local = {code for policy in policies for code in policy.codes()}
    gaps = [
        f"{names[0]}: the code {code} has no row in an edition, local policy or order.toml"
        for code, names in rules.items()
        if code not in law | local | order
    ]
    gaps += [f"order.toml: {code} stands in an edition or policy too" for code in sorted(order & (law | local))]
    gaps += [f"order.toml: nothing keeps {code}" for code in sorted(order - rules.keys())]
    for edition in editions:
        gaps += [f"{edition.id}: nothing keeps {row.code}" for row in edition.rules if row.code not in rules]
    return gaps


def _with_policy_rows(
    rules: Mapping[str, tuple[str, ...]], policies: Iterable[Policy]
) -> Mapping[str, tuple[str, ...]]:
    """Add the rows of the local policies as what keeps their codes."""
    found = {code: set(names) for code, names in rules.items()}
    for policy in policies:
        for row in policy.conflicts:
            found.setdefault(str(row["code"]), set()).add(f"{policy.id}#{row['id']}")
    return {code: tuple(sorted(names)) for code, names in sorted(found.items())}
