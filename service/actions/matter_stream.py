"""Carrying out a command in a matter: fold its stream, ask the rules, record the events, write the rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from service.actions.act import Act, commit_to, same_version
from service.problems import Refusal, Refused, Remedy
from service.regulation import Edition, Policy, load_edition
from service.settings import Settings
from service.storage.matter_rows import NewMatter, keep_texts, state_of, write_projection
from service.storage.matters import note_clerk
from workflow import Actor, ActRefused, BrokenRule, Command, Event, MatterState, Rule, Terms, decide, fold


@dataclass(slots=True)
class Texts:
    """The free texts of one act: the ledger gets their salted hashes, a row keeps them."""

    kept: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def commit(self, text: str) -> str:
        """Return the salted hash of a text; an empty text has none."""
        if not text:
            return ""
        digest, salt = commit_to(text)
        self.kept[digest] = (salt, text)
        return digest


async def carry_out(
    act: Act,
    matter_id: UUID,
    command: Command,
    *,
    seen: int | None,
    texts: Texts | None = None,
    found: Iterable[BrokenRule] = (),
    new: NewMatter | None = None,
    then: Iterable[Command] = (),
    tends: bool = True,
) -> MatterState:
    """Do in a matter what a command asks.

    Args:
        act: who, when, in which unit of work.
        matter_id: the matter; a fresh id when it is opened.
        command: what is asked.
        seen: version of the matter that the person saw; None for a new matter.
        texts: the free texts that the command names by their hashes.
        found: what conflicts and selection hold against it.
        new: title and number, for a new matter.
        then: further commands of the same act, each in the state that the one before it left.
        tends: whether who acts first for the center or the unit looks after the matter from now on.

    Returns:
        The state afterwards.

    Raises:
        Refused: with every broken rule.
        Stale: when the matter moved since it was seen.
        NotFound: when there is no such matter.
    """
    if new is None:
        state = await state_of(act.session, matter_id)
        if seen is not None:
            same_version(seen, state.version, subject=f"matter:{matter_id}")
    else:
        state = MatterState()
    edition = stamped_edition(state, act.edition, act.settings)
    by = Actor(
        str(act.viewer.person_id),
        act.viewer.acting_role,
        str(act.viewer.unit_id) if act.viewer.unit_id else None,
    )
    terms = terms_of(edition, act.policy)
    after = state
    events: tuple[Event, ...] = ()
    for place, one in enumerate((command, *then)):
        try:
            more = decide(after, one, by=by, at=act.at, on=act.on, terms=terms, found=() if place else found)
        except ActRefused as refused:
            raise Refused(refusals_of(refused.rules, edition=edition)) from None
        after, events = fold(more, after), events + more
    for index, event in enumerate(events):
        act.record(
            event.type,
            stream=f"matter:{matter_id}",
            body=event.body,
            cites=event.cites,
            edition=edition.id,
            step=event.step,
            expect=state.version + index + 1,
        )
    await write_projection(act.session, matter_id, after, events, new=new)
    if tends:
        await note_clerk(act.session, matter_id, act.viewer)
    if texts is not None and texts.kept:
        await keep_texts(act.session, matter_id, texts.kept)
    return after


def stamped_edition(state: MatterState, in_force: Edition, settings: Settings) -> Edition:
    """Return the edition a matter runs under: the one it was stamped with, or the one in force."""
    if not state.edition or state.edition == in_force.id:
        return in_force
    return load_edition(state.edition, issued_on=settings.edition_issued_on)


def terms_of(edition: Edition, policy: Policy) -> Terms:
    """Return what the workflow needs of an edition and the local policy."""
    return Terms(
        edition=edition.id,
        policy=policy.id,
        graph=edition.graph,
        issued_on=edition.issued_on,
        valid_until=edition.valid_until,
        rules={
            row.code: Rule(cite=row.cite, force=row.force, override_by=row.override_by, numbers=row.numbers)
            for row in edition.rules
        },
        panel_mode=policy.panel_mode,
    )


def refusals_of(broken: Sequence[BrokenRule], *, edition: Edition) -> list[Refusal]:
    """Return broken rules as refusals, with their place in the regulation."""
    return [
        Refusal(
            code=rule.code,
            ref=edition.ref_of(rule.code),
            cite=rule.cite,
            edition=edition.id,
            facts=dict(rule.facts),
            remedies=tuple(Remedy(code) for code in rule.remedies),
            override=rule.override_by,
        )
        for rule in broken
    ]
