"""Time stamps (RFC 3161): of the center's own authority, signed with ECDSA on P-256, or of a server outside."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

import aiohttp
from asn1crypto import algos, cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from service.signing.authority import Authority
from service.signing.fetching import SECONDS, BoundedSession
from service.signing.outside import Outside

# Policy of our own, below the arc for UUIDs (ITU-T X.667): the center's clock, no claim of outside accuracy.
_POLICY: Final = "2.25.318437265046126302193164120395838421337"
_CLOCKS_APART: Final = timedelta(minutes=5)

TOKEN_MOST: Final = 24 * 1024
"""Bytes of a time stamp with the certificates in it, for which a document keeps room: servers give 3 to 8 KB."""


class StampFailed(Exception):
    """The time-stamp server gave no stamp that can be used; the document is as it was.

    Attributes:
        code: `TIME_STAMP_FAILED`: no answer, or a refusal; `TIME_STAMP_TOO_LARGE`: it finds no room in a document;
            `TIME_STAMP_APART`: its clock is not ours; `TIME_STAMP_UNTRUSTED`: its certificate does not lead to its
            roots, or cannot be asked about.
    """

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def stamper_of(authority: Authority, outside: Outside, *, at: datetime) -> TimeStamper:
    """Return whose clock stamps: the server's where one is set, else the center's at this instant."""
    return OutsideTimeStamper(outside.stamp_url, at=at) if outside.stamp_url else CenterTimeStamper(authority, at=at)


class OutsideTimeStamper(HTTPTimeStamper):
    """Asks a server; used for one act and thrown away."""

    def __init__(self, url: str, *, at: datetime) -> None:
        """Ask at this address; `at` is now by the clock of the service."""
        self._asking = BoundedSession()
        super().__init__(url, timeout=SECONDS, session=self._asking)
        self._now = at

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a stamp of the server.

        Raises:
            StampFailed: when none came that can be used.
        """
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            told: datetime = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
        except (TimestampRequestError, aiohttp.ClientError, TimeoutError, ValueError, TypeError, KeyError) as fault:
            raise StampFailed("TIME_STAMP_FAILED") from fault
        finally:
            await self._asking.close()
        if len(token.dump()) > TOKEN_MOST:
            raise StampFailed("TIME_STAMP_TOO_LARGE")
        if abs(told - self._now) > _CLOCKS_APART:
            raise StampFailed("TIME_STAMP_APART")
        return token


class CenterTimeStamper(TimeStamper):
    """Stamps with the center's clock at one fixed instant; used for one act and thrown away."""

    def __init__(self, authority: Authority, *, at: datetime) -> None:
        """Stamp with this authority's key and this instant, aware."""
        super().__init__(include_nonce=True)  # type: ignore[no-untyped-call]  # pyHanko leaves it bare
        self._key = authority.stamp_key
        self._certificate = asn1_of(authority.stamp_certificate.public_bytes(Encoding.DER))
        self._chain = [self._certificate, asn1_of(authority.certificate.public_bytes(Encoding.DER))]
        self._at = at

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Answer a request at once; nothing is sent anywhere."""
        info = {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": req["message_imprint"],
            "serial_number": secrets.randbits(63),
            "gen_time": self._at.replace(microsecond=0),
            "tsa": asn1_x509.GeneralName(name="directory_name", value=self._certificate.subject),
        }
        if req["nonce"].native is not None:
            info["nonce"] = req["nonce"]
        content = tsp.TSTInfo(info).dump()
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("signing_certificate_v2", as_signing_certificate_v2(self._certificate)),
                _attribute("message_digest", hashlib.sha256(content).digest()),
            ]
        )
        signature = self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        return tsp.TimeStampResp(
            {
                "status": tsp.PKIStatusInfo({"status": tsp.PKIStatus("granted")}),
                "time_stamp_token": cms.ContentInfo(
                    {
                        "content_type": cms.ContentType("signed_data"),
                        "content": self._signed(content, attributes, signature),
                    }
                ),
            }
        )

    def _signed(self, content: bytes, attributes: cms.CMSAttributes, signature: bytes) -> cms.SignedData:
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                            {"issuer": self._certificate.issuer, "serial_number": self._certificate.serial_number}
                        )
                    }
                ),
                "digest_algorithm": digest,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
                "signed_attrs": attributes,
                "signature": signature,
            }
        )
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": cms.DigestAlgorithms((digest,)),
                "encap_content_info": cms.EncapsulatedContentInfo(
                    {
                        "content_type": cms.ContentType("tst_info"),
                        "content": cms.ParsableOctetString(content),
                    }
                ),
                "certificates": self._chain,
                "signer_infos": [signer],
            }
        )


def _attribute(name: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": cms.CMSAttributeType(name), "values": (value,)})


def asn1_of(der: bytes) -> asn1_x509.Certificate:
    """Return a certificate as pyHanko wants it."""
    return asn1_x509.Certificate.load(der)
