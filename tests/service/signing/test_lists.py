"""Revocation lists of outside authorities: which of them are asked, and what a file that is none does and says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from service.documents.typesetting import typeset
from service.settings import Settings
from service.signing import Authority, ListUnreadable, Outside, found_authority, read_list
from service.signing.chains import ChainUnfit, check_chain
from service.signing.verification import verify
from tests.service.signing.outsiders import P256, Key, Licensed, signed_by
from tests.service.signing.test_documents import TEXT

AT = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def center() -> Authority:
    return found_authority(b"s" * 32, "示范县决策咨询服务中心", at=AT - DAY)


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return Key.make(tmp_path / "key.pem", *P256)


def two_authorities(tmp_path: Path) -> tuple[Licensed, Licensed, Outside]:
    """Two licensed authorities, whose lists lie in one folder."""
    one, other = (Licensed(tmp_path / title, AT, title=title) for title in ("甲认证", "乙认证"))
    lists = tmp_path / "lists"
    lists.mkdir()
    for licensed in (one, other):
        for file in licensed.folder.iterdir():
            file.rename(lists / f"{licensed.title}-{file.name}")
    return one, other, Outside(roots=(one.root, other.root), issuers=(one.issuer, other.issuer), lists=lists)


async def test_file_that_is_no_list_is_named_and_stops_only_who_needs_a_list_that_is_missing(
    tmp_path: Path, key: Key, center: Authority
) -> None:
    one, other, outside = two_authorities(tmp_path)
    assert outside.lists is not None
    spoiled = outside.lists / "甲认证-issuer.crl"
    certificates = [licensed.issue(key, "张三丰") for licensed in (one, other)]
    text = typeset("undertaking", TEXT)
    signed = [await signed_by(key, certificate, text, center, outside, at=AT) for certificate in certificates]

    spoiled.write_bytes(b"\x30\x82")
    with capture_logs() as logged:
        with pytest.raises(ListUnreadable, match=r"甲认证-issuer\.crl"):
            await check_chain(certificates[0], outside, at=AT)
        await check_chain(certificates[1], outside, at=AT)
        anew = await signed_by(key, certificates[1], text, center, outside, at=AT)

    listed = center.revocation_list([], at=AT, number=1)
    for pdf in (signed[1], anew):
        (verdict,) = await verify(pdf, center.certificate, listed, at=AT, outside=outside)
        assert (verdict.outcome, verdict.signer) == ("valid", "张三丰")
    with pytest.raises(ListUnreadable):
        await verify(signed[0], center.certificate, listed, at=AT, outside=outside)
    assert logged == [{"event": "signing.list_unreadable", "path": str(spoiled), "log_level": "warning"}]
    assert outside.unreadable_lists() == (spoiled,)


async def test_spoiled_copy_beside_a_whole_list_stops_nobody(tmp_path: Path, key: Key) -> None:
    one, _, outside = two_authorities(tmp_path)
    assert outside.lists is not None
    (outside.lists / "copy.crl").write_bytes(b"<html>not found</html>")

    await check_chain(one.issue(key, "张三丰"), outside, at=AT)

    assert [path.name for path in outside.unreadable_lists()] == ["copy.crl"]


async def test_missing_list_without_a_spoiled_file_is_said_to_be_missing(tmp_path: Path, key: Key) -> None:
    one, _, outside = two_authorities(tmp_path)
    assert outside.lists is not None
    (outside.lists / "甲认证-issuer.crl").unlink()

    with pytest.raises(ChainUnfit, match="OUTSIDE_UNCHECKED"):
        await check_chain(one.issue(key, "张三丰"), outside, at=AT)


async def test_folder_that_is_gone_stops_who_needs_its_lists_and_nobody_else(
    tmp_path: Path, key: Key, center: Authority
) -> None:
    one, _, outside = two_authorities(tmp_path)
    gone = replace(outside, lists=tmp_path / "gone")
    own = center.issue(key.public, "李四", at=AT - DAY, until=AT + DAY)

    with pytest.raises(ListUnreadable, match="gone"):
        await check_chain(one.issue(key, "张三丰"), gone, at=AT)
    pdf = await signed_by(key, own, typeset("undertaking", TEXT), center, gone, at=AT)

    (verdict,) = await verify(pdf, center.certificate, center.revocation_list([], at=AT, number=1), at=AT, outside=gone)
    assert verdict.outcome == "valid"


def test_list_still_being_written_is_no_list_yet_and_one_is_read_once_until_it_changes(tmp_path: Path) -> None:
    licensed = Licensed(tmp_path / "lists", AT)
    issuer = licensed.folder / "issuer.crl"
    for name in (".issuer.crl.Xy12", "issuer.crl.tmp", "issuer.crl.part", "issuer.crl~"):
        (licensed.folder / name).write_bytes(b"\x30\x82")

    before, again = read_list(issuer), read_list(issuer)
    licensed.write_lists(at=AT + DAY)
    after = licensed.outside().lists_for((licensed.issue(Key.make(tmp_path / "key.pem", *P256), "张三丰"),))

    assert before is again
    assert read_list(issuer) != before
    assert after == (issuer.read_bytes(),)
    assert licensed.outside().unreadable_lists() == ()


def test_service_starts_with_a_spoiled_file_among_its_lists(tmp_path: Path) -> None:
    licensed = Licensed(tmp_path / "lists", AT)
    (licensed.folder / "half.crl").write_bytes(b"\x30\x82")

    outside = Settings.from_environment({"EXPERTPOOL_SIGNING_CRLS": str(licensed.folder)}).outside

    assert outside.unreadable_lists() == (licensed.folder / "half.crl",)
