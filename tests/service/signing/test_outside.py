"""Certificates of a licensed authority and time stamps of a server outside: signed, checked, refused in words."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko_certvalidator import ValidationContext

from service.clock import SystemClock
from service.documents.typesetting import typeset
from service.settings import Settings, SettingsInvalid
from service.signing import Authority, KeyUnfit, ListUnreadable, Outside, found_authority, key_in
from service.signing.chains import ChainUnfit, check_chain, try_stamp
from service.signing.documents import renew
from service.signing.stamping import StampFailed, asn1_of
from service.signing.verification import verify
from tests.service.signing.outsiders import LOOPBACK, P256, P384, RSA, Key, Licensed, openssl, served, signed_by
from tests.service.signing.test_documents import TEXT, run

AT = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def text() -> bytes:
    return typeset("undertaking", TEXT)


@pytest.fixture(scope="module")
def center() -> Authority:
    return found_authority(b"s" * 32, "示范县决策咨询服务中心", at=AT - DAY)


@pytest.fixture
def licensed(tmp_path: Path) -> Licensed:
    return Licensed(tmp_path / "lists", AT)


async def verdict(pdf: bytes, center: Authority, outside: Outside, *, at: datetime = AT) -> tuple[str, str]:
    listed = center.revocation_list([], at=at, number=1)
    (found,) = await verify(pdf, center.certificate, listed, at=at, outside=outside)
    return found.outcome, found.signer


@pytest.mark.rule("R32d")
@pytest.mark.parametrize("kind", [P256, P384, RSA], ids=["P-256", "P-384", "RSA of 2048 bits"])
async def test_signature_with_a_licensed_certificate_is_valid(
    kind: tuple[str, ...], licensed: Licensed, center: Authority, text: bytes, tmp_path: Path
) -> None:
    key = Key.make(tmp_path / "key.pem", *kind)
    outside = licensed.outside()

    pdf = await signed_by(key, licensed.issue(key, "张三丰"), text, center, outside, at=AT)

    assert await verdict(pdf, center, outside) == ("valid", "张三丰")
    assert await verdict(pdf, center, Outside()) == ("untrusted", "张三丰")
    assert (await verdict(pdf[:2000] + bytes([pdf[2000] ^ 1]) + pdf[2001:], center, outside))[0] == "changed"
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    context = ValidationContext(
        trust_roots=[asn1_of(one.public_bytes(Encoding.DER)) for one in (licensed.root, center.certificate)],
        crls=[
            center.revocation_list([], at=AT, number=1),
            *((licensed.folder / f"{n}.crl").read_bytes() for n in ("root", "issuer")),
        ],
        moment=AT,
        revocation_mode="require",
    )
    status = await async_validate_pdf_signature(signature, context, context)
    assert (status.bottom_line, status.trusted) == (True, True)


async def test_pdfsig_trusts_it_with_the_root_of_the_licensed_authority(
    licensed: Licensed, center: Authority, text: bytes, tmp_path: Path
) -> None:
    key = Key.make(tmp_path / "key.pem", *RSA)
    path, store, root = tmp_path / "signed.pdf", tmp_path / "nss", tmp_path / "root.pem"
    path.write_bytes(await signed_by(key, licensed.issue(key, "张三丰"), text, center, licensed.outside(), at=AT))
    root.write_bytes(licensed.root.public_bytes(Encoding.PEM))
    store.mkdir()
    run("certutil", "-N", "-d", f"sql:{store}", "--empty-password")
    run("certutil", "-A", "-d", f"sql:{store}", "-n", "root", "-t", "CT,C,C", "-i", str(root))

    said = run("pdfsig", "-nssdir", f"sql:{store}", str(path)).split("Signature #2")[0]

    assert re.findall(r"Signature Validation: (.*)", said) == ["Signature is Valid."]
    assert re.findall(r"Certificate Validation: (.*)", said) == ["Certificate is Trusted."]


@pytest.mark.parametrize("later", [timedelta(hours=2), DAY, 400 * DAY], ids=["two hours", "a day", "a year"])
async def test_signature_from_before_the_authority_revoked_it_stays_valid(
    later: timedelta, licensed: Licensed, center: Authority, text: bytes, tmp_path: Path
) -> None:
    key = Key.make(tmp_path / "key.pem", *P256)
    certificate, outside = licensed.issue(key, "张三丰"), licensed.outside()
    pdf = await signed_by(key, certificate, text, center, outside, at=AT)

    licensed.revoke(certificate, AT + later, at=AT + later + DAY)

    assert await verdict(pdf, center, outside, at=AT + later + DAY) == ("valid", "张三丰")


Change = Callable[[Licensed, Key], tuple[x509.Certificate, Outside]]


def _revoked(licensed: Licensed, key: Key) -> tuple[x509.Certificate, Outside]:
    certificate = licensed.issue(key, "张三丰")
    licensed.revoke(certificate, AT - timedelta(minutes=1))
    return certificate, licensed.outside()


def _foreign(licensed: Licensed, key: Key) -> tuple[x509.Certificate, Outside]:
    other = Licensed(licensed.folder.parent / "other", AT, title="别处认证")
    return other.issue(key, "张三丰"), licensed.outside()


def _namesake(licensed: Licensed, key: Key) -> tuple[x509.Certificate, Outside]:
    other = Licensed(licensed.folder.parent / "other", AT, title=licensed.title)
    return other.issue(key, "张三丰"), licensed.outside()


def _old_list(licensed: Licensed, key: Key) -> tuple[x509.Certificate, Outside]:
    licensed.write_lists(at=AT - 3 * DAY)
    return licensed.issue(key, "张三丰"), licensed.outside()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (_revoked, "OUTSIDE_REVOKED"),
        (_foreign, "OUTSIDE_UNKNOWN"),
        (_namesake, "OUTSIDE_UNKNOWN"),
        (_old_list, "OUTSIDE_UNCHECKED"),
        (lambda ca, key: (ca.issue(key, "张三丰"), ca.outside(lists=None)), "OUTSIDE_UNCHECKED"),
        (lambda ca, key: (ca.issue(key, "张三丰", until=AT - DAY), ca.outside()), "OUTSIDE_ENDED"),
        (lambda ca, key: (ca.issue(key, "张三丰", since=AT + DAY), ca.outside()), "OUTSIDE_ENDED"),
        (
            lambda ca, key: (ca.issue(key, "张三丰", bits=("key_encipherment",)), ca.outside()),
            "OUTSIDE_NOT_FOR_SIGNING",
        ),
    ],
    ids=[
        "revoked",
        "another authority",
        "another authority of the same name",
        "list of three days ago",
        "no list",
        "ended",
        "not yet valid",
        "for encryption",
    ],
)
async def test_certificate_that_does_not_count_says_why(
    make: Change, code: str, licensed: Licensed, tmp_path: Path
) -> None:
    key = Key.make(tmp_path / "key.pem", *P256)
    await check_chain(licensed.issue(key, "张三丰"), licensed.outside(), at=AT)
    certificate, outside = make(licensed, key)

    with pytest.raises(ChainUnfit) as unfit:
        await check_chain(certificate, outside, at=AT)

    assert unfit.value.code == code


async def test_list_is_fetched_where_the_certificate_says_when_that_is_allowed(
    licensed: Licensed, tmp_path: Path
) -> None:
    key = Key.make(tmp_path / "key.pem", *P256)
    lists = tmp_path / "kept"
    lists.mkdir()
    (lists / "root.crl").write_bytes((licensed.folder / "root.crl").read_bytes())
    with served(lambda _: (licensed.folder / "issuer.crl").read_bytes(), "application/pkix-crl") as address:
        certificate = licensed.issue(key, "张三丰", crl_at=f"{address}/issuer.crl")

        await check_chain(certificate, licensed.outside(lists=lists, fetch=True, networks=LOOPBACK), at=AT)
        with pytest.raises(ChainUnfit, match="OUTSIDE_UNCHECKED"):
            await check_chain(certificate, licensed.outside(lists=lists), at=AT)
        licensed.revoke(certificate, AT - DAY)
        with pytest.raises(ChainUnfit, match="OUTSIDE_REVOKED"):
            await check_chain(certificate, licensed.outside(lists=lists, fetch=True, networks=LOOPBACK), at=AT)


@pytest.mark.parametrize("title", ["别处认证", "某省电子认证"], ids=["another name", "the trusted one's name"])
async def test_address_in_a_certificate_of_a_stranger_is_not_called(
    title: str, licensed: Licensed, tmp_path: Path
) -> None:
    asked: list[bytes] = []
    key, other = Key.make(tmp_path / "key.pem", *P256), Licensed(tmp_path / "other", AT, title=title)
    (licensed.folder / "issuer.crl").unlink()
    outside = licensed.outside(fetch=True, networks=LOOPBACK)
    with served(lambda _: asked.append(b"") or b"", "application/pkix-crl") as address:
        called = {"crl_at": f"{address}/list", "issuer_at": f"{address}/issuer"}
        with pytest.raises(ChainUnfit, match="OUTSIDE_UNKNOWN"):
            await check_chain(other.issue(key, "张三丰", **called), outside, at=AT)
        strangers, asked[:] = len(asked), []
        with pytest.raises(ChainUnfit, match="OUTSIDE_UNCHECKED"):
            await check_chain(licensed.issue(key, "张三丰", **called), outside, at=AT)

    assert (strangers, len(asked) > 0) == (0, True)


async def test_center_signs_and_is_verified_whatever_lies_among_the_outside_lists(
    licensed: Licensed, center: Authority, text: bytes, tmp_path: Path
) -> None:
    keys = [Key.make(tmp_path / f"{n}.pem", *P256) for n in range(2)]
    own = center.issue(keys[0].public, "李四", at=AT - DAY, until=AT + DAY)
    licensed_pdf = await signed_by(keys[1], licensed.issue(keys[1], "张三丰"), text, center, licensed.outside(), at=AT)
    (licensed.folder / "issuer.crl").write_bytes(b"\x30\x82")

    pdf = await signed_by(keys[0], own, text, center, licensed.outside(), at=AT)
    renewed = await renew(
        pdf, center, revocations=center.revocation_list([], at=AT, number=1), at=AT, outside=licensed.outside()
    )

    assert await verdict(pdf, center, licensed.outside()) == ("valid", "李四")
    assert await verdict(renewed, center, licensed.outside()) == ("valid", "李四")
    with pytest.raises(ListUnreadable, match=r"issuer\.crl"):
        await verdict(licensed_pdf, center, licensed.outside())


async def test_verifying_fetches_nothing(licensed: Licensed, center: Authority, text: bytes, tmp_path: Path) -> None:
    asked: list[bytes] = []
    key = Key.make(tmp_path / "key.pem", *P256)
    with served(lambda _: asked.append(b"") or b"", "application/pkix-crl") as address:
        below, root = licensed.issuer.subject, licensed.root.subject
        licensed.issuer = licensed.certify(
            below, root, licensed.key.public_key(), licensed.root_key, ca=True, crl_at=f"{address}/root.crl"
        )
        pdf = await signed_by(key, licensed.issue(key, "张三丰"), text, center, licensed.outside(), at=AT)
        (licensed.folder / "root.crl").unlink()
        said = await verdict(pdf, center, licensed.outside(fetch=True, networks=LOOPBACK))

    assert (said, asked) == (("valid", "张三丰"), [])


@pytest.mark.parametrize("kind", [("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"), ("-algorithm", "ED25519")])
def test_key_that_readers_of_the_pdf_do_not_trust_is_unfit(
    kind: tuple[str, ...], licensed: Licensed, tmp_path: Path
) -> None:
    with pytest.raises(KeyUnfit):
        key_in(licensed.issue(Key.make(tmp_path / "key.pem", *kind), "张三丰"))


@pytest.fixture
def now() -> datetime:
    """The instant of the test, not of the collection: the server of a test has the clock of the machine."""
    return SystemClock().now().replace(microsecond=0)


class Stamper:
    """A time-stamp server: `openssl ts` behind HTTP, whose clock is the machine's."""

    def __init__(self, folder: Path, licensed: Licensed) -> None:
        self.folder, self.up, self.asked = folder, True, 0
        folder.mkdir()
        key = Key.make(folder / "key.pem", *RSA)
        (folder / "certificate.pem").write_bytes(licensed.time_stamper(key).public_bytes(Encoding.PEM))
        (folder / "chain.pem").write_bytes(licensed.issuer.public_bytes(Encoding.PEM))
        (folder / "serial").write_text("01\n")
        (folder / "openssl.cnf").write_text(
            "[tsa]\ndefault_tsa = it\n[it]\n"
            f"serial = {folder}/serial\nsigner_cert = {folder}/certificate.pem\nsigner_key = {folder}/key.pem\n"
            f"certs = {folder}/chain.pem\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\n"
            "ess_cert_id_alg = sha256\n"
        )

    def answer(self, query: bytes) -> bytes:
        self.asked += 1
        if not self.up:
            return b""
        (self.folder / "query").write_bytes(query)
        return openssl("ts", "-reply", "-config", f"{self.folder}/openssl.cnf", "-queryfile", f"{self.folder}/query")


async def test_stamps_come_from_the_server_that_is_set(tmp_path: Path, text: bytes, now: datetime) -> None:
    authority = found_authority(b"s" * 32, "示范县决策咨询服务中心", at=now - DAY)
    licensed = Licensed(tmp_path / "lists", now)
    stamper = Stamper(tmp_path / "tsa", licensed)
    key = Key.make(tmp_path / "key.pem", *P256)
    with served(stamper.answer, "application/timestamp-reply") as address:
        outside = licensed.outside(stamp_url=address, stamp_roots=(licensed.root,))
        pdf = await signed_by(key, licensed.issue(key, "张三丰"), text, authority, outside, at=now)
        renewed = await renew(
            pdf, authority, revocations=authority.revocation_list([], at=now, number=1), at=now, outside=outside
        )
        await try_stamp(outside, at=now)
        asked = stamper.asked

    later = now + timedelta(hours=1)
    assert asked >= 4
    assert await verdict(pdf, authority, outside, at=later) == ("valid", "张三丰")
    assert await verdict(renewed, authority, outside, at=later) == ("valid", "张三丰")
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    (stamp,) = extract_tst_data_iter(signature.signer_info, signed=False)
    assert "时间戳" in [one.chosen.subject.native["common_name"] for one in stamp["certificates"]]


async def test_authority_of_time_stamps_does_not_sign_and_one_of_signers_does_not_stamp(
    tmp_path: Path, text: bytes, now: datetime
) -> None:
    authority = found_authority(b"s" * 32, "示范县决策咨询服务中心", at=now - DAY)
    signers, stampers = (Licensed(tmp_path / name, now, title=name) for name in ("signers", "stampers"))
    lists = tmp_path / "lists"
    lists.mkdir()
    for one in (signers, stampers):
        for file in one.folder.iterdir():
            (lists / f"{one.title}-{file.name}").write_bytes(file.read_bytes())
    key = Key.make(tmp_path / "key.pem", *P256)
    certificate = signers.issue(key, "张三丰")
    with served(Stamper(tmp_path / "tsa", stampers).answer, "application/timestamp-reply") as address:
        outside = Outside(
            roots=(signers.root,),
            issuers=(signers.issuer, stampers.issuer),
            lists=lists,
            stamp_url=address,
            stamp_roots=(stampers.root,),
        )
        pdf = await signed_by(key, certificate, text, authority, outside, at=now)
        for changed in (
            replace(outside, roots=(signers.root, stampers.root), stamp_roots=()),
            replace(outside, roots=(), stamp_roots=(signers.root, stampers.root)),
        ):
            with pytest.raises(ChainUnfit):
                await signed_by(key, certificate, text, authority, changed, at=now)

    later = now + timedelta(hours=1)
    both = (signers.root, stampers.root)
    assert await verdict(pdf, authority, outside, at=later) == ("valid", "张三丰")
    assert await verdict(pdf, authority, replace(outside, roots=(), stamp_roots=both), at=later) == (
        "untrusted",
        "张三丰",
    )
    assert (await verdict(pdf, authority, replace(outside, roots=both, stamp_roots=()), at=later))[0] != "valid"


@pytest.mark.parametrize(
    ("up", "changes", "code"),
    [
        (False, {}, "TIME_STAMP_FAILED"),
        (True, {"stamp_url": "http://127.0.0.1:9"}, "TIME_STAMP_FAILED"),
        (True, {"stamp_roots": ()}, "TIME_STAMP_UNTRUSTED"),
        (True, {"lists": None}, "TIME_STAMP_UNTRUSTED"),
    ],
    ids=["answers with a fault", "nobody there", "of another root", "no revocation list"],
)
async def test_server_that_gives_no_stamp_that_counts_says_why(
    up: bool, changes: dict[str, Any], code: str, tmp_path: Path, now: datetime
) -> None:
    licensed = Licensed(tmp_path / "lists", now, title="时间戳机构")
    stamper = Stamper(tmp_path / "tsa", licensed)
    with served(stamper.answer, "application/timestamp-reply") as address:
        outside = Outside(stamp_url=address, stamp_roots=(licensed.root,), lists=licensed.folder)
        await try_stamp(outside, at=SystemClock().now())
        stamper.up = up

        with pytest.raises(StampFailed) as failed:
            await try_stamp(replace(outside, **changes), at=SystemClock().now())

    assert failed.value.code == code


@pytest.mark.parametrize(("apart", "kept"), [(timedelta(minutes=2), True), (timedelta(minutes=6), False)])
async def test_server_with_another_clock_is_not_believed(
    apart: timedelta, kept: bool, tmp_path: Path, now: datetime
) -> None:
    licensed = Licensed(tmp_path / "lists", now, title="时间戳机构")
    stamper = Stamper(tmp_path / "tsa", licensed)
    with served(stamper.answer, "application/timestamp-reply") as address:
        outside = Outside(stamp_url=address, stamp_roots=(licensed.root,), lists=licensed.folder)
        try:
            await try_stamp(outside, at=SystemClock().now() + apart)
            code = ""
        except StampFailed as fault:
            code = fault.code

    assert code == ("" if kept else "TIME_STAMP_APART")


def test_settings_tell_roots_from_what_stands_between(licensed: Licensed, tmp_path: Path) -> None:
    roots = tmp_path / "roots"
    roots.mkdir()
    (roots / "a.pem").write_bytes(licensed.pem())

    outside = Settings.from_environment(
        {
            "EXPERTPOOL_SIGNING_ROOTS": str(roots),
            "EXPERTPOOL_SIGNING_CRLS": str(licensed.folder),
            "EXPERTPOOL_TSA_URL": "https://tsa.example/",
            "EXPERTPOOL_TSA_ROOTS": str(roots / "a.pem"),
        }
    ).outside

    assert (outside.roots, outside.issuers[0], outside.stamp_roots) == (
        (licensed.root,),
        licensed.issuer,
        (licensed.root,),
    )
    assert (outside.stamp_url, outside.fetch, outside.lists) == ("https://tsa.example/", False, licensed.folder)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"EXPERTPOOL_SIGNING_ROOTS": "{there}/missing.pem"}, "EXPERTPOOL_SIGNING_ROOTS"),
        ({"EXPERTPOOL_SIGNING_ROOTS": "{there}/between.pem"}, "holds no root"),
        ({"EXPERTPOOL_SIGNING_CRLS": "{there}/between.pem"}, "EXPERTPOOL_SIGNING_CRLS"),
        ({"EXPERTPOOL_SIGNING_CRLS": "{there}/missing"}, "EXPERTPOOL_SIGNING_CRLS"),
        ({"EXPERTPOOL_SIGNING_FETCH": "perhaps"}, "'yes' or 'no'"),
        ({"EXPERTPOOL_SIGNING_FETCH_NETWORKS": "inside"}, "EXPERTPOOL_SIGNING_FETCH_NETWORKS"),
        ({"EXPERTPOOL_TSA_ROOTS": "{there}/between.pem"}, "EXPERTPOOL_TSA_ROOTS holds no root"),
        ({"EXPERTPOOL_TSA_URL": "ftp://tsa.example"}, "EXPERTPOOL_TSA_URL"),
        ({"EXPERTPOOL_TSA_URL": "https://tsa.example"}, "EXPERTPOOL_TSA_ROOTS"),
    ],
)
def test_setting_that_cannot_work_stops_the_start(
    changes: dict[str, str], said: str, licensed: Licensed, tmp_path: Path
) -> None:
    (tmp_path / "between.pem").write_bytes(licensed.issuer.public_bytes(Encoding.PEM))

    with pytest.raises(SettingsInvalid, match=said):
        Settings.from_environment({name: text.format(there=tmp_path) for name, text in changes.items()})
