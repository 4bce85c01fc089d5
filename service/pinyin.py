"""How a Chinese name or title is found by its sound."""

from pypinyin import Style, lazy_pinyin


def pinyin_of(text: str) -> str:
    """Return the full spelling without tones, a blank, and the initials, in small letters: "shuili sl".

    Letters and digits of the text stay in both, so that a mixed title is found too; other signs are left out.
    """
    kept = "".join(mark for mark in text if mark.isalnum())
    full = "".join(lazy_pinyin(kept)).lower()
    initials = "".join(lazy_pinyin(kept, style=Style.FIRST_LETTER)).lower()
    return f"{full} {initials}"
