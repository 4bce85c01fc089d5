"""What stands in a signed PDF, in verdicts that can be said in plain words: who, when, unchanged, still counting."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Final, Literal

from asn1crypto import crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESPassed
from pyhanko.sign.general import CMSExtractionError
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.ades import AdESLTAValidationResult, ades_lta_validation
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.poe import KnownPOE, POEType, digest_for_poe
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, NonRevokedStatusAssertion
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from service.signing.stamping import asn1_of

# What a damaged file makes pyHanko say in the log would repeat parts of the document.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)

Outcome = Literal["valid", "changed", "revoked", "untrusted", "unclear"]
_REVOKED: Final = (AdESFailure.REVOKED, AdESIndeterminate.REVOKED_NO_POE, AdESIndeterminate.REVOKED_CA_NO_POE)
_UNTRUSTED: Final = (
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND,
    AdESIndeterminate.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    AdESIndeterminate.NO_SIGNING_CERTIFICATE_FOUND,
)
_BROKEN: Final = (AdESFailure.HASH_FAILURE, AdESFailure.SIG_CRYPTO_FAILURE, AdESFailure.FORMAT_FAILURE)
# A hostile or damaged file can break the reader in many ways; none of them is a valid signature.
_UNREADABLE: Final = (
    PdfError, CMSExtractionError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError,
)  # fmt: skip
_MARK: Final = b"/ETSI.CAdES.detached"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One signature of a document.

    Attributes:
        outcome: `valid`; `changed`: the document is not what was signed; `revoked`: the certificate had been withdrawn
            when it was signed; `untrusted`: of an authority nobody here trusts; `unclear`: cannot be decided.
        signer: the name in the certificate.
        serial: of the certificate, in hexadecimal.
        signed_at: by the time stamp, which the signer cannot choose; None when there is none that counts.
        archived: whether a time stamp over the whole keeps it checkable for long.
    """

    outcome: Outcome
    signer: str
    serial: str
    signed_at: datetime | None
    archived: bool


async def verify(
    pdf: bytes,
    roots: Sequence[x509.Certificate],
    revocations: Sequence[bytes],
    *,
    at: datetime,
    sound: Sequence[x509.Certificate] = (),
) -> tuple[Verdict, ...]:
    """Return the verdict on every signature of a document, in order; empty when it bears none.

    Checks by the long-term rules (EN 319 102-1, 5.6.3): what was signed and time-stamped before the certificate was
    withdrawn or ended stays valid. Nothing is fetched.

    Args:
        pdf: any bytes.
        roots: the authorities that are trusted.
        revocations: their revocation lists (DER) as known now.
        at: now.
        sound: certificates between the roots and the signers that nobody has withdrawn until now.

    Raises:
        ValueError: when the bytes are no PDF that can be read.
    """
    try:
        signatures = list(PdfFileReader(BytesIO(pdf)).embedded_regular_signatures)
        rules = _rules(roots, revocations, sound, at=at)
        return tuple([await _verdict(one, rules, at=at) for one in signatures])
    except _UNREADABLE as fault:
        if _MARK in pdf:
            # It was signed once, and is so damaged that nobody can read by whom.
            return (Verdict("changed", "", "", None, archived=False),)
        raise ValueError("no PDF that can be read") from fault


async def _verdict(signature: EmbeddedPdfSignature, rules: PdfSignatureValidationSpec, *, at: datetime) -> Verdict:
    certificate = signature.signer_cert
    name, serial = certificate.subject.native.get("common_name", ""), f"{certificate.serial_number:x}"
    try:
        result = await ades_lta_validation(
            signature,
            rules,
            timing_info=ValidationTimingInfo(at, at, point_in_time_validation=False),
        )
    except SignatureValidationError:
        return Verdict("unclear", name, serial, None, archived=False)
    status = result.api_status
    whole = status is not None and status.intact and status.valid and status.bottom_line is not None
    stamped = status.timestamp_validity if status is not None else None
    signed_at = stamped.timestamp.astimezone(UTC) if stamped is not None and stamped.intact else None
    outcome = _outcome(result)
    if outcome == "valid" and (status is None or not (whole and status.docmdp_ok)):
        outcome = "changed"
    return Verdict(
        outcome=outcome,
        signer=name,
        serial=serial,
        signed_at=signed_at,
        archived=result.oldest_evidence_record_timestamp is not None,
    )


def _outcome(result: AdESLTAValidationResult) -> Outcome:
    found = result.ades_subindic
    if found == AdESPassed.OK:
        return "valid"
    if found in _REVOKED:
        return "revoked"
    if found in _BROKEN:
        return "changed"
    return "untrusted" if found in _UNTRUSTED else "unclear"


def _rules(
    roots: Sequence[x509.Certificate], revocations: Sequence[bytes], sound: Sequence[x509.Certificate], *, at: datetime
) -> PdfSignatureValidationSpec:
    trusted = SimpleTrustManager.build(trust_roots=[asn1_of(root.public_bytes(Encoding.DER)) for root in roots])
    # The list of now names every certificate ever withdrawn, with its day: it answers for any earlier instant too.
    policy = CertValidationPolicySpec(
        trust_manager=trusted,
        revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=REQUIRE_REVINFO, retroactive_revinfo=True),
    )
    known = [CRLContainer(crl_data=crl.CertificateList.load(one)) for one in revocations]
    return PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=policy,
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY
            ),
            local_knowledge=LocalKnowledge(
                known_crls=known,
                # A list counts from when its authority says that it was made, not from when this process first read it.
                known_poes=[
                    KnownPOE(POEType.PROVIDED, digest_for_poe(one.crl_data.dump()), one.issuance_date)
                    for one in known
                    if one.issuance_date is not None
                ],
                nonrevoked_assertions=[
                    NonRevokedStatusAssertion(one.fingerprint(hashes.SHA256()), at) for one in sound
                ],
            ),
        )
    )
