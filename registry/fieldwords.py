"""What people write for a field, and which code they mean by it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import Final

from registry.disciplines import DISCIPLINES, DOMAINS, Discipline, Domain
from registry.fields import is_field_code
from registry.writing import comparable, half_width, one_line

# Common words of county rosters. Only words that mean one discipline to everybody; others stay suggestions.
_SYNONYMS: Final = """
110 应用数学
120 系统工程 系统科学 信息科学
170 地质 地质学 地理 地理学 气象 气象学 海洋 海洋学 水文地质 水文水资源 地质灾害 地球物理
180 生物 生物技术 生态学 微生物学
190 心理 心理健康 心理咨询
210 农业 种植 种植业 园艺 农艺 作物 作物栽培 植保 植物保护 土壤肥料 农业技术 农技推广 果树 葡萄种植 蔬菜
210 设施农业 现代农业
220 林业 园林 园林绿化 林果 森林保护 草原 林草 风景园林
230 畜牧 兽医 畜牧兽医 畜牧业 动物医学 动物科学 养殖 动物防疫 畜牧兽医科学
240 水产 渔业 水产养殖 海水养殖
310 医学基础
320 临床 内科 外科 儿科 妇产科 急诊 护理 医疗 麻醉 口腔 影像医学 全科医学 康复医学
330 公共卫生 预防医学 疾控 疾病控制 疾病预防控制 流行病学 卫生监督 卫生 职业卫生 预防医学与公共卫生 卫生管理
350 药学 药剂 药品 药物 制药
360 中医 中药 中医药 针灸 中西医结合
420 测绘 地理信息 测量 测绘工程 遥感 地理信息系统
430 材料 新材料 建筑材料
440 矿业 采矿 矿山 矿山工程 选矿
450 冶金 钢铁 冶金工程
460 机械 机械制造 机电 装备制造 机械设计 机械工程与自动化
470 电力 电气 供热 暖通 电气工程 热能 电力系统 供电 热能与动力 动力工程 供热工程
480 能源 新能源 节能 光伏 风电 燃气 储能
490 核工业
510 通信 电子 通信工程 电子信息 电子工程 自动化 广播电视工程
520 计算机 信息化 软件 网络安全 大数据 信息技术 人工智能 数字政府 电子政务 计算机技术 软件工程 网络工程
520 智慧城市 数据治理
530 化工 化学工艺 石油化工 精细化工
535 质量检验 标准化 计量
540 纺织 服装
550 食品 食品安全 食品加工 食品工程 葡萄酒 葡萄酒酿造
560 土木 建筑 城乡规划 城市规划 市政 给排水 给水排水 土木工程 建筑学 建筑工程 结构工程 工程造价 工程监理 岩土
560 岩土工程 规划 国土空间规划 市政工程 村镇建设 建筑设计 房屋建筑 工民建 道路桥梁与渡河 城乡建设规划 造价
560 住房和城乡建设
570 水利 水利水电 水利水电工程 水工 防洪 防汛 农田水利 水土保持 水资源 河道治理 水工结构 水务 灌溉 水利规划
580 交通 公路 道路 桥梁 道路桥梁 铁路 港口 航道 运输 物流工程 交通工程 交通规划 公路桥梁 路桥 道路工程
590 航空 航天 航空航天
610 环境 环保 生态环境 环境保护 环境工程 环境科学 资源环境 自然资源 土地资源 土地管理 国土资源 环境影响评价
610 环评 水污染防治 大气污染防治 固废处理 生态修复 资源科学
620 安全 安全生产 应急 应急管理 消防 防灾减灾 安全工程 危险化学品 职业安全 消防工程 安全评价 社会稳定风险
630 管理 公共管理 行政管理 工商管理 企业管理 人力资源 项目管理 会计 审计 财务 财务管理 会计学 审计学 招标采购
630 政府采购 人事管理 管理科学 管理科学与工程 旅游管理
710 马克思主义理论 党建 党史党建 思想政治 思想政治教育 党的建设
720 伦理学 逻辑学
730 宗教 民族宗教
740 语言 语言文字 翻译 外语 英语
750 汉语言文学 中文 写作 文秘
760 艺术 音乐 美术 设计 书法 戏剧 艺术设计 舞蹈 影视
770 历史 地方志 史志 地方史 党史
780 考古 文物 文博 文物保护
790 经济 财政 金融 税务 税收 产业经济 区域经济 财税 财政金融 农业经济 国际贸易 商贸 投资 财政学 金融学
790 宏观经济 发展改革 保险 价格 农村经济 经济管理 营商环境 国民经济
810 政治 行政学 政治学与行政学 公共政策 外交
820 法律 法学 司法 律师 行政法 民法 刑法 法制 法治 民商法 经济法 行政法学 政府法律顾问 知识产权 仲裁 立法
820 依法治县 行政复议 合同法
830 军事 国防
840 社会 社会工作 社会管理 社区治理 社会保障 民政 人口 基层治理 信访 养老服务 劳动与社会保障 社会稳定 乡村治理
850 民族 文化 非遗 非物质文化遗产 民俗
860 新闻 传播 新闻传播 新闻与传播学 宣传 新媒体 舆情
870 图书馆 档案 情报 档案管理 图书情报 档案学
880 教育 师范 职业教育 学前教育 教育管理 基础教育 教学
890 体育 体育教育 全民健身
910 统计 统计调查 统计分析
L01 工业 工业和信息化 产业 招商引资
L02 社会治理与民政
L03 住建 城乡发展 城乡规划建设
L04 财政税务金融
L05 法治建设 法治政府
L06 资源环境 生态环保
L07 人才 教育与人才
L08 文旅 旅游 文化和旅游 文化体育 文化发展
L09 卫生健康 医药卫生 医疗保障 卫健
L10 三农 农业农村发展 乡村振兴 农林牧渔 农林水利
L11 交通运输规划
L12 水利与水务
L13 安全与应急
L14 数字经济 数字化 信息通信
"""
_SEPARATORS: Final = re.compile(r"[、，,;；/|｜\n\r\t]+|\s{1,}")
_NUMBERING: Final = re.compile(r"^(?:[（(]?[0-9一二三四五六七八九十]{1,2}[）).．、:：]|[①-⑳])\s*")
_TAIL: Final = re.compile(r"(?:等)?(?:专业|方向|领域|方面|类别|类|学科|行业|专家|工作|研究)$")
_TRIM: Final = "。.：:；;、,，()（）[]【】\"'“”"
_CLOSE_ENOUGH = 0.72
_OFFERED = 3


class Certainty(StrEnum):
    """How sure a reading is."""

    EXACT = "exact"
    SUGGESTION = "suggestion"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FieldReading:
    """What one written word was taken for.

    Attributes:
        text: the word as written, trimmed.
        certainty: exact, a suggestion that a person must confirm, or unknown.
        code: the code meant or suggested; empty when unknown.
        others: further suggestions, best first.
    """

    text: str
    certainty: Certainty
    code: str = ""
    others: tuple[str, ...] = ()


def _catalogue() -> tuple[dict[str, str], frozenset[str]]:
    words: dict[str, str] = {}
    for line in _SYNONYMS.strip().splitlines():
        code, *synonyms = line.split()
        for word in synonyms:
            words[comparable(word)] = code
    compounds = set()
    everything: tuple[Discipline | Domain, ...] = (*DISCIPLINES.values(), *DOMAINS.values())
    for known in everything:
        words[comparable(known.zh)] = known.code
        words[comparable(known.en)] = known.code
        if any(mark in known.zh for mark in "、 "):
            compounds.add(known.zh)
        # 测绘科学技术 is written 测绘科学 or 测绘技术 as often as in full; no two disciplines collide on these.
        for ending in ("科学技术", "工程技术", "技术", "科学", "学"):
            stem = known.zh.removesuffix(ending)
            if stem != known.zh and len(stem) > 1:
                words.setdefault(comparable(stem), known.code)
    return words, frozenset(compounds)


_WORDS, _COMPOUNDS = _catalogue()


def recognise_field(word: str, *, agreed: Mapping[str, str] | None = None) -> FieldReading:
    """Return which code a written word means.

    Codes, names of disciplines and domains and common words are exact. A longer phrase that contains such words, or
    a near spelling, is a suggestion; it is never taken without a person's word.

    Args:
        word: one field as written.
        agreed: words that a person has decided on, in the form of `comparable`, to codes.

    Example:
        >>> recognise_field("水利").code, recognise_field("水库大坝除险水利").certainty
        ('570', <Certainty.SUGGESTION: 'suggestion'>)
    """
    text = _trimmed(word)
    key = comparable(text)
    if agreed and key in agreed:
        return FieldReading(text, Certainty.EXACT, agreed[key])
    return _recognised(text, key)


def recognise_fields(cell: str, *, agreed: Mapping[str, str] | None = None) -> tuple[FieldReading, ...]:
    """Return the readings of a cell that may hold several fields, in order, each code once.

    Fields are parted by 、 ， ； / | blanks and line breaks; names that contain 、 themselves stay whole.
    """
    text = half_width(cell)
    held: dict[str, str] = {}
    for index, name in enumerate(sorted(_COMPOUNDS, key=len, reverse=True)):
        plain = half_width(name)
        if plain in text:
            mark = chr(0xE000 + index)  # a private-use character stands for the whole name while the cell is parted
            held[mark] = name
            text = text.replace(plain, mark)
    readings: dict[str, FieldReading] = {}
    for part in _SEPARATORS.split(text):
        word = "".join(held.get(character, character) for character in part)
        if reading := (recognise_field(word, agreed=agreed) if _trimmed(word) else None):
            readings.setdefault(reading.code if reading.certainty is Certainty.EXACT else comparable(word), reading)
    return tuple(readings.values())


def _trimmed(word: str) -> str:
    return _NUMBERING.sub("", one_line(half_width(word))).strip(_TRIM + " ")


@lru_cache(maxsize=8192)
def _recognised(text: str, key: str) -> FieldReading:
    code = key.upper().replace(".", "")
    if is_field_code(code):
        return FieldReading(text, Certainty.EXACT, code)
    if match := re.fullmatch(r"([0-9]{3,7}|l[0-9]{2})[-:：]?(.+)|(.+?)[(（]?([0-9]{3,7}|l[0-9]{2})[)）]?", key):
        stated, name = (match[1] or match[4]).upper(), match[2] or match[3]
        if is_field_code(stated) and (_WORDS.get(name, stated)[:3] == stated[:3]):
            return FieldReading(text, Certainty.EXACT, stated)
    for form in (key, _TAIL.sub("", key)):
        if form in _WORDS:
            return FieldReading(text, Certainty.EXACT, _WORDS[form])
    return _suggested(text, key)


def _suggested(text: str, key: str) -> FieldReading:
    scored: dict[str, float] = {}
    for word, code in _WORDS.items():
        if len(word) < 2:
            continue
        if word in key:
            score = 1 + len(word) / len(key)
        elif len(key) > 1 and key in word:
            score = 0.5 + len(key) / len(word)
        else:
            score = _likeness(key, word)
        if score > scored.get(code, _CLOSE_ENOUGH):
            scored[code] = score
    ranked = sorted(scored, key=lambda code: (-scored[code], code))
    if not ranked:
        return FieldReading(text, Certainty.UNKNOWN)
    return FieldReading(text, Certainty.SUGGESTION, ranked[0], tuple(ranked[1:_OFFERED]))


def _likeness(key: str, word: str) -> float:
    if not set(key) & set(word):
        return 0.0
    return SequenceMatcher(None, key, word, autojunk=False).ratio()
