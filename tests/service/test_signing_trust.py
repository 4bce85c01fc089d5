"""The system administrator's page about outside authorities, and the task that names a list that cannot be read."""

from dataclasses import replace
from pathlib import Path

import pytest
from litestar import Litestar

from tests.service.conftest import MONDAY, SignedIn
from tests.service.signing.outsiders import Licensed


@pytest.fixture
def licensed(app: Litestar, tmp_path: Path) -> Licensed:
    licensed = Licensed(tmp_path / "lists", MONDAY)
    app.state.settings = replace(app.state.settings, outside=licensed.outside())
    return licensed


async def test_administrator_sees_which_file_is_no_list_and_finds_the_way_to_it(
    licensed: Licensed, signed_in: SignedIn
) -> None:
    administrator, center = await signed_in("system-administrator"), await signed_in("center")
    before = (await administrator.get("/api/today")).json()
    (licensed.folder / "half.crl").write_bytes(b"\x30\x82")

    found = (await administrator.get("/api/today")).json()
    page = await administrator.get("/signing/trust")
    others = (await center.get("/api/today")).json()

    assert [one["code"] for one in before if one["code"] == "TASK_LIST_UNREADABLE"] == []
    assert [(one["href"], "half.crl" in one["says"]) for one in found if one["code"] == "TASK_LIST_UNREADABLE"] == [
        ("/signing/trust", True)
    ]
    assert [one["code"] for one in others if one["code"] == "TASK_LIST_UNREADABLE"] == []
    assert (page.status_code, page.text.count("half.crl"), page.text.count("读不出来") > 1) == (200, 2, True)
    assert ("issuer.crl" in page.text, licensed.title in page.text) == (True, True)


async def test_page_says_when_a_folder_is_gone_and_when_nothing_is_set(
    licensed: Licensed, app: Litestar, signed_in: SignedIn
) -> None:
    administrator = await signed_in("system-administrator")
    gone = replace(licensed.outside(), lists=licensed.folder / "gone")
    app.state.settings = replace(app.state.settings, outside=gone)
    without = (await administrator.get("/signing/trust")).text
    app.state.settings = replace(app.state.settings, outside=licensed.outside(lists=None))
    unset = (await administrator.get("/signing/trust")).text
    app.state.settings = replace(app.state.settings, outside=licensed.outside(roots=(), issuers=(), lists=None))
    alone = (await administrator.get("/signing/trust")).text

    assert ("gone" in without, "没有吊销名单" in unset, "只认中心自己签发的证书" in alone) == (True, True, True)


@pytest.mark.parametrize("role", ["center", "center-head", "audit", "unit", "expert"])
async def test_page_is_for_the_system_administrator(role: str, licensed: Licensed, signed_in: SignedIn) -> None:
    assert (await (await signed_in(role)).get("/signing/trust")).status_code == 403
