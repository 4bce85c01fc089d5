"""How people type: full-width digits, blanks of every kind, characters that cannot be seen."""

import re
from typing import Final

from registry.refused import ValueRefused

# Full-width forms of ASCII (U+FF01 to U+FF5E) and the ideographic space.
_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# Characters without width that office programs leave behind: they carry no meaning and spoil every comparison.
_INVISIBLE: Final = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_TYPING: Final = {**_HALF_WIDTH, **_INVISIBLE}
# Looked for first: most texts need no change, and looking is far quicker than changing.
_TYPED: Final = re.compile("[\u3000\uff01-\uff5e\u00ad\u200b-\u200d\u2060\ufeff]")
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_BLANKS: Final = re.compile(r"\s+")
# Turning the direction of writing can make one number look like another.
_ODD: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DOTS: Final = str.maketrans(dict.fromkeys("•・‧∙⋅．｡", "·"))
_LATIN_NAME: Final = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’.\- ]*")
_HAN_NAME: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af〇·]+")
_NAME_MOST = 50


def half_width(text: str) -> str:
    """Return the text with full-width ASCII made half-width and characters without width taken out."""
    return text.translate(_TYPING) if _TYPED.search(text) else text


def one_line(text: str) -> str:
    """Return the text on one line: blanks of any kind become one space, none at the ends."""
    seen = text.translate(_INVISIBLE) if _UNSEEN.search(text) else text
    return _BLANKS.sub(" ", seen).strip()


def without_blanks(text: str) -> str:
    """Return the text half-width and without any blank."""
    return _BLANKS.sub("", half_width(text))


def comparable(text: str) -> str:
    """Return the form under which two spellings of one name are equal: half-width, no blanks, capitals folded."""
    return without_blanks(text).casefold()


def has_odd_characters(text: str) -> bool:
    """Return whether the text holds control characters or turns the direction of writing."""
    return bool(_ODD.search(text))


def read_name(text: str) -> str:
    """Return the name of a person as it is kept.

    Blanks inside a Chinese name are how lists are made to line up, and go; a Latin name keeps single spaces. The dot
    in names of some peoples is always `·`.

    Raises:
        ValueRefused: NAME_ODD_CHARACTERS, NAME_TOO_SHORT, NAME_TOO_LONG, NAME_NOT_A_NAME (digits, signs).

    Example:
        >>> read_name("张　 三")
        '张三'
        >>> read_name("阿卜杜拉•买买提")
        '阿卜杜拉·买买提'
    """
    if has_odd_characters(text):
        raise ValueRefused("NAME_ODD_CHARACTERS")
    name = one_line(half_width(text.translate(_DOTS)))
    if not _LATIN_NAME.fullmatch(name):
        name = _BLANKS.sub("", name)
    if len(name) < 2:
        raise ValueRefused("NAME_TOO_SHORT", length=len(name))
    if len(name) > _NAME_MOST:
        raise ValueRefused("NAME_TOO_LONG", length=len(name), most=_NAME_MOST)
    if not (_LATIN_NAME.fullmatch(name) or _HAN_NAME.fullmatch(name)) or name.strip("·") != name:
        raise ValueRefused("NAME_NOT_A_NAME")
    return name
