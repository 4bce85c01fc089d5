"""Rules of a panel in words: why no panel exists and the ways out, what a list breaks, with names in place of ids."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from service.actions.assembly import Standing
from service.locales import gettext, say_list
from service.web.pages import say_field, says

if TYPE_CHECKING:
    from service.web.panel_desk import Desk


def blocking_of(desk: "Desk") -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return why no panel exists, and the ways out, as sentences with articles and addresses."""
    result = desk.assembly.result
    address = f"/matters/{desk.matter.id}/panel"
    return (
        [(_with_counts(sentence_of(desk, rule.code, rule.facts), rule.facts), rule.cite) for rule in result.blocking],
        [(_way_out(desk, way.code, way.facts), f"{address}#need-form") for way in result.ways_out],
    )


def _with_counts(sentence: str, facts: Mapping[str, Any]) -> str:
    """Add to the sentence of a blocking row who there is for it."""
    if "eligible" not in facts:
        return sentence
    counts = [says("BLOCKING_COUNTS", facts)]
    counts += [
        says("BLOCKING_DIFFERENT", {"attribute": says(f"ATTRIBUTE_{name.upper()}"), "count": count})
        for name, count in facts.get("different", {}).items()
    ]
    return gettext("%(sentence)s（%(counts)s）") % {"sentence": sentence, "counts": say_list(counts)}


def _way_out(desk: "Desk", code: str, facts: Mapping[str, Any]) -> str:
    said = sentence_of(desk, code, {name: fact for name, fact in facts.items() if name != "rows"})
    alike = Counter(sentence_of(desk, row["code"], row["facts"]) for row in facts.get("rows", ()))
    rows = [
        row if count == 1 else gettext("%(what)s（%(n)s 条）") % {"what": row, "n": count}
        for row, count in alike.items()
    ]
    return gettext("%(what)s：%(rows)s") % {"what": said, "rows": gettext("；").join(rows)} if rows else said


def sentence_of(desk: "Desk", code: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence of a composition rule about the desk's experts."""
    return sentence_in(desk.problem.standings, code, facts)


def breach_of(desk: "Desk", code: str, cite: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Return sentence and article of a broken rule; one about a single expert names them.

    A unit learns that somebody is not suitable, and not why; what was locked by hand is no secret.
    """
    name = next((one.entry.name for one in desk.assembly.standings if str(one.id) == facts.get("id")), "")
    if name and not desk.private and code != "LOCKED_OUT":
        code, cite = "NOT_SUITABLE", ""
    said = sentence_of(desk, code, facts)
    return (said if name in said else gettext("%(name)s：%(what)s") % {"name": name, "what": said}), cite


def sentence_in(standings: Mapping[UUID, Standing], code: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence of a composition rule, with names of fields, persons and units in place of codes and ids."""
    names = {str(standing.id): standing.entry.name for standing in standings.values()}
    names |= {standing.employer_key: standing.employer for standing in standings.values() if standing.employer}

    def name(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return say_list([str(name(item)) for item in value])
        if isinstance(value, Mapping):
            return say_list([f"{name(item)} {count}" for item, count in value.items()])
        return names.get(value, value) if isinstance(value, str) else value

    named = {key: say_field(str(value)) if key in ("field", "seat") else name(value) for key, value in facts.items()}
    for key in ("attribute", "value"):
        if isinstance(facts.get(key), str) and facts[key] == named[key]:
            named[key] = says(f"ATTRIBUTE_{facts[key].upper().replace('-', '_')}")
    if "exclusion" in facts:
        named["exclusion"] = says(str(facts["exclusion"]))
    return says(code, named)
