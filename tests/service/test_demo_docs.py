"""What the pages for users say of settings and sign-ins is what the program does."""

import re
from pathlib import Path

from service.demo.accounts import DEMO_PASSWORD
from service.settings import Settings

ROOT = Path(__file__).parents[2]


def test_every_setting_stands_in_the_operations_page_and_no_other() -> None:
    source = (ROOT / "service/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"((?:EXPERTPOOL_[A-Z_]+)|HOST|PORT)"', source))
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `([A-Z_]+)` \|", page, flags=re.MULTILINE)

    assert sorted(documented) == sorted(read)


def test_the_documented_defaults_are_the_program_s() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    defaults = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", page, flags=re.MULTILINE))
    settings = Settings.from_environment({})

    assert defaults == {
        "EXPERTPOOL_MODE": settings.mode,
        "HOST": settings.host,
        "PORT": str(settings.port),
        "EXPERTPOOL_WORKERS": str(settings.workers),
        "EXPERTPOOL_VAR": settings.var.name,
        "EXPERTPOOL_COUNTY_CODE": settings.county_code,
        "EXPERTPOOL_EDITION": settings.edition,
        "EXPERTPOOL_EDITION_ISSUED_ON": settings.edition_issued_on.isoformat(),
        "EXPERTPOOL_POLICY": settings.policy,
        "EXPERTPOOL_SESSION_HOURS": str(settings.session_hours),
        "EXPERTPOOL_LOG_LEVEL": settings.log_level,
        "EXPERTPOOL_SIGNING_FETCH": "yes" if settings.outside.fetch else "no",
    }


def test_every_command_stands_in_the_readme() -> None:
    from service.cli.main import COMMANDS

    table = re.findall(r"^\| (`.+?) \|", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = {name for cell in table for name in re.findall(r"`([a-z]+)`", cell)}

    assert named == set(COMMANDS) - {"app"}


def test_readme_and_tutorial_name_the_password_of_the_demonstration() -> None:
    for page in ("README.md", "docs/tutorial.md"):
        assert f"`{DEMO_PASSWORD}`" in (ROOT / page).read_text(encoding="utf-8")


def test_every_link_between_the_pages_leads_to_a_file() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs/adr").glob("*.md")]
    broken = [
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []
