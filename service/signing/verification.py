"""What stands in a signed PDF, in verdicts that can be said in plain words: who, when, unchanged, still counting."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Final, Literal

from asn1crypto import cms, crl
from asn1crypto import x509 as asn1_x509
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
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
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

from service.signing.authority import issued_by
from service.signing.chains import certificates_in, sound_issuers
from service.signing.outside import ALONE, Outside
from service.signing.stamping import asn1_of

Outcome = Literal["valid", "changed", "revoked", "unconfirmed", "untrusted", "unclear"]
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
            when it was signed; `unconfirmed`: good by its authority, but nobody here has compared whose it is, which
            this package cannot know; `untrusted`: of an authority nobody here trusts; `unclear`: cannot be decided.
        signer: the name in the certificate.
        serial: of the certificate, in hexadecimal.
        signed_at: by the time stamp, which the signer cannot choose; None when there is none that counts.
        archived: whether a time stamp over the whole keeps it checkable for long.
        outside: the certificate (DER) when an outside authority issued it; empty for the center's.
    """

    outcome: Outcome
    signer: str
    serial: str
    signed_at: datetime | None
    archived: bool
    outside: bytes = b""


async def verify(
    pdf: bytes, center: x509.Certificate, revocations: bytes, *, at: datetime, outside: Outside = ALONE
) -> tuple[Verdict, ...]:
    """Return the verdict on every signature of a document, in order; empty when it bears none.

    Checks by the long-term rules (EN 319 102-1, 5.6.3): what was signed and time-stamped before the certificate was
    withdrawn or ended stays valid. Nothing is fetched.

    Args:
        pdf: any bytes.
        center: the center's root.
        revocations: the center's revocation list of now (DER).
        at: now.
        outside: further authorities; read are the lists of those who issued a certificate of the document.

    Raises:
        ListUnreadable: when a file cannot be read that may be such a list.
        ValueError: when the bytes are no PDF that can be read.
    """
    try:
        reader = PdfFileReader(BytesIO(pdf))
        signatures = list(reader.embedded_regular_signatures)
        # What the center issued, or a stranger, needs nobody's list.
        others = {one for signed in _signed(reader) for one in certificates_in(signed, outside)}
        rules = await _rules(center, revocations, others, outside if others else ALONE, at=at)
        return tuple([await _verdict(one, rules, center, at=at) for one in signatures])
    except _UNREADABLE as fault:
        if _MARK in pdf:
            # It was signed once, and is so damaged that nobody can read by whom.
            return (Verdict("changed", "", "", None, archived=False),)
        raise ValueError("no PDF that can be read") from fault


def _signed(reader: PdfFileReader) -> Iterator[cms.SignedData]:
    """Go through everything that somebody signed or stamped."""
    for signature in reader.embedded_signatures:
        yield signature.signed_data
        yield from extract_tst_data_iter(signature.signer_info, signed=False)


def _is_outside(certificate: asn1_x509.Certificate, center: x509.Certificate) -> bool:
    return not issued_by(x509.load_der_x509_certificate(certificate.dump()), center)


async def _verdict(
    signature: EmbeddedPdfSignature, rules: PdfSignatureValidationSpec, center: x509.Certificate, *, at: datetime
) -> Verdict:
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
        outside=certificate.dump() if _is_outside(certificate, center) else b"",
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


def _trusting(roots: Sequence[x509.Certificate]) -> CertValidationPolicySpec:
    # The list of now names every certificate ever withdrawn, with its day: it answers for any earlier instant too.
    return CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build([asn1_of(root.public_bytes(Encoding.DER)) for root in roots]),
        revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=REQUIRE_REVINFO, retroactive_revinfo=True),
    )


async def _rules(
    center: x509.Certificate, revocations: bytes, others: Set[x509.Certificate], outside: Outside, *, at: datetime
) -> PdfSignatureValidationSpec:
    """Return what a document is checked by; `others` are its certificates, and those above them, of outside ones."""
    lists = replace(outside, fetch=False).lists_for(others)
    sound = await sound_issuers([one for one in outside.issuers if one in others], outside, lists, at=at)
    known = [CRLContainer(crl_data=crl.CertificateList.load(one)) for one in (revocations, *lists)]
    return PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=_trusting((center, *outside.roots)),
            # An authority of time stamps does not sign, one of signers does not stamp.
            ts_cert_validation_policy=_trusting((center, *outside.stamp_roots)),
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
