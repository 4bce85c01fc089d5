"""The organisations of the demonstration county: bureaus, their sub-units, the city above, and those who work for them.

None of them exists. Names follow the habits of a county in Hebei, with 示范 (demonstration) and 冀海 (an invented city)
where a real place would stand.
"""

from dataclasses import dataclass
from datetime import date

from service.demo.identity import CITY_CODE, COUNTY_CODE, credit_code

_REFORM_ON = date(2019, 3, 1)
_LAST_OLD_DAY = date(2019, 2, 28)


@dataclass(frozen=True, slots=True)
class DemoAlias:
    """Another name of an organisation: a former one with its last day, or a short one still in use."""

    name: str
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class DemoParent:
    """What an organisation belongs to, from a day on, until a day (inclusive) or still."""

    key: str
    from_on: date
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """One organisation.

    Attributes:
        key: short name within the county's data, such as `shuili`.
        name: full name in Chinese.
        kind: `government`, `bureau`, `institution`, `hospital`, `university`, `school`, `institute`, `law_firm` or
            `company`.
        credit_code: unified social credit code, valid and belonging to nobody.
        region_code: administrative code; the county's own or the city's.
        undertakes: whether it brings matters forward as the unit.
        aliases: former and short names.
        parents: what it belongs to, oldest first; one at a time.
    """

    key: str
    name: str
    kind: str
    credit_code: str
    region_code: str
    undertakes: bool = False
    aliases: tuple[DemoAlias, ...] = ()
    parents: tuple[DemoParent, ...] = ()


# key, name, kind, belongs to, undertakes matters, short names still in use, name before the reform of 2019
_COUNTY: tuple[tuple[str, str, str, str, bool, tuple[str, ...], str], ...] = (
    ("zhengfu", "示范县人民政府", "government", "", False, ("县政府",), ""),
    ("fuban", "示范县人民政府办公室", "bureau", "zhengfu", False, ("县政府办",), ""),
    ("juezi", "示范县决策咨询服务中心", "institution", "zhengfu", False, ("县决咨中心", "决咨办"), ""),
    ("fagai", "示范县发展和改革局", "bureau", "zhengfu", True, ("县发改局",), ""),
    ("caizheng", "示范县财政局", "bureau", "zhengfu", True, ("县财政局",), ""),
    ("zigui", "示范县自然资源和规划局", "bureau", "zhengfu", True, ("县自规局",), "示范县国土资源局"),
    ("zhujian", "示范县住房和城乡建设局", "bureau", "zhengfu", True, ("县住建局",), ""),
    ("jiaotong", "示范县交通运输局", "bureau", "zhengfu", True, ("县交通局",), ""),
    ("shuili", "示范县水利局", "bureau", "zhengfu", True, ("县水利局",), "示范县水务局"),
    ("nongye", "示范县农业农村局", "bureau", "zhengfu", True, ("县农业农村局",), "示范县农业局"),
    ("jiaoti", "示范县教育和体育局", "bureau", "zhengfu", True, ("县教体局",), "示范县教育局"),
    ("weijian", "示范县卫生健康局", "bureau", "zhengfu", True, ("县卫健局",), "示范县卫生和计划生育局"),
    ("huanjing", "冀海市生态环境局示范县分局", "bureau", "shihuanjing", True, ("县生态环境分局",), "示范县环境保护局"),
    ("wenlv", "示范县文化广电和旅游局", "bureau", "zhengfu", True, ("县文旅局",), "示范县文化广电新闻出版局"),
    ("yingji", "示范县应急管理局", "bureau", "zhengfu", True, ("县应急局",), "示范县安全生产监督管理局"),
    ("sifa", "示范县司法局", "bureau", "zhengfu", False, ("县司法局",), ""),
    ("minzheng", "示范县民政局", "bureau", "zhengfu", True, ("县民政局",), ""),
    ("shuigong", "示范县水利工程建设服务中心", "institution", "shuili", False, (), "示范县水利工程建设管理处"),
    ("nongji", "示范县农业技术推广中心", "institution", "nongye", False, ("县农技中心",), "示范县农业技术推广站"),
    ("gonglu", "示范县公路事业发展中心", "institution", "jiaotong", False, (), "示范县公路管理站"),
    ("jikong", "示范县疾病预防控制中心", "institution", "weijian", False, ("县疾控中心",), ""),
    ("xianyiyuan", "示范县人民医院", "hospital", "weijian", False, ("县医院",), ""),
    ("yizhong", "示范县第一中学", "school", "jiaoti", False, ("县一中",), ""),
    ("guihuazhongxin", "示范县规划编制研究中心", "institution", "zigui", False, (), "示范县城乡规划站"),
    ("chengtou", "示范县城市建设投资集团有限公司", "company", "", False, ("县城投集团",), ""),
    ("reli", "示范县集中供热有限公司", "company", "", False, ("县热力公司",), ""),
)
_CITY: tuple[tuple[str, str, str, str, bool, tuple[str, ...], str], ...] = (
    ("shishuili", "冀海市水利局", "bureau", "", False, ("市水利局",), "冀海市水务局"),
    ("shinongye", "冀海市农业农村局", "bureau", "", False, ("市农业农村局",), "冀海市农业局"),
    ("shihuanjing", "冀海市生态环境局", "bureau", "", False, ("市生态环境局",), "冀海市环境保护局"),
    ("shiyiyuan", "冀海市第一医院", "hospital", "", False, (), ""),
    ("jihaidaxue", "冀海大学", "university", "", False, (), ""),
    ("nongkexueyuan", "冀海农业科技学院", "university", "", False, (), "冀海农业职业技术学院"),
    ("ligong", "冀海理工学院", "university", "", False, (), ""),
    (
        "shuiliyuan",
        "冀海市水利水电勘测设计研究院有限公司",
        "institute",
        "",
        False,
        ("市水利院",),
        "冀海市水利水电勘测设计院",
    ),
    ("guihuayuan", "冀海市城乡规划设计研究院有限公司", "institute", "", False, ("市规划院",), "冀海市规划设计院"),
    ("jiaotongyuan", "冀海市交通勘察设计院有限公司", "institute", "", False, ("市交通院",), ""),
    ("tongcheng", "河北冀海同诚律师事务所", "law_firm", "", False, ("同诚所",), ""),
    ("mingde", "河北冀海明德律师事务所", "law_firm", "", False, ("明德所",), ""),
    ("lvyuan", "冀海绿源环境科技有限公司", "company", "", False, ("绿源环境",), ""),
    ("zhongheng", "冀海中衡工程咨询有限公司", "company", "", False, ("中衡咨询",), ""),
)

_CREDIT_KINDS = {
    "government": "11",
    "bureau": "11",
    "institution": "12",
    "hospital": "12",
    "university": "12",
    "school": "12",
    "law_firm": "31",
    "institute": "91",
    "company": "91",
}


def demo_organisations() -> tuple[DemoOrganisation, ...]:
    """Return the forty organisations, each before those that belong to it; the order never changes."""
    rows = [(COUNTY_CODE, row) for row in _COUNTY] + [(CITY_CODE, row) for row in _CITY]
    made = tuple(_organisation(serial, region, row) for serial, (region, row) in enumerate(rows, start=1))
    return tuple(sorted(made, key=lambda organisation: organisation.key == "huanjing"))


def top_parents(organisations: tuple[DemoOrganisation, ...]) -> dict[str, str]:
    """Return for every organisation today's topmost parent below the county government: key -> key."""
    parent = {
        organisation.key: organisation.parents[-1].key
        for organisation in organisations
        if organisation.parents and organisation.parents[-1].key != "zhengfu"
    }
    tops = {}
    for organisation in organisations:
        top = organisation.key
        while top in parent:
            top = parent[top]
        tops[organisation.key] = top
    return tops


def _organisation(
    serial: int, region_code: str, row: tuple[str, str, str, str, bool, tuple[str, ...], str]
) -> DemoOrganisation:
    key, name, kind, parent, undertakes, short_names, former_name = row
    aliases = [DemoAlias(short) for short in short_names]
    if former_name:
        aliases.append(DemoAlias(former_name, until_on=_LAST_OLD_DAY))
    parents: tuple[DemoParent, ...] = ()
    if key == "huanjing":
        # The environment bureaus of counties became branches of the city's in the reform of 2019.
        parents = (DemoParent("zhengfu", date(2002, 1, 1), _LAST_OLD_DAY), DemoParent(parent, _REFORM_ON))
    elif parent:
        parents = (DemoParent(parent, date(2002, 1, 1)),)
    return DemoOrganisation(
        key,
        name,
        kind,
        credit_code(_CREDIT_KINDS[kind], region_code, serial),
        region_code,
        undertakes,
        tuple(aliases),
        parents,
    )
