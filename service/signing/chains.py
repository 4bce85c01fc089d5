"""Whether a certificate of an outside authority counts now: its chain, its term, what was withdrawn."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.general import extract_certificate_info
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    CRLFetchError,
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    OCSPFetchError,
    PathError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.validate import async_validate_path

from service.signing.fetching import ALL_SECONDS, fetching
from service.signing.outside import Outside
from service.signing.stamping import OutsideTimeStamper, StampFailed, asn1_of

# What a damaged file or an answer makes pyHanko say in the log would repeat parts of it.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


class ChainUnfit(Exception):
    """A certificate does not count.

    Attributes:
        code: `OUTSIDE_REVOKED`; `OUTSIDE_UNCHECKED`: no revocation data of now; `OUTSIDE_ENDED`: not within its term;
            `OUTSIDE_NOT_FOR_SIGNING`: made for another use; `OUTSIDE_UNKNOWN`: does not lead to an authority that is
            trusted.
    """

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


async def check_chain(certificate: x509.Certificate, outside: Outside, *, at: datetime) -> None:
    """Ask whether a certificate leads to a trusted outside authority and was not withdrawn.

    Where it leads is asked of what the installation holds, and nothing is fetched for it: nobody makes the service call
    an address by a certificate of their own making.

    Args:
        certificate: the signer's.
        outside: whom the installation trusts.
        at: now.

    Raises:
        ChainUnfit: when it does not.
        ListUnreadable: when a file cannot be read that may be a revocation list for it.
    """
    signer = asn1_of(certificate.public_bytes(Encoding.DER))
    try:
        async with aclosing(context_of(outside.roots, outside, (), at=at, anchored=False)) as context:
            # The use that stands for a will of one's own (content commitment): PDF readers ask for it as well.
            validator = CertificateValidator(signer, validation_context=context)
            path = await validator.async_validate_usage({"non_repudiation"})  # type: ignore[no-untyped-call]  # left bare
        lists = outside.lists_for(outside.chain(certificate))
        async with aclosing(context_of(outside.roots, outside, lists, at=at)) as context:
            async with asyncio.timeout(ALL_SECONDS):
                await async_validate_path(context, path)
    except RevokedError:
        raise ChainUnfit("OUTSIDE_REVOKED") from None
    except (ExpiredError, NotYetValidError):
        raise ChainUnfit("OUTSIDE_ENDED") from None
    except (InsufficientRevinfoError, CRLFetchError, OCSPFetchError, TimeoutError):
        raise ChainUnfit("OUTSIDE_UNCHECKED") from None
    except InvalidCertificateError:
        raise ChainUnfit("OUTSIDE_NOT_FOR_SIGNING") from None
    except (PathError, ValidationError):
        raise ChainUnfit("OUTSIDE_UNKNOWN") from None


async def sound_issuers(
    issuers: Iterable[x509.Certificate], outside: Outside, lists: Sequence[bytes], *, at: datetime
) -> tuple[x509.Certificate, ...]:
    """Return which certificates between roots and signers count now: they counted on every earlier day as well.

    When a signer's certificate is withdrawn years later, the whole chain is judged for that day, for which nobody kept
    the list of the root. Nothing is fetched.

    Args:
        issuers: those asked about.
        outside: whom the installation trusts.
        lists: revocation lists (DER) of their issuers.
        at: now.
    """
    sound, held = [], replace(outside, fetch=False)
    async with aclosing(context_of(outside.trusted, held, lists, at=at)) as context:
        for issuer in issuers:
            validator = CertificateValidator(asn1_of(issuer.public_bytes(Encoding.DER)), validation_context=context)
            try:
                await validator.async_validate_usage({"key_cert_sign"})  # type: ignore[no-untyped-call]  # left bare
            except (PathError, ValidationError):
                continue
            sound.append(issuer)
    return tuple(sound)


async def try_stamp(outside: Outside, *, at: datetime) -> None:
    """Ask the time-stamp server for one stamp, and whether its certificate counts.

    Raises:
        StampFailed: when there is none, or it does not.
        ListUnreadable: when a file cannot be read that may be a revocation list for it.
    """
    stamper = OutsideTimeStamper(outside.stamp_url, at=at)
    token = await stamper.async_dummy_response("sha256")
    lists = outside.lists_for(certificates_in(token["content"], outside))
    async with aclosing(context_of(outside.stamp_roots, outside, lists, at=at)) as context:
        try:
            async with asyncio.timeout(ALL_SECONDS):
                async for _ in stamper.validation_paths(context):  # type: ignore[no-untyped-call]  # left bare
                    pass
        except (PathError, ValidationError, TimeoutError) as fault:
            raise StampFailed("TIME_STAMP_UNTRUSTED") from fault


def certificates_in(signed: cms.SignedData, outside: Outside) -> tuple[x509.Certificate, ...]:
    """Return the certificate of who signed or stamped, and what leads to a trusted root; empty where nothing does.

    Raises:
        ValueError: when a certificate in it cannot be read.
    """
    held = extract_certificate_info(signed)
    signer, *others = (x509.load_der_x509_certificate(one.dump()) for one in (held.signer_cert, *held.other_certs))
    return outside.chain(signer, others)


def context_of(
    roots: Sequence[x509.Certificate],
    outside: Outside,
    revocations: Sequence[bytes],
    *,
    at: datetime,
    anchored: bool = True,
) -> ValidationContext:
    """Return what a chain is checked against.

    Args:
        roots: whom the end of the chain must be.
        outside: what stands between, and whether revocation data may be fetched.
        revocations: lists (DER).
        at: now.
        anchored: whether the chain is known to lead to a root: then revocation data is fetched where that is set, and
            without any for a certificate the check fails. Before, what is missing is no fault and nothing is fetched.
    """
    return ValidationContext(
        trust_roots=[asn1_of(root.public_bytes(Encoding.DER)) for root in roots],
        other_certs=[asn1_of(one.public_bytes(Encoding.DER)) for one in outside.issuers],
        crls=list(revocations),
        moment=at,
        allow_fetching=outside.fetch and anchored,
        fetcher_backend=fetching(outside.networks) if outside.fetch and anchored else None,
        revocation_mode="require" if anchored else "soft-fail",
    )
