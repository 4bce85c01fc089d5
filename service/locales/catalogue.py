"""The message catalogues: what people read, in Chinese and English.

The id of a message is its Chinese sentence; the sentence of a rule has the rule's code as id. One `.po` file a
subject and language; all files of a language are one catalogue. They are read when the application starts.
"""

import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

from babel.messages.pofile import PoFileError, read_po

Language = Literal["zh", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
FOLDER: Final = Path(__file__).parent
_FOLDERS: Final[Mapping[Language, str]] = {"zh": "zh_Hans_CN", "en": "en"}
# Tags are compared in small letters; what is not listed, and has no listed primary tag, reads English.
_TAGS: Final[Mapping[str, Language]] = {
    "zh": "zh",
    "zh-cn": "zh",
    "zh-hans": "zh",
    "zh-hans-cn": "zh",
    "zh-sg": "zh",
    "zh-hans-sg": "zh",
    "zh-hant": "zh",
    "zh-tw": "zh",
    "zh-hk": "zh",
    "zh-mo": "zh",
    "*": "zh",
    "en": "en",
}
_PARAMETER: Final = re.compile(r"%\((\w+)\)s")

Key = tuple[str, str]
"""Context (empty for most messages) and message id."""


class CataloguesInvalid(Exception):
    """A catalogue cannot be read; the message names the file, the line and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Catalogues:
    """All catalogues, merged by language.

    Attributes:
        messages: language -> (context, id) -> forms: one, or singular and plural.
        faults: the same message said in two ways in two files, each as one sentence; the first file wins.
    """

    messages: Mapping[Language, Mapping[Key, tuple[str, ...]]]
    faults: tuple[str, ...] = ()

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read every `<language>/<subject>.po` under a folder.

        Raises:
            CataloguesInvalid: when a file is no catalogue.
        """
        messages: dict[Language, dict[Key, tuple[str, ...]]] = {}
        faults: list[str] = []
        for language, name in _FOLDERS.items():
            merged: dict[Key, tuple[str, ...]] = {}
            for path in sorted((folder / name).glob("*.po")):
                for key, forms in _read(path):
                    if merged.setdefault(key, forms) != forms:
                        faults.append(f"{path.parent.name}/{path.name}: {key[1]!r} is said otherwise in another file")
            messages[language] = merged
        return cls(messages, tuple(faults))

    def find(self, language: Language, message: str, context: str = "") -> tuple[str, ...]:
        """Return the forms of a message, empty when the language has none."""
        return self.messages.get(language, {}).get((context, message), ())

    def gettext(self, language: Language, message: str, context: str = "") -> str:
        """Return a message in a language; without a translation, the message id itself."""
        forms = self.find(language, message, context)
        return forms[0] if forms else message

    def ngettext(self, language: Language, message: str, plural: str, n: int, context: str = "") -> str:
        """Return the form for `n` things; Chinese has one form, English two."""
        forms = self.find(language, message, context)
        if len(forms) > 1:
            return forms[0] if n == 1 else forms[1]
        if forms:
            return forms[0]
        return message if n == 1 or language == "zh" else plural


def _read(path: Path) -> Iterable[tuple[Key, tuple[str, ...]]]:
    with path.open("rb") as file:
        try:
            catalogue = read_po(file, abort_invalid=True)
        except (PoFileError, ValueError) as fault:
            raise CataloguesInvalid(f"{path.parent.name}/{path.name}: {fault}") from fault
    for message in catalogue:
        singular = message.id[0] if isinstance(message.id, (list, tuple)) else message.id
        if not singular or message.fuzzy:
            continue
        forms = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        if all(forms):
            yield (message.context or "", singular), tuple(str(form) for form in forms)


_installed: list[Catalogues] = []
_language: ContextVar[Language] = ContextVar("language", default="zh")


def install(catalogues: Catalogues) -> Catalogues:
    """Make these the catalogues of this process, and return them."""
    _installed[:] = [catalogues]
    return catalogues


def installed() -> Catalogues:
    """Return the catalogues of this process.

    Raises:
        RuntimeError: when the entry point has not installed any.
    """
    if not _installed:
        raise RuntimeError("no catalogues are installed: call install(Catalogues.load()) where the program starts")
    return _installed[0]


def use_language(tag: str) -> None:
    """Set the language of the present context (request, job, command) from a language tag."""
    _language.set(language_of(tag))


def language() -> Language:
    """Return the language of the present context; Chinese unless one was set."""
    return _language.get()


def language_of(tag: str) -> Language:
    """Return the language in which a reader of a tag such as `zh-CN` is served: Chinese, or English for all others."""
    tag = tag.strip().lower().replace("_", "-")
    return _TAGS.get(tag) or _TAGS.get(tag.partition("-")[0]) or "en"


def negotiate(accept_language: str | None, cookie: str | None) -> Language:
    """Return the language for a request.

    Args:
        accept_language: the header; among the tags the reader likes best, the first decides. Without one: Chinese.
        cookie: what the reader chose on the page, `zh` or `en`; anything else is not a choice.
    """
    if cookie == "zh":
        return "zh"
    if cookie == "en":
        return "en"
    best, weight = "*", 0.0
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.partition(";")
        quality = _quality(parameters)
        if tag.strip() and quality > weight:
            best, weight = tag, quality
    return language_of(best)


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def gettext(message: str) -> str:
    """Return a message in the present language, its parameters not yet filled in."""
    return installed().gettext(language(), message)


def ngettext(message: str, plural: str, n: int) -> str:
    """Return a message for `n` things in the present language, its parameters not yet filled in."""
    return installed().ngettext(language(), message, plural, n)


def pgettext(context: str, message: str) -> str:
    """Return a message that has several senses, in the sense named by `context`."""
    return installed().gettext(language(), message, context)


def translate(message: str, lang: str, /, **params: object) -> str:
    """Return a message in a language with its parameters filled in.

    A sentence asks for parameters as `%(name)s`. One that was not handed over shows as its name in brackets: the
    reader of a refusal learns what rule it was, even when a number is missing. A list of names is enumerated.
    """
    spoken = language_of(lang)
    said = {name: enumerated(param, spoken) if isinstance(param, list) else param for name, param in params.items()}
    return fill(installed().gettext(spoken, message), said)


def enumerated(items: Iterable[object], lang: Language) -> str:
    """Return items as an enumeration: "甲、乙", "a, b"."""
    return ("、" if lang == "zh" else ", ").join(str(item) for item in items)


def fill(sentence: str, params: Mapping[str, Any]) -> str:
    """Return a sentence with its `%(name)s` filled in, and `%%` as a percent sign."""
    filled = _PARAMETER.sub(lambda found: _say(params, found[1]), sentence)
    return filled.replace("%%", "%")


def _say(params: Mapping[str, Any], name: str) -> str:
    if name not in params:
        return f"〔{name}〕"
    # A percent sign of a parameter stands for itself.
    return str(params[name]).replace("%", "%%")


def mark(message: str) -> str:
    """Return a message unchanged: it is translated later, where it is shown, and this makes it found."""
    return message
