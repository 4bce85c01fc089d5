"""Many outside authorities: of all that are trusted, a document bears the chain and the lists of who signed it."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import crl
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore

from service.clock import SystemClock
from service.documents.typesetting import typeset
from service.settings import Settings, SettingsInvalid
from service.signing import CHAIN_MOST, Outside, chain_of, found_authority
from service.signing.chains import try_stamp
from service.signing.stamping import StampFailed
from service.signing.verification import verify
from tests.service.signing.outsiders import P256, RSA, Key, Licensed, served, signed_by
from tests.service.signing.test_documents import TEXT
from tests.service.signing.test_outside import Stamper

AT = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def many(tmp_path: Path, at: datetime, *, roots: int) -> tuple[list[Licensed], Outside]:
    """So many licensed authorities, with all their lists in one folder."""
    lists = tmp_path / "lists"
    lists.mkdir()
    held = [Licensed(tmp_path / str(n), at, title=f"第{n}家电子认证服务有限公司") for n in range(roots)]
    for n, licensed in enumerate(held):
        for file in licensed.folder.iterdir():
            file.rename(lists / f"{n}-{file.name}")
    return held, Outside(roots=tuple(one.root for one in held), issuers=tuple(one.issuer for one in held), lists=lists)


def names(certificates) -> list[str]:
    return sorted(one.subject.native["common_name"] for one in certificates)


def listed_by(reader: PdfFileReader) -> set[str]:
    """Whose revocation lists a document bears."""
    held = [crl.CertificateList.load(one.get_object().data) for one in DocumentSecurityStore.read_dss(reader).crls]
    return {one.issuer.native["common_name"] for one in held}


async def test_document_bears_only_the_chain_and_the_lists_of_its_signer(tmp_path: Path) -> None:
    center = found_authority(b"s" * 32, "示范县决策咨询服务中心", at=AT - DAY)
    held, outside = many(tmp_path, AT, roots=30)
    key, licensed = Key.make(tmp_path / "key.pem", *RSA), held[17]
    certificate = licensed.issue(key, "张三丰")

    pdf = await signed_by(key, certificate, typeset("undertaking", TEXT), center, outside, at=AT)

    listed = center.revocation_list([], at=AT, number=1)
    (verdict,) = await verify(pdf, center.certificate, listed, at=AT, outside=outside)
    assert (verdict.outcome, verdict.signer) == ("valid", "张三丰")
    reader = PdfFileReader(BytesIO(pdf))
    (signature,) = reader.embedded_regular_signatures
    chain = sorted(["张三丰", licensed.title, f"{licensed.title}根"])
    assert names(one.chosen for one in signature.signed_data["certificates"]) == chain
    assert listed_by(reader) == {licensed.title, f"{licensed.title}根", "示范县决策咨询服务中心"}
    assert set(names(DocumentSecurityStore.read_dss(reader).load_certs())) == {
        *chain,
        "示范县决策咨询服务中心",
        "示范县决策咨询服务中心 TSA",
    }


async def test_document_bears_only_the_chain_of_the_server_that_stamped_it(tmp_path: Path) -> None:
    now = SystemClock().now().replace(microsecond=0)
    center = found_authority(b"s" * 32, "示范县决策咨询服务中心", at=now - DAY)
    held, outside = many(tmp_path, now, roots=30)
    key, signing, stamping = Key.make(tmp_path / "key.pem", *P256), held[3], held[21]
    with served(Stamper(tmp_path / "tsa", stamping).answer, "application/timestamp-reply") as address:
        outside = Outside(
            roots=outside.roots[:20],
            issuers=outside.issuers,
            lists=outside.lists,
            stamp_url=address,
            stamp_roots=outside.roots[20:],
        )
        pdf = await signed_by(key, signing.issue(key, "张三丰"), typeset("undertaking", TEXT), center, outside, at=now)

    listed, later = center.revocation_list([], at=now, number=1), now + timedelta(hours=1)
    (verdict,) = await verify(pdf, center.certificate, listed, at=later, outside=outside)
    assert (verdict.outcome, verdict.archived) == ("valid", True)
    both = {title for one in (signing, stamping) for title in (one.title, f"{one.title}根")}
    assert listed_by(PdfFileReader(BytesIO(pdf))) == both | {"示范县决策咨询服务中心"}


async def test_time_stamp_that_finds_no_room_is_refused_before_anything_is_signed(tmp_path: Path) -> None:
    now = SystemClock().now()
    licensed = Licensed(tmp_path / "lists", now, title="时间戳机构")
    stamper = Stamper(tmp_path / "tsa", licensed)
    outside = Outside(stamp_roots=(licensed.root,), lists=licensed.folder)
    with served(stamper.answer, "application/timestamp-reply") as address:
        long = licensed.issue(Key.make(tmp_path / "key.pem", *P256), "旁人", crl_at=f"http://a.example/{'a' * 24_000}")
        with (tmp_path / "tsa" / "chain.pem").open("ab") as chain:
            chain.write(long.public_bytes(Encoding.PEM))

        with pytest.raises(StampFailed, match="TIME_STAMP_TOO_LARGE"):
            await try_stamp(Outside(stamp_url=address, stamp_roots=outside.stamp_roots, lists=outside.lists), at=now)


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)], ids=["fits just so", "one byte more"])
def test_chain_that_no_signature_has_room_for_stops_the_start(more: int, fits: bool, tmp_path: Path) -> None:
    licensed, roots = Licensed(tmp_path / "lists", AT), tmp_path / "roots.pem"

    def chained(bytes_: int) -> x509.Certificate:
        """An issuer whose chain has so many bytes; the length of an ECDSA signature differs by one or two."""
        below, top, filled = licensed.issuer.subject, licensed.root.subject, bytes_ - 1500
        while True:
            address = f"http://a.example/{'a' * filled}"
            one = licensed.certify(below, top, licensed.key.public_key(), licensed.root_key, ca=True, crl_at=address)
            have = sum(len(held.public_bytes(Encoding.DER)) for held in (one, *chain_of(one, (licensed.root,))))
            if have == bytes_:
                return one
            filled += bytes_ - have

    issuer = chained(CHAIN_MOST + more)
    roots.write_bytes(licensed.root.public_bytes(Encoding.PEM) + issuer.public_bytes(Encoding.PEM))
    environment = {"EXPERTPOOL_SIGNING_ROOTS": str(roots)}

    if fits:
        assert Settings.from_environment(environment).outside.issuers == (issuer,)
    else:
        with pytest.raises(SettingsInvalid, match=rf"某省电子认证.* {CHAIN_MOST + 1} bytes; .* {CHAIN_MOST}\."):
            Settings.from_environment(environment)


def test_chain_leads_over_every_certificate_of_an_authority_and_ends(tmp_path: Path) -> None:
    licensed, other = Licensed(tmp_path / "lists", AT), Licensed(tmp_path / "other", AT, title="别处认证")
    renewed = licensed.certify(
        licensed.root.subject, licensed.root.subject, licensed.root_key.public_key(), licensed.root_key, ca=True
    )
    crossed = licensed.certify(
        licensed.root.subject, other.root.subject, licensed.root_key.public_key(), other.root_key, ca=True
    )
    below = licensed.issue(Key.make(tmp_path / "key.pem", *P256), "张三丰")
    known = (other.issuer, other.root, crossed, renewed, licensed.root, licensed.issuer)

    chain = chain_of(below, known)

    assert chain[0] == licensed.issuer
    assert set(chain) == {licensed.issuer, licensed.root, renewed, crossed, other.root}
    assert chain_of(below, (other.root, other.issuer)) == ()
