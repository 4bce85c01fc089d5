"""What the experts of the demonstration county know, which titles they hold and who employs them."""

from dataclasses import dataclass

SENIOR, DEPUTY_SENIOR, INTERMEDIATE = "senior", "deputy_senior", "intermediate"

TITLES: dict[str, dict[str, str]] = {
    "engineering": {SENIOR: "正高级工程师", DEPUTY_SENIOR: "高级工程师", INTERMEDIATE: "工程师"},
    "university": {SENIOR: "教授", DEPUTY_SENIOR: "副教授", INTERMEDIATE: "讲师"},
    "agronomy": {SENIOR: "推广研究员", DEPUTY_SENIOR: "高级农艺师", INTERMEDIATE: "农艺师"},
    "veterinary": {SENIOR: "正高级兽医师", DEPUTY_SENIOR: "高级兽医师", INTERMEDIATE: "兽医师"},
    "medicine": {SENIOR: "主任医师", DEPUTY_SENIOR: "副主任医师", INTERMEDIATE: "主治医师"},
    "law": {SENIOR: "一级律师", DEPUTY_SENIOR: "二级律师", INTERMEDIATE: "三级律师"},
    "economics": {SENIOR: "正高级经济师", DEPUTY_SENIOR: "高级经济师", INTERMEDIATE: "经济师"},
    "accounting": {SENIOR: "正高级会计师", DEPUTY_SENIOR: "高级会计师", INTERMEDIATE: "会计师"},
    "teaching": {SENIOR: "正高级教师", DEPUTY_SENIOR: "高级教师", INTERMEDIATE: "一级教师"},
    "museums": {SENIOR: "研究馆员", DEPUTY_SENIOR: "副研究馆员", INTERMEDIATE: "馆员"},
}
# From the highest post to the lowest.
POSTS: dict[str, tuple[str, ...]] = {
    "bureau": ("四级调研员", "项目办主任", "业务股股长", "综合股股长", "一级主任科员"),
    "institution": ("中心主任", "副主任", "技术科科长", "业务科科长", "技术岗"),
    "hospital": ("副院长", "学科带头人", "科室主任", "科室副主任", "医师"),
    "university": ("研究所所长", "学科带头人", "系主任", "教研室主任", "专任教师"),
    "school": ("副校长", "教务处主任", "教研组组长", "年级主任", "任课教师"),
    "institute": ("总工程师", "副总工程师", "设计所所长", "主任工程师", "项目负责人", "设计师"),
    "law_firm": ("主任", "高级合伙人", "合伙人", "专职律师"),
    "company": ("副总经理", "技术负责人", "部门经理", "项目负责人", "业务主管"),
}


@dataclass(frozen=True, slots=True)
class Profession:
    """A kind of expert.

    Attributes:
        name: what the expert would call it.
        domain: the local domain, which some experts name beside their fields.
        count: how many of the library's three hundred are of this kind.
        main: field codes (GB/T 13745) of which one is the main field.
        further: field codes of which up to three are further fields.
        series: series of titles outside universities, which have their own.
        employers: keys of organisations that employ such experts; repeated when they employ more.
    """

    name: str
    domain: str
    count: int
    main: tuple[str, ...]
    further: tuple[str, ...]
    series: str
    employers: tuple[str, ...]


def _of(name: str, domain: str, count: int, main: str, further: str, series: str, employers: str) -> Profession:
    return Profession(
        name, domain, count, tuple(main.split()), tuple(further.split()), series, tuple(employers.split())
    )


PROFESSIONS: tuple[Profession, ...] = (
    _of("水利规划与防洪", "L12", 22, "57065 57060 57055", "57035 61050 620 17050", "engineering",
        "shuili shuigong shishuili shuiliyuan shuiliyuan ligong nongkexueyuan jihaidaxue zhongheng guihuayuan"),
    _of("水工建筑物", "L12", 12, "57025 57035", "57020 56030 42040", "engineering",
        "shuigong shuiliyuan shuiliyuan ligong zhongheng jihaidaxue"),
    _of("给水排水与市政", "L03", 14, "56055", "57040 61030 56060", "engineering",
        "zhujian guihuayuan guihuayuan chengtou ligong reli zhongheng jiaotongyuan"),
    _of("城乡规划", "L03", 18, "56040", "42040 56055 58070 79035", "engineering",
        "zigui guihuazhongxin guihuazhongxin guihuayuan jihaidaxue zhujian ligong jiaotongyuan"),
    _of("建筑结构与施工", "L03", 14, "56030 56035 56045", "56025 620 56060", "engineering",
        "zhujian guihuayuan zhongheng chengtou ligong"),
    _of("工程造价", "L03", 12, "56060", "790 63050", "engineering", "zhongheng zhongheng caizheng chengtou ligong"),
    _of("道路与交通", "L11", 20, "58010 58020 58070", "58080 56055 56030", "engineering",
        "jiaotong gonglu jiaotongyuan jiaotongyuan ligong guihuayuan zhongheng jihaidaxue"),
    _of("供热与能源", "L01", 12, "47020 480", "47040 47010 61030", "engineering",
        "reli reli chengtou ligong fagai lvyuan jihaidaxue"),
    _of("环境保护", "L06", 18, "61030 61020", "61050 53070 330", "engineering",
        "huanjing shihuanjing lvyuan lvyuan ligong jihaidaxue shuiliyuan nongkexueyuan"),
    _of("安全与应急", "L13", 12, "620", "63044 53070 56045", "engineering",
        "yingji zhongheng ligong jihaidaxue jiaotongyuan chengtou"),
    _of("农学与园艺", "L10", 18, "21040 21030 21060", "21050 21070 550", "agronomy",
        "nongye nongji nongji shinongye nongkexueyuan nongkexueyuan jihaidaxue lvyuan"),
    _of("畜牧兽医", "L10", 8, "23020 23030", "61030 330", "veterinary",
        "nongji shinongye nongkexueyuan jihaidaxue lvyuan"),
    _of("临床医学", "L09", 14, "320", "32024 32027 310", "medicine",
        "xianyiyuan xianyiyuan shiyiyuan shiyiyuan jikong jihaidaxue"),
    _of("公共卫生", "L09", 12, "330", "320 63044 910", "medicine",
        "jikong jikong weijian jihaidaxue shiyiyuan shihuanjing"),
    _of("法律", "L05", 20, "82030", "820 810 63044", "law", "tongcheng tongcheng mingde mingde jihaidaxue ligong"),
    _of("财政与区域经济", "L04", 16, "790", "910 63044 79035", "economics",
        "caizheng fagai fagai jihaidaxue jihaidaxue ligong zhongheng nongkexueyuan"),
    _of("会计与审计", "L04", 8, "63040", "790 910", "accounting", "caizheng zhongheng chengtou jihaidaxue ligong"),
    _of("公共管理", "L02", 10, "63044", "840 810 820", "economics", "jihaidaxue jihaidaxue minzheng fuban ligong"),
    _of("教育", "L07", 14, "880", "890 190 630", "teaching",
        "yizhong yizhong jiaoti jihaidaxue ligong nongkexueyuan"),
    _of("文化与旅游", "L08", 10, "850 760", "780 770 79035", "museums",
        "wenlv jihaidaxue ligong nongkexueyuan guihuayuan"),
    _of("信息技术", "L14", 8, "52060", "510 52040 420", "engineering", "jihaidaxue ligong fagai zhongheng"),
    _of("社会工作", "L02", 8, "840", "63044 330", "economics", "minzheng jihaidaxue ligong nongkexueyuan"),
)  # fmt: skip
