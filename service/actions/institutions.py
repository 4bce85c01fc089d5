"""Institutions whose opinion a named member of the panel writes and signs (A7p7, A32.3)."""

from typing import Final
from uuid import UUID

from service.actions.act import Act
from service.actions.matter_stream import Texts, carry_out
from service.actions.reviewing import as_staff, part_of
from service.problems import Fault, Invalid
from service.storage.matter_choices import find_organisation
from workflow import MatterState, NameSigner

CONTRACT_MOST: Final = 60


async def name_signer(
    act: Act, matter_id: UUID, expert_id: UUID | None, institution: str, *, contract: str = "", seen: int
) -> MatterState:
    """Say for which institution a member of the panel writes; the document then names both.

    Each named person counts as one toward the floor, the institution itself does not (U4).

    Args:
        act: who, when.
        matter_id: the matter.
        expert_id: who signs; None where nobody was named, which is refused.
        institution: its name or credit code.
        contract: number of the contract, where there is one (A29; U32).
        seen: version of the expert's part.

    Raises:
        Invalid: when no organisation or several answer to the name, or the number is too long.
        Refused: INSTITUTION_WITHOUT_SIGNER, INSTITUTION_IS_PARTY, or when an opinion was given already.

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
    return await carry_out(act, matter_id, command, seen=None, texts=texts)
