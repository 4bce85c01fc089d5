"""Signing a PDF in two parts: the server prepares it, the key's holder signs, the server puts the signature in.

The result is PAdES B-LTA: the signature, a time stamp over it, the revocation list of that hour, and a time stamp over
the whole, so that it can be checked offline when the certificate has long ended.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError, extract_certificate_info
from pyhanko.sign.signers import ExternalSigner, PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_signer import PdfTBSDocument
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.dss import async_add_validation_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from service.signing.authority import Authority, issued_by
from service.signing.chains import ChainUnfit, certificates_in, context_of
from service.signing.fetching import ALL_SECONDS
from service.signing.outside import ALONE, Outside, chain_of
from service.signing.stamping import CenterTimeStamper, StampFailed, asn1_of, stamper_of

# A DER signature on P-256 is at most 72 bytes, one with RSA as long as its modulus.
_SIGNATURE_BYTES: Final = 512
# In hexadecimal, for all but the certificates of signer and chain: about 5 KB with a time stamp of the center, and as
# much as `TOKEN_MOST` with that of a server.
_RESERVED: Final = 24576
_RESERVED_STAMPED: Final = 65536
_DIGEST: Final = "sha256"


class NotRenewable(Exception):
    """The bytes are no document that could get a further time stamp."""


class NoRoom(Exception):
    """A document was prepared for a shorter chain or time stamp; it must be prepared anew."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the stamp is seen.

    Attributes:
        page: from 0; -1 is the last page.
        box: left, bottom, right, top in points from the lower left corner.
    """

    page: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that waits for its signature.

    Attributes:
        pdf: the document with room for the signature.
        attributes: what the key's holder signs (DER); it holds the digest of the document.
        digest: SHA-256 of the document without the room, which the browser computes again.
        gap: first and last byte of the room in `pdf`, the last exclusive.
    """

    pdf: bytes
    attributes: bytes
    digest: bytes
    gap: tuple[int, int]

    def to_json(self) -> str:
        """Return what is kept beside `pdf` until the signature comes."""
        return json.dumps({"attributes": self.attributes.hex(), "digest": self.digest.hex(), "gap": list(self.gap)})

    @classmethod
    def from_json(cls, pdf: bytes, text: str) -> "Prepared":
        """Return what `to_json` wrote, with its document."""
        held = json.loads(text)
        first, last = held["gap"]
        return cls(pdf, bytes.fromhex(held["attributes"]), bytes.fromhex(held["digest"]), (first, last))


async def prepare(
    pdf: bytes,
    certificate: x509.Certificate,
    authority: Authority,
    *,
    field: str,
    reason: str,
    at: datetime,
    stamp: bytes | None = None,
    place: Place | None = None,
    outside: Outside = ALONE,
) -> Prepared:
    """Make room for a signature and say what is to be signed; pure work of some 50 ms.

    Args:
        pdf: the document as its signer has seen it; signatures in it stay valid.
        certificate: the signer's.
        authority: the center.
        field: name of the signature in the document, new in it.
        reason: why it is signed, for readers of the PDF.
        at: the instant that the document names as the time of signing.
        stamp: a PDF of one page, drawn into the place.
        place: where the stamp is seen; None signs invisibly.
        outside: further authorities, one of which may have issued the certificate.
    """
    chain = _above(certificate, authority, outside)
    signer = ExternalSigner(asn1_of(certificate.public_bytes(Encoding.DER)), _store(chain), _SIGNATURE_BYTES)
    metadata = PdfSignatureMetadata(
        field_name=field, md_algorithm=_DIGEST, subfilter=SigSeedSubFilter.PADES, reason=reason
    )
    spec = SigFieldSpec(field, on_page=place.page, box=place.box) if place else SigFieldSpec(field)
    style = _style(stamp) if stamp and place else None
    pdf_signer = PdfSigner(
        metadata,
        signer=signer,
        # Nothing is stamped before the signature is there.
        timestamper=CenterTimeStamper(authority, at=at),
        stamp_style=style,
        new_field_spec=spec,
    )
    session = pdf_signer.init_signing_session(IncrementalPdfFileWriter(BytesIO(pdf)))
    # The installation's clock, which in the demonstration county is not the machine's.
    session.system_time = at
    held = sum(len(one.public_bytes(Encoding.DER)) for one in (certificate, *chain))
    reserved = 2 * held + (_RESERVED_STAMPED if outside.stamp_url else _RESERVED)
    waiting = session.prepare_tbs_document(validation_info=None, bytes_reserved=reserved, appearance_text_params=None)
    digest, output = waiting.digest_tbs_document()
    attributes = await signer.signed_attrs(digest.document_digest, _DIGEST, use_pades=True)
    output.seek(0)
    return Prepared(
        output.read(),
        attributes.dump(),
        digest.document_digest,
        (digest.reserved_region_start, digest.reserved_region_end),
    )


async def finish(
    prepared: Prepared,
    signature: bytes,
    certificate: x509.Certificate,
    authority: Authority,
    *,
    revocations: bytes,
    at: datetime,
    outside: Outside = ALONE,
) -> bytes:
    """Put a signature into its document, with time stamps and revocation data to B-LTA.

    Args:
        prepared: what `prepare` made.
        signature: over `prepared.attributes`, as CMS has it (DER for ECDSA), already checked against the signer's key.
        certificate: the signer's.
        authority: the center.
        revocations: the center's revocation list of now (DER).
        at: now.
        outside: further authorities, and the time-stamp server where there is one; not looked at for a certificate of
            the center that the center's clock stamps.

    Raises:
        ChainUnfit: when the certificate of the signer, or of the time-stamp server, does not count now.
        StampFailed: when the time-stamp server gave none.
        ListUnreadable: when a file cannot be read that may be a revocation list for one of them.
        NoRoom: when the document was prepared while other authorities were set.
    """
    if not outside.stamp_url and issued_by(certificate, authority.certificate):
        outside = ALONE
    stamper = stamper_of(authority, outside, at=at)
    chain = _above(certificate, authority, outside)
    signer = ExternalSigner(asn1_of(certificate.public_bytes(Encoding.DER)), _store(chain), signature)
    lists = outside.lists_for(outside.chain(certificate))
    signed = await signer.async_sign_prescribed_attributes(
        _DIGEST, cms.CMSAttributes.load(prepared.attributes), timestamper=stamper
    )
    output = BytesIO(prepared.pdf)
    first, last = prepared.gap
    try:
        await PdfTBSDocument.async_finish_signing(output, PreparedByteRangeDigest(prepared.digest, first, last), signed)
    except SigningError:
        raise NoRoom from None
    output.seek(0)
    made = PdfFileReader(output).embedded_signatures[-1]
    stamps = (
        *extract_tst_data_iter(made.signer_info, signed=False),
        (await stamper.async_dummy_response(_DIGEST))["content"],
    )
    stamp_lists = outside.lists_for(one for stamp in stamps for one in certificates_in(stamp, outside))
    with_data, archived = BytesIO(), BytesIO()
    try:
        async with asyncio.timeout(ALL_SECONDS):
            async with _context(authority, outside, outside.roots, (revocations, *lists), at=at) as signers:
                await async_add_validation_info(made, signers, skip_timestamp=True, output=with_data)
            async with _context(
                authority, outside, outside.stamp_roots, (revocations, *stamp_lists), at=at
            ) as stampers:
                await _stamp_must_count(made, stampers)
                with_data.seek(0)
                await PdfTimeStamper(stamper).async_timestamp_pdf(
                    IncrementalPdfFileWriter(with_data), _DIGEST, stampers, output=archived
                )
    except RevokedError:
        raise ChainUnfit("OUTSIDE_REVOKED") from None
    except (PathError, ValidationError, TimeoutError):
        raise ChainUnfit("OUTSIDE_UNCHECKED") from None
    return archived.getvalue()


async def _stamp_must_count(made: EmbeddedPdfSignature, stampers: ValidationContext) -> None:
    """Check whose time stamp a signature bears; the context keeps what was asked, for the document to hold."""
    for stamp in extract_tst_data_iter(made.signer_info, signed=False):
        held = extract_certificate_info(stamp)
        validator = CertificateValidator(held.signer_cert, held.other_certs, validation_context=stampers)
        await validator.async_validate_usage({"digital_signature"}, {"time_stamping"})  # type: ignore[no-untyped-call]  # left bare


async def renew(
    pdf: bytes, authority: Authority, *, revocations: bytes, at: datetime, outside: Outside = ALONE
) -> bytes:
    """Add a further time stamp over the whole document, before the last one's certificate ends.

    Raises:
        NotRenewable: when the bytes are no signed document any more.
        StampFailed: when the time-stamp server gave none that counts.
        ListUnreadable: when a file cannot be read that may be a revocation list for the last stamp or the new one.
    """
    if not outside.stamp_roots:
        outside = ALONE
    output, stamper = BytesIO(), stamper_of(authority, outside, at=at)
    try:
        reader = PdfFileReader(BytesIO(pdf))
        stamps = [one.signed_data for one in reader.embedded_timestamp_signatures[-1:]]
        stamps.append((await stamper.async_dummy_response(_DIGEST))["content"])
        lists = outside.lists_for(one for stamp in stamps for one in certificates_in(stamp, outside))
        async with _context(authority, outside, outside.stamp_roots, (revocations, *lists), at=at) as context:
            async with asyncio.timeout(ALL_SECONDS):
                await PdfTimeStamper(stamper).async_update_archival_timestamp_chain(
                    reader, context, in_place=False, output=output
                )
    except (PathError, ValidationError, TimeoutError) as fault:
        raise StampFailed("TIME_STAMP_UNTRUSTED") from fault
    except (PdfError, SigningError, SignatureValidationError) as fault:
        raise NotRenewable from fault
    return output.getvalue()


def digest_of(pdf: bytes) -> str:
    """Return the SHA-256 by which a document is known, in hexadecimal."""
    return hashlib.sha256(pdf).hexdigest()


def _above(certificate: x509.Certificate, authority: Authority, outside: Outside) -> tuple[x509.Certificate, ...]:
    """Return what leads from a signer to a root; of all that are trusted, only this goes into a signature."""
    return chain_of(certificate, (authority.certificate, *outside.roots, *outside.issuers))


def _store(chain: Iterable[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it bare
    store.register_multiple(asn1_of(one.public_bytes(Encoding.DER)) for one in chain)
    return store


def _context(
    authority: Authority,
    outside: Outside,
    roots: Sequence[x509.Certificate],
    revocations: Sequence[bytes],
    *,
    at: datetime,
) -> AbstractAsyncContextManager[ValidationContext]:
    """Trust the center and these roots: an authority of signers does not stamp, one of time stamps does not sign."""
    return aclosing(context_of((authority.certificate, *roots), outside, revocations, at=at))


def _style(stamp: bytes) -> StaticStampStyle:
    layout = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, Margins(0, 0, 0, 0))
    return StaticStampStyle(background=_Page(stamp), border_width=0, background_opacity=1.0, background_layout=layout)


class _Page(PdfContent):
    """The one page of a PDF in memory as the content of a stamp; pyHanko's own reads it from a file."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        """Bring the page over and return the command that draws it."""
        if self.writer is None:
            raise RuntimeError("a stamp is drawn into a document")
        form = self.writer.import_page_as_xobject(PdfFileReader(BytesIO(self._pdf)))
        self.resources.xobject["/Stamp"] = form
        left, bottom, right, top = form.get_object()["/BBox"]
        self.box = BoxConstraints(width=right - left, height=top - bottom)
        return b"/Stamp Do"
