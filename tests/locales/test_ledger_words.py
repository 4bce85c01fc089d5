"""Everything that is recorded has a name in both languages."""

import ast
import re
from pathlib import Path

from service.locales import translate

SERVICE = Path(__file__).parents[2] / "service"


def recorded_types() -> set[str]:
    """Return the types that stand as literals in a call of `record`, in any file of the service."""
    found = set()
    for path in SERVICE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2].lstrip("_") == "record":
                found |= {
                    one.value
                    for part in call.args
                    for one in ast.walk(part)
                    if isinstance(one, ast.Constant) and re.fullmatch(r"[a-z_-]+\.[a-z_-]+", str(one.value))
                }
    return found


def test_every_type_of_entry_is_said_in_both_languages() -> None:
    types = recorded_types()

    unsaid = {type_ for type_ in types for lang in ("zh", "en") if translate(type_, lang) == type_}

    assert "organisation.renamed" in types
    assert unsaid == set()
