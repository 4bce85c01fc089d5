"""Professional titles (职称) and the level each stands at."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from registry.fieldwords import Certainty
from registry.writing import comparable, half_width, one_line


class TitleLevel(StrEnum):
    """Level of a title, highest first."""

    SENIOR = "senior"
    DEPUTY_SENIOR = "deputy_senior"
    INTERMEDIATE = "intermediate"
    ASSISTANT = "assistant"
    JUNIOR = "junior"
    NONE = "none"

    @property
    def is_senior(self) -> bool:
        """Return whether the level is the "senior or above" of A25.4: full senior and deputy senior."""
        return self in (TitleLevel.SENIOR, TitleLevel.DEPUTY_SENIOR)


@dataclass(frozen=True, slots=True)
class TitleReading:
    """What a written title was taken for.

    Attributes:
        title: the title as it is kept.
        level: its level; NONE when the text holds no title of a known series.
        certainty: exact, a suggestion, or unknown.
    """

    title: str
    level: TitleLevel
    certainty: Certainty


# Names per series, level by level: full senior | deputy senior | intermediate | assistant | junior.
_SERIES: Final = """
教授|副教授|讲师|助教|
研究员|副研究员|助理研究员|研究实习员|
推广研究员 农业技术推广研究员 正高级农艺师|高级农艺师|农艺师|助理农艺师|农业技术员
正高级畜牧师|高级畜牧师|畜牧师|助理畜牧师|
正高级兽医师|高级兽医师|兽医师|助理兽医师|
正高级林业工程师|||助理林业工程师|
正高级工程师 教授级高级工程师 教授级高工 正高工|高级工程师 高工|工程师|助理工程师|技术员
研究员级高级工程师 正高级高工|副高级工程师|||
正高级经济师|高级经济师|经济师|助理经济师|经济员
正高级会计师|高级会计师|会计师|助理会计师|会计员
正高级审计师|高级审计师|审计师|助理审计师|
正高级统计师|高级统计师|统计师|助理统计师|统计员
正高级政工师|高级政工师|政工师|助理政工师|
正高级人力资源管理师|高级人力资源管理师|人力资源管理师||
正高级教师|高级教师 中学高级教师|一级教师 中学一级教师|二级教师 中学二级教师|三级教师
正高级讲师|高级讲师 中教高级|中教一级 小学高级教师||
主任医师|副主任医师|主治医师 主治（主管）医师|医师 住院医师 执业医师|医士
主任中医师|副主任中医师|主治中医师|中医师|
主任药师|副主任药师|主管药师|药师|药士
主任中药师|副主任中药师|主管中药师|中药师|
主任护师|副主任护师|主管护师|护师|护士
主任技师|副主任技师|主管技师|检验师|
研究馆员|副研究馆员|馆员|助理馆员|管理员
编审|副编审|编辑|助理编辑|
高级记者|主任记者|记者|助理记者|
高级编辑|主任编辑|||
译审|副译审 一级翻译|翻译 二级翻译|助理翻译 三级翻译|
一级律师|二级律师|三级律师|四级律师|律师助理
一级公证员|二级公证员|三级公证员|四级公证员|
一级法医|二级法医|三级法医||
一级演员|二级演员|三级演员|四级演员|
一级编剧|二级编剧|三级编剧||
一级导演|二级导演|三级导演||
一级美术师|二级美术师|三级美术师|美术员|
一级作曲|二级作曲|三级作曲||
正高级工艺美术师|高级工艺美术师|工艺美术师|助理工艺美术师|
国家级教练|高级教练|一级教练 中级教练|二级教练|
正高级实验师|高级实验师|实验师|助理实验师|实验员
正高级船长|高级船长|船长||
"""
_LEVEL_WORDS: Final = {
    "正高级": TitleLevel.SENIOR,
    "正高": TitleLevel.SENIOR,
    "副高级": TitleLevel.DEPUTY_SENIOR,
    "副高": TitleLevel.DEPUTY_SENIOR,
    "中级": TitleLevel.INTERMEDIATE,
    "助理级": TitleLevel.ASSISTANT,
    "初级": TitleLevel.ASSISTANT,
    "员级": TitleLevel.JUNIOR,
    "无": TitleLevel.NONE,
    "暂无": TitleLevel.NONE,
    "-": TitleLevel.NONE,
}
# Posts that end like a title.
_POSTS: Final = re.compile(r"(?:总(?:工程|经济|会计|农艺|畜牧|兽医|统计|规划)师)$")
_ORDER: Final = tuple(TitleLevel)
_PARTS: Final = re.compile(r"[、，,;；/|\s]+")
_BRACKET: Final = re.compile(r"[（(【\[]([^）)】\]]*)[）)】\]]")


def _names() -> dict[str, TitleLevel]:
    names: dict[str, TitleLevel] = {}
    for line in _SERIES.strip().splitlines():
        for level, column in zip(_ORDER, line.split("|"), strict=False):
            names.update((comparable(name), level) for name in column.split())
    return names


_NAMES: Final = _names()
_BY_LENGTH: Final = sorted(_NAMES, key=len, reverse=True)


@lru_cache(maxsize=4096)
def recognise_title(text: str) -> TitleReading:
    """Return the title and level that a written title stands for.

    A level in brackets, as in 高级工程师（正高）, is what the writer states and decides. Of several titles in one
    text the highest known one gives the level. A speciality in front of a title (水利高级工程师) is understood; words
    in front that could change the level make the reading a suggestion. Professional qualifications (一级建造师) and
    skilled-worker grades (高级技师) are not titles: whether they count as equal is for the county to say.

    Example:
        >>> recognise_title("教授级高工").level
        <TitleLevel.SENIOR: 'senior'>

    Source: A25.4; GB/T 8561 names, own levels.
    """
    title = one_line(text)
    if not title:
        return TitleReading("", TitleLevel.NONE, Certainty.EXACT)
    best = TitleReading(title, TitleLevel.NONE, Certainty.UNKNOWN)
    for part in (piece for piece in _PARTS.split(_BRACKET.sub("", half_width(title))) if piece):
        reading = _of_one(title, comparable(part))
        if best.certainty is Certainty.UNKNOWN or _ORDER.index(reading.level) < _ORDER.index(best.level):
            best = reading if reading.certainty is not Certainty.UNKNOWN else best
    for remark in _BRACKET.findall(half_width(title)):
        stated = _stated_level(comparable(remark))
        if stated is not None and stated is not TitleLevel.NONE:
            certainty = Certainty.EXACT if best.certainty is not Certainty.UNKNOWN else Certainty.SUGGESTION
            return TitleReading(title, stated, certainty)
    return best


def _stated_level(key: str) -> TitleLevel | None:
    return _LEVEL_WORDS.get(key.removesuffix("职称"))


def _of_one(title: str, key: str) -> TitleReading:
    if (stated := _stated_level(key)) is not None:
        return TitleReading(title, stated, Certainty.EXACT)
    if _POSTS.search(key):
        return TitleReading(title, TitleLevel.NONE, Certainty.UNKNOWN)
    if key in _NAMES:
        return TitleReading(title, _NAMES[key], Certainty.EXACT)
    for name in _BY_LENGTH:
        if not key.endswith(name):
            continue
        front = key.removesuffix(name)
        # 水利工程师 is an engineer; 副工程师 or 高级讲师教师 would change the level, so such fronts are not sure.
        sure = not re.search(r"正|副|高级|中级|初级|助理|主任|级|准|代", front) and len(name) > 2
        return TitleReading(title, _NAMES[name], Certainty.EXACT if sure else Certainty.SUGGESTION)
    if key.startswith("高级") and "技" not in key:
        return TitleReading(title, TitleLevel.DEPUTY_SENIOR, Certainty.SUGGESTION)
    return TitleReading(title, TitleLevel.NONE, Certainty.UNKNOWN)
