"""The 62 first-level disciplines of GB/T 13745-2009, and the county's own domains laid over them.

Only first-level codes are listed: counts of the lower levels differ between published lists and amendments, so a
code of five or seven digits is accepted when it begins with one of these three-digit codes.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Discipline:
    """A first-level discipline: three digits and its names."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of the county's own (`L01` to `L99`), standing for the disciplines whose codes begin with `codes`."""

    code: str
    zh: str
    en: str
    codes: tuple[str, ...]


_DISCIPLINES: Final = """
110 数学|Mathematics
120 信息科学与系统科学|Information and systems science
130 力学|Mechanics
140 物理学|Physics
150 化学|Chemistry
160 天文学|Astronomy
170 地球科学|Earth sciences
180 生物学|Biology
190 心理学|Psychology
210 农学|Agronomy
220 林学|Forestry
230 畜牧、兽医科学|Animal husbandry and veterinary science
240 水产学|Fisheries
310 基础医学|Basic medicine
320 临床医学|Clinical medicine
330 预防医学与公共卫生学|Preventive medicine and public health
340 军事医学与特种医学|Military and special medicine
350 药学|Pharmacy
360 中医学与中药学|Traditional Chinese medicine and drugs
410 工程与技术科学基础学科|Basic engineering and technology
413 信息与系统科学相关工程与技术|Engineering related to information and systems science
416 自然科学相关工程与技术|Engineering related to natural sciences
420 测绘科学技术|Surveying and mapping
430 材料科学|Materials science
440 矿山工程技术|Mining engineering
450 冶金工程技术|Metallurgical engineering
460 机械工程|Mechanical engineering
470 动力与电气工程|Power and electrical engineering
480 能源科学技术|Energy science
490 核科学技术|Nuclear science
510 电子与通信技术|Electronics and communications
520 计算机科学技术|Computer science
530 化学工程|Chemical engineering
535 产品应用相关工程与技术|Engineering related to product use
540 纺织科学技术|Textile science
550 食品科学技术|Food science
560 土木建筑工程|Civil engineering and architecture
570 水利工程|Hydraulic engineering
580 交通运输工程|Transport engineering
590 航空、航天科学技术|Aeronautics and astronautics
610 环境科学技术及资源科学技术|Environmental and resource science
620 安全科学技术|Safety science
630 管理学|Management
710 马克思主义|Marxism
720 哲学|Philosophy
730 宗教学|Religious studies
740 语言学|Linguistics
750 文学|Literature
760 艺术学|Arts
770 历史学|History
780 考古学|Archaeology
790 经济学|Economics
810 政治学|Political science
820 法学|Law
830 军事学|Military science
840 社会学|Sociology
850 民族学与文化学|Ethnology and cultural studies
860 新闻学与传播学|Journalism and communication
870 图书馆、情报与文献学|Library and information science
880 教育学|Education
890 体育科学|Sports science
910 统计学|Statistics
"""

DISCIPLINES: Final = MappingProxyType(
    {line[:3]: Discipline(line[:3], *line[4:].split("|")) for line in _DISCIPLINES.strip().splitlines()}
)

DOMAINS: Final = MappingProxyType(
    {
        domain.code: domain
        for domain in (
            Domain(
                "L01", "产业发展", "Industry and enterprise", ("460", "470", "480", "530", "535", "540", "550", "63040")
            ),
            Domain("L02", "社会治理", "Community and social affairs", ("840", "850", "63044")),
            Domain("L03", "城乡建设", "Urban and rural construction", ("560", "420")),
            Domain("L04", "财税金融", "Public finance, taxation and banking", ("790", "910")),
            Domain("L05", "依法行政", "Law-based administration", ("820", "810")),
            Domain("L06", "环境资源", "Environment and resources", ("610", "170", "220")),
            Domain("L07", "教育人才", "Education and skilled people", ("880", "63055")),
            Domain("L08", "文化旅游", "Culture and tourism", ("750", "760", "770", "780", "850", "860", "870", "890")),
            Domain("L09", "医疗卫生", "Health", ("310", "320", "330", "350", "360")),
            Domain("L10", "农业农村", "Agriculture and countryside", ("210", "220", "230", "240")),
            Domain("L11", "交通运输", "Transport", ("580",)),
            Domain("L12", "水利水务", "Water", ("570",)),
            Domain("L13", "安全应急", "Safety and emergencies", ("620",)),
            Domain("L14", "数字信息", "Digital and information", ("120", "413", "510", "520")),
        )
    }
)
