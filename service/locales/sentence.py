"""The sentence of a code as people read it: days said as days, what is wrong said piece by piece."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from service.locales.catalogue import Language, language_of, translate
from service.locales.say import say_day

_PIECES: Final = "wrong"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def sentence(code: str, lang: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence of a code in a language, for people; the facts themselves stay as they are.

    Args:
        code: of a rule, a fault or a remedy.
        lang: language tag of the reader.
        facts: parameters. A text that is wholly an ISO day is said as a day; `wrong`, a list of keys, is said by the
            sentences `CODE_KEY`.
    """
    spoken = language_of(lang)
    said = {name: _said(fact, spoken) for name, fact in facts.items()}
    if isinstance(pieces := facts.get(_PIECES), list | tuple):
        said[_PIECES] = ("；" if spoken == "zh" else "; ").join(
            translate(f"{code}_{str(piece).upper()}", spoken) for piece in pieces
        )
    return translate(code, spoken, **said)


def _said(fact: Any, lang: Language) -> Any:
    if not isinstance(fact, str) or not _DAY.fullmatch(fact):
        return fact
    try:
        return say_day(date.fromisoformat(fact), lang=lang)
    except ValueError:
        return fact  # no day of the calendar, so a text like any other
