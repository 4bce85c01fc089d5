"""Reading the ties of a `conflict-facts/1` file to take them over: each with its place, each fault with its own.

Unlike `parse_facts` this asks for neither a policy nor a day, and a fault costs the tie in which it stands, not the
file. Keys that only an import needs begin with `x-`: `x-id-number` and `x-number` of a person, `x-number` of a matter.
"""

from dataclasses import dataclass
from typing import Final

from conflicts.fact import ENDS, Fact, NodeType
from conflicts.fault import Fault, InputRefused
from conflicts.place import MAX_ID, Place, load_json, read_text
from conflicts.reading import FORMAT, read_fact, read_matter, read_organisation, read_person

_PERSON_KEYS: Final = ("x-id-number", "x-number")


@dataclass(frozen=True, slots=True)
class StatedNode:
    """A person, an organisation or a matter as a file names it.

    Attributes:
        type: which of the three.
        name: as written, may be empty.
        key: what identifies it beyond the file: a number, a code, or the id itself.
        at: JSON Pointer to it.
        loose: whether the key is only the id.
    """

    type: NodeType
    name: str
    key: str
    at: str
    loose: bool


@dataclass(frozen=True, slots=True)
class StatedFacts:
    """The ties of a file.

    Attributes:
        nodes: by id.
        facts: (place in `facts`, tie) of those without fault, in file order.
        faults: of the whole file, in file order; those of a tie begin with its pointer.
        total: how many ties the file lists, faulty ones included.
        organisations_tied: whether organisations list parents or successors, which are no ties of the list.
    """

    nodes: dict[str, StatedNode]
    facts: tuple[tuple[int, Fact], ...]
    faults: tuple[Fault, ...]
    total: int
    organisations_tied: bool


def parse_stated(text: str | bytes) -> StatedFacts:
    """Read the people, organisations, matters and ties of a `conflict-facts/1` file.

    Raises:
        InputRefused: when it is no JSON, no object, or says to be of another format.
    """
    faults: list[Fault] = []
    top = Place(load_json(text), "", faults)
    if not top.is_object():
        raise InputRefused(faults)
    if top.value.get("format") != FORMAT:
        shown = str(top.value.get("format"))[:MAX_ID]
        raise InputRefused([Fault("/format", "FORMAT_UNKNOWN", {"format": shown, "allowed": [FORMAT]})])
    nodes: dict[str, StatedNode] = {}

    def add(node: Place, id_: str, type_: NodeType, name: str, key: str) -> None:
        if id_ in nodes:
            node.fault("ID_REPEATED", "/id", id=id_)
        nodes.setdefault(id_, StatedNode(type_, name, key or id_, node.at, not key))

    def person(node: Place) -> None:
        found = read_person(node)
        if found is not None:
            keys = [key for name in _PERSON_KEYS if (key := node.get(name, read_text))]
            add(node, found.id, NodeType.PERSON, found.name, keys[0] if keys else "")

    tied = []

    def organisation(node: Place) -> None:
        found = read_organisation(node)
        if found is not None:
            add(node, found.id, NodeType.ORGANISATION, found.name, found.credit_code)
            tied.append(bool(found.parents or found.successors))

    def matter(node: Place) -> None:
        found = read_matter(node)
        if found is not None:
            add(node, found.id, NodeType.MATTER, "", node.get("x-number", read_text) or "")

    for key, read in (("people", person), ("organisations", organisation), ("matters", matter)):
        top.many(key, read)
    facts = top.many("facts", read_fact)
    top.used |= {"format", "as_of", "known_at", "policy"}
    top.close()
    seen: set[str] = set()
    kept = []
    for at, fact in facts:
        before = len(faults)
        for end, id_, lawful in zip(("subject", "object"), (fact.subject, fact.object), ENDS[fact.kind], strict=True):
            if id_ not in nodes:
                faults.append(Fault(f"{at}/{end}", "ID_UNKNOWN", {"id": id_}))
            elif nodes[id_].type not in lawful:
                allowed = sorted(type_.value for type_ in lawful)
                faults.append(Fault(f"{at}/{end}", "ENDS_MISMATCHED", {"kind": fact.kind.value, "allowed": allowed}))
        if fact.retired_at is None and fact.id in seen:
            faults.append(Fault(f"{at}/id", "ID_REPEATED", {"id": fact.id}))
        if fact.retired_at is None:
            seen.add(fact.id)
        if len(faults) == before:
            kept.append((int(at.rpartition("/")[2]), fact))
    listed = top.value.get("facts", [])
    return StatedFacts(nodes, tuple(kept), tuple(faults), len(listed) if isinstance(listed, list) else 0, any(tied))
