"""A licensed authority of the test: keys by openssl, certificates with a chain, lists in a folder, an HTTP server."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_public_key
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from service.signing import Authority, Outside, key_in, signed_with
from service.signing.documents import finish, prepare

YEAR = timedelta(days=365)
LOOPBACK = (ip_network("127.0.0.1"),)


def openssl(*words: str, given: bytes = b"") -> bytes:
    return subprocess.run(("openssl", *words), input=given, capture_output=True, check=True).stdout


@dataclass
class Key:
    """A key made by openssl, as on a USB key: here only its file is known."""

    path: Path

    @classmethod
    def make(cls, path: Path, *kind: str) -> "Key":
        openssl("genpkey", *kind, "-out", str(path))
        return cls(path)

    @property
    def public(self):
        return load_pem_public_key(openssl("pkey", "-in", str(self.path), "-pubout"))

    def sign(self, content: bytes) -> bytes:
        return openssl("dgst", "-sha256", "-sign", str(self.path), given=content)


RSA = ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
P256 = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
P384 = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384")


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, text)])


def usage(*bits: str) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{bit: bit in bits for bit in every})


@dataclass
class Licensed:
    """A root, an authority below it that issues to persons, and their two revocation lists in a folder."""

    folder: Path
    at: datetime
    title: str = "某省电子认证"
    revoked: dict[int, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.root_key, self.key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        top, below = name(f"{self.title}根"), name(self.title)
        self.root = self.certify(top, top, self.root_key.public_key(), self.root_key, ca=True)
        self.issuer = self.certify(below, top, self.key.public_key(), self.root_key, ca=True)
        self.write_lists()

    def certify(
        self, subject, issuer, public, signer, *, ca: bool = False, extended=None, **changes
    ) -> x509.Certificate:
        bits = ("key_cert_sign", "crl_sign") if ca else changes.get("bits", ("digital_signature", "content_commitment"))
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(changes.get("since", self.at - YEAR))
            .not_valid_after(changes.get("until", self.at + 3 * YEAR))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage(*bits), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )
        if extended is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([extended]), critical=True)
        if "crl_at" in changes:
            points = [x509.DistributionPoint([x509.UniformResourceIdentifier(changes["crl_at"])], None, None, None)]
            builder = builder.add_extension(x509.CRLDistributionPoints(points), critical=False)
        if "issuer_at" in changes:
            place = x509.UniformResourceIdentifier(changes["issuer_at"])
            where = [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)]
            builder = builder.add_extension(x509.AuthorityInformationAccess(where), critical=False)
        return builder.sign(signer, hashes.SHA256())

    def issue(self, key: Key, to: str, **changes) -> x509.Certificate:
        return self.certify(name(to), self.issuer.subject, key.public, self.key, **changes)

    def time_stamper(self, key: Key) -> x509.Certificate:
        extended = ExtendedKeyUsageOID.TIME_STAMPING
        return self.certify(
            name("时间戳"), self.issuer.subject, key.public, self.key, extended=extended, bits=("digital_signature",)
        )

    def write_lists(self, *, at: datetime | None = None) -> None:
        """Write the lists of now, with whom the authority revoked."""
        self.list_of(self.root.subject, self.root_key, {}, "root.crl", at or self.at)
        self.list_of(self.issuer.subject, self.key, self.revoked, "issuer.crl", at or self.at)

    def list_of(self, issuer, key, revoked: dict[int, datetime], file: str, at: datetime) -> None:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer)
            .last_update(at - timedelta(hours=1))
            .next_update(at + timedelta(days=1))
            .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        )
        for serial, when in revoked.items():
            reason = x509.CRLReason(x509.ReasonFlags.affiliation_changed)
            one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
            one = one.add_extension(reason, critical=False).build()
            builder = builder.add_revoked_certificate(one)
        content = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
        (self.folder / file).write_bytes(content)

    def revoke(self, certificate: x509.Certificate, when: datetime, *, at: datetime | None = None) -> None:
        self.revoked[certificate.serial_number] = when
        self.write_lists(at=at)

    def outside(self, **changes) -> Outside:
        held = {"roots": (self.root,), "issuers": (self.issuer,), "lists": self.folder}
        return Outside(**(held | changes))

    def pem(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM) + self.issuer.public_bytes(Encoding.PEM)


async def signed_by(
    key: Key, certificate: x509.Certificate, text: bytes, center: Authority, outside: Outside, *, at: datetime
) -> bytes:
    waiting = await prepare(text, certificate, center, field="Signature", reason="论证意见", at=at, outside=outside)
    signature = key.sign(waiting.attributes)
    assert signed_with(key_in(certificate), signature, waiting.attributes)
    listed = center.revocation_list([], at=at, number=1)
    return await finish(waiting, signature, certificate, center, revocations=listed, at=at, outside=outside)


@contextmanager
def served(answer: Callable[[bytes], bytes], kind: str) -> Iterator[str]:
    """An HTTP server on a free port of the loopback; an answer of no bytes is a fault of the server."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.reply(self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self) -> None:
            self.reply(b"")

        def reply(self, body: bytes) -> None:
            content = answer(body)
            self.send_response(200 if content else 503)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
