"""Time stamps (RFC 3161) of the center's own authority, signed with ECDSA on P-256."""

import hashlib
import secrets
from datetime import datetime
from typing import Final

from asn1crypto import algos, cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.timestamps import TimeStamper

from service.signing.authority import Authority

# Policy of our own, below the arc for UUIDs (ITU-T X.667): the center's clock, no claim of outside accuracy.
_POLICY: Final = "2.25.318437265046126302193164120395838421337"


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
