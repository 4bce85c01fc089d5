"""A signature from preparation to verification: pyHanko's validator, pdfsig, flipped bytes, withdrawn certificates."""

import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from pyhanko.pdf_utils.generic import DictionaryObject, NameObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from service.documents.typesetting import NotSettable, typeset
from service.signing import Authority, Revoked, found_authority, restore_authority
from service.signing.documents import Place, Prepared, finish, prepare, renew
from service.signing.stamping import asn1_of
from service.signing.verification import verify

AT = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TEXT = {
    "title": "保密承诺书",
    "issuer": "示范县决策咨询服务中心",
    "number": "2026-014",
    "verify": "/verify",
    "date": [2026, 9, 14],
    "facts": [["专家", "张三丰"]],
    "paragraphs": ["本人承诺保守秘密。"],
    "signed_by": "承诺人：",
    "name": "张三丰",
    "day": "2026年9月14日",
}


@dataclass
class Signer:
    """Somebody with a key and a certificate of the center."""

    authority: Authority
    key: ec.EllipticCurvePrivateKey
    certificate: Certificate

    def revoked(self, *revoked: Revoked, at: datetime = AT) -> bytes:
        return self.authority.revocation_list(revoked, at=at, number=int(at.timestamp()))

    async def sign(self, pdf: bytes, *, at: datetime = AT, field: str = "Signature", listed: bytes = b"") -> bytes:
        stamp = typeset("stamp", {"name": "张三丰", "lines": ["2026-09-14"]}, archival=False)
        place = Place(-1, (330, 90, 510, 146))
        waiting = await prepare(
            pdf, self.certificate, self.authority, field=field, reason="论证意见", at=at, stamp=stamp, place=place
        )
        signature = self.key.sign(waiting.attributes, ec.ECDSA(hashes.SHA256()))
        kept = Prepared.from_json(waiting.pdf, waiting.to_json())
        return await finish(
            kept, signature, self.certificate, self.authority, revocations=listed or self.revoked(at=at), at=at
        )

    async def outcomes(self, pdf: bytes, *revoked: Revoked, at: datetime = AT) -> list[str]:
        found = await verify(pdf, self.authority.certificate, self.revoked(*revoked, at=at), at=at)
        return [one.outcome for one in found]


def run(*command: str) -> str:
    environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment).stdout


@pytest.fixture(scope="module")
def text() -> bytes:
    return typeset("undertaking", TEXT)


@pytest.fixture(scope="module")
def signer() -> Signer:
    authority = found_authority(b"s" * 32, "示范县决策咨询服务中心", at=AT - DAY)
    key = ec.generate_private_key(ec.SECP256R1())
    return Signer(authority, key, authority.issue(key.public_key(), "张三丰", at=AT - DAY, until=AT + 900 * DAY))


@pytest.mark.rule("R32d")
async def test_signed_document_says_who_signed_and_when(signer: Signer, text: bytes) -> None:
    signed = await signer.sign(text)

    (verdict,) = await verify(signed, signer.authority.certificate, signer.revoked(), at=AT)

    assert (verdict.outcome, verdict.signer, verdict.signed_at, verdict.archived) == ("valid", "张三丰", AT, True)
    assert verdict.serial == f"{signer.certificate.serial_number:x}"


async def test_unsigned_document_has_no_verdict(signer: Signer, text: bytes) -> None:
    assert await signer.outcomes(text) == []


@pytest.mark.rule("R32d", "R27c")
async def test_one_flipped_byte_breaks_the_signature(signer: Signer, text: bytes) -> None:
    signed = await signer.sign(text)
    spots = range(1000, len(text), len(text) // 20)

    flipped = [signed[:spot] + bytes([signed[spot] ^ 1]) + signed[spot + 1 :] for spot in spots]

    assert [await signer.outcomes(one) for one in flipped] == [["changed"]] * len(spots)


async def test_what_is_added_to_a_signed_document_is_found(signer: Signer, text: bytes) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(await signer.sign(text)))
    page = writer.find_page_for_modification(0)[0].get_object()
    page[NameObject("/Group")] = DictionaryObject()
    writer.update_container(page)
    added = BytesIO()
    writer.write(added)

    assert await signer.outcomes(added.getvalue()) == ["changed"]


@pytest.mark.parametrize("dismissed", [timedelta(seconds=1), 2 * DAY], ids=["a second later", "two days later"])
async def test_signature_from_before_the_dismissal_stays_valid(
    signer: Signer, text: bytes, dismissed: timedelta
) -> None:
    signed = await signer.sign(text)
    revoked = Revoked(signer.certificate.serial_number, AT + dismissed, "dismissed")

    assert await signer.outcomes(signed, revoked, at=AT + 3 * DAY) == ["valid"]


async def test_signature_from_after_the_dismissal_is_refused_even_with_an_older_list(
    signer: Signer, text: bytes
) -> None:
    old_list = signer.revoked(at=AT - timedelta(hours=1))
    signed = await signer.sign(text, listed=old_list)
    revoked = Revoked(signer.certificate.serial_number, AT - timedelta(minutes=30), "dismissed")

    assert await signer.outcomes(signed, revoked, at=AT + DAY) == ["revoked"]


async def test_signature_outlives_its_certificate(signer: Signer, text: bytes) -> None:
    assert await signer.outcomes(await signer.sign(text), at=AT + 1500 * DAY) == ["valid"]


async def test_certificate_of_a_stranger_is_not_trusted(signer: Signer, text: bytes) -> None:
    stranger = found_authority(b"t" * 32, "别处", at=AT - DAY)
    signed = await signer.sign(text)

    (verdict,) = await verify(signed, stranger.certificate, stranger.revocation_list([], at=AT, number=1), at=AT)

    assert verdict.outcome == "untrusted"


async def test_three_sign_one_document_one_after_the_other(signer: Signer, text: bytes) -> None:
    once = await signer.sign(text, field="One")
    twice = await signer.sign(once, field="Two", at=AT + DAY)
    thrice = await signer.sign(twice, field="Three", at=AT + 2 * DAY)

    assert await signer.outcomes(thrice, at=AT + 3 * DAY) == ["valid"] * 3


async def test_archive_time_stamp_is_renewed(signer: Signer, text: bytes) -> None:
    later = AT + 30 * DAY
    signed = await signer.sign(text)

    renewed = await renew(signed, signer.authority, revocations=signer.revoked(at=later), at=later)

    assert renewed.startswith(signed)
    assert await signer.outcomes(renewed, at=later) == ["valid"]


async def test_validator_of_pyhanko_trusts_it_now(signer: Signer, text: bytes) -> None:
    (signature,) = PdfFileReader(BytesIO(await signer.sign(text))).embedded_regular_signatures
    context = ValidationContext(
        trust_roots=[asn1_of(signer.authority.certificate.public_bytes(Encoding.DER))],
        crls=[signer.revoked()],
        moment=AT,
        revocation_mode="require",
    )

    status = await async_validate_pdf_signature(signature, context, context)

    assert status.bottom_line
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.valid


async def test_pdfsig_says_valid_trusted_and_by_whom(signer: Signer, text: bytes, tmp_path: Path) -> None:
    path, root, store = tmp_path / "signed.pdf", tmp_path / "root.pem", tmp_path / "nss"
    path.write_bytes(await signer.sign(text))
    root.write_bytes(signer.authority.certificate.public_bytes(Encoding.PEM))
    store.mkdir()
    run("certutil", "-N", "-d", f"sql:{store}", "--empty-password")
    run("certutil", "-A", "-d", f"sql:{store}", "-n", "root", "-t", "CT,C,C", "-i", str(root))

    said = run("pdfsig", "-nssdir", f"sql:{store}", str(path))

    first = said.split("Signature #2")[0]
    assert re.findall(r"Signature Validation: (.*)", first) == ["Signature is Valid."]
    assert re.findall(r"Certificate Validation: (.*)", first) == ["Certificate is Trusted."]
    assert re.findall(r"Signer Certificate Common Name: (.*)", first) == ["张三丰"]
    assert "ETSI.CAdES.detached" in first


async def test_text_of_a_signed_document_can_be_read(signer: Signer, text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(await signer.sign(text))

    assert "本人承诺保守秘密" in run("pdftotext", str(path), "-")


def test_character_that_no_font_has_is_named() -> None:
    with pytest.raises(NotSettable) as unset:
        typeset("undertaking", TEXT | {"name": "𠮷三"})

    assert unset.value.text == "𠮷"


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"MZ\x90\x00" + b"\x00" * 200, b"%PDF-1.7\n%%EOF", b"PK\x03\x04" * 50]
)
async def test_what_is_no_pdf_is_refused(signer: Signer, content: bytes) -> None:
    with pytest.raises(ValueError, match="no PDF"):
        await signer.outcomes(content)


def test_authority_comes_back_from_its_seed_and_certificates(signer: Signer) -> None:
    held = signer.authority
    der = (held.certificate.public_bytes(Encoding.DER), held.stamp_certificate.public_bytes(Encoding.DER))

    again = restore_authority(b"s" * 32, *der)

    assert again.key.private_numbers() == held.key.private_numbers()
    assert again.stamp_key.private_numbers() == held.stamp_key.private_numbers()
    with pytest.raises(ValueError, match="other secrets"):
        restore_authority(b"x" * 32, *der)
