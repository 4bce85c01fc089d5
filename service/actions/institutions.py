"""Institutions whose opinion a named member of the panel writes and signs (A7p7, A32.3)."""

from typing import Final
from uuid import UUID

from service.actions.act import Act
from service.actions.conflict_checks import OPINION, obstacles
from service.actions.matter_stream import Texts, carry_out
from service.actions.reviewing import as_staff, part_of
from service.problems import Fault, Invalid
from service.storage.facts import matter_of
from service.storage.matter_choices import find_organisation
from service.storage.residents import Residents
from workflow import BrokenRule, MatterState, NameSigner, Part

CONTRACT_MOST: Final = 60


async def name_signer(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    expert_id: UUID | None,
    institution: str,
    *,
    contract: str = "",
    seen: int,
) -> MatterState:
    """Say for which institution a member of the panel writes; the document then names both.

    Each named person counts as one toward the floor, the institution itself does not (U4).

    Args:
        act: who, when.
        residents: pool and ties.
        matter_id: the matter.
        expert_id: who signs; None where nobody was named, which is refused.
        institution: its name or credit code.
        contract: number of the contract, where there is one (A29; U32).
        seen: version of the expert's part.

    Raises:
        Invalid: when no organisation or several answer to the name, or the number is too long.
        Refused: INSTITUTION_WITHOUT_SIGNER, INSTITUTION_IS_PARTY under whatever name, or when an opinion was given
            already.

    Source: A7p7, A32.3. Reading: U4, U32.
    """
    state = await as_staff(act, matter_id, "review:name-signer")
    person = "" if expert_id is None else (await part_of(act, state, expert_id, seen=seen)).person_id
    found = await find_organisation(act.session, institution)
    faults = []
    if len(found) != 1:
        code = "FIELD_REQUIRED" if not institution.strip() else "PARTY_AMBIGUOUS" if found else "PARTY_UNKNOWN"
        faults.append(Fault("institution", code))
    if len(contract.strip()) > CONTRACT_MOST:
        faults.append(Fault("contract", "FIELD_TOO_LONG", {"most": CONTRACT_MOST, "length": len(contract.strip())}))
    if faults:
        raise Invalid(faults)
    texts = Texts()
    command = NameSigner(person, str(found[0]), texts.commit(contract.strip()))
    # That it is a party itself the workflow says.
    against = await _of_institution(act, residents, matter_id, str(found[0]), known_by_name=True)
    return await carry_out(act, matter_id, command, seen=None, texts=texts, found=against)


async def opinion_obstacles(act: Act, residents: Residents, matter_id: UUID, part: Part) -> tuple[BrokenRule, ...]:
    """Return what stands in the way of an opinion, however it is given: signed with a key, on paper or spoken.

    The author is checked, and the institution for which the author writes: under another name too it may have become
    a party since it was named.

    Source: A28.4, A30.
    """
    found = await obstacles(act, residents, matter_id, OPINION, [part.person_id])
    if part.institution:
        found += await _of_institution(act, residents, matter_id, part.institution)
    return found


async def _of_institution(
    act: Act, residents: Residents, matter_id: UUID, institution: str, *, known_by_name: bool = False
) -> tuple[BrokenRule, ...]:
    """Return the breach when an institution is, under whatever name, the unit or a party of the matter (A30)."""
    graph = (await residents.current(act.session)).ties.graph
    same = graph.same_body(institution, as_of=act.on)
    if known_by_name:
        same.discard(institution)
    matter = await matter_of(act.session, matter_id)
    if any(party.id in same for party in matter.parties):
        return (BrokenRule("INSTITUTION_IS_PARTY", "A30", remedies=("CHOOSE_INSTITUTION",)),)
    return ()
