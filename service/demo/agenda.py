"""The matters that the demonstration county has had reviewed in two years, and those on its desks today.

One row a matter: unit, title, fields needed (`570x2` is two seats), flags, organisations whose interests are at stake,
organisations that drafted or assessed it.
"""

Line = tuple[str, str, str, str, str, str]

PAST: tuple[Line, ...] = (
    # Before the edition was issued: recorded afterwards, as history.
    ("shuili", "桃林水库除险加固工程", "570x2 560 620", "", "shuigong", "shuiliyuan"),
    ("zhujian", "县城污水处理厂提标改造工程", "560x2 610 790", "", "lvyuan", "guihuayuan"),
    ("jiaotong", "县城至高铁站连接线新建工程", "580x3 560 610", "wide", "gonglu", "jiaotongyuan"),
    ("nongye", "鲜食葡萄产业高质量发展规划（2025—2029年）", "210x2 790 630", "", "nongji", "zhongheng"),
    ("jiaoti", "普惠性幼儿园布局规划", "880x2 560 840", "", "", ""),
    ("weijian", "县域紧密型医共体建设方案", "320x2 330 630", "wide", "xianyiyuan", ""),
    ("wenlv", "全域旅游发展规划", "850 560 790", "", "chengtou", "guihuayuan"),
    ("huanjing", "大气污染防治年度实施方案", "610x2 820 480", "", "reli", ""),
    ("zigui", "县城控制性详细规划局部调整", "56040x2 580 820", "disputed", "chengtou", "guihuayuan"),
    # Under the edition.
    ("yingji", "重点行业领域安全生产治本攻坚实施方案", "620x2 630 820", "", "", ""),
    ("caizheng", "县属国有资产整合重组方案", "790x2 63040 820", "sensitive", "chengtou", "zhongheng"),
    ("shuili", "地下水超采综合治理实施方案", "570x2 610 790", "", "shuigong", "shuiliyuan"),
    ("zhujian", "城镇老旧小区改造三年行动计划", "560x2 840 790", "wide", "chengtou", ""),
    ("jiaotong", "农村公路提升三年行动方案", "580x2 560 790", "", "gonglu", "jiaotongyuan"),
    ("nongye", "高标准农田建设规划", "210x2 570 790", "", "nongji", ""),
    ("minzheng", "殡葬服务设施布局规划", "840 560 820 630", "sensitive", "", "guihuayuan"),
    ("fagai", "居民生活用水阶梯价格调整方案", "790x2 570 820", "wide,disputed", "", ""),
    ("weijian", "县人民医院新院区建设方案", "320 560x2 790 630", "", "xianyiyuan,chengtou", "guihuayuan"),
    ("jiaoti", "义务教育学校学区划分调整方案", "880x2 840 820", "disputed", "yizhong", ""),
    ("huanjing", "生活垃圾焚烧发电项目", "610x2 480 330 820", "wide,disputed,sensitive", "lvyuan,chengtou", "ligong"),
    ("wenlv", "文化馆图书馆新馆建设工程", "850 560x2 790", "", "chengtou", "guihuayuan"),
    ("shuili", "东部灌区续建配套与节水改造工程", "570x2 210 790", "", "shuigong", "shuiliyuan"),
    ("zigui", "征收农用地区片综合地价调整方案", "790 820 560 210", "wide,sensitive", "", "zhongheng"),
    ("zhujian", "县城雨污分流改造工程", "560x2 610 570", "", "chengtou", "guihuayuan"),
    ("yingji", "突发事件总体应急预案（修订）", "620x2 330 820", "", "", ""),
    ("fagai", "国民经济和社会发展第十五个五年规划基本思路", "790x2 630 610 840", "wide", "", "jihaidaxue"),
    ("jiaotong", "货运车辆绕城通道工程", "580x3 610 790", "", "gonglu,chengtou", "jiaotongyuan"),
    ("nongye", "畜禽粪污资源化利用整县推进方案", "230 210 610 790", "", "nongji,lvyuan", ""),
    ("caizheng", "政府性债务风险化解工作方案", "790x3 820 63040", "sensitive", "chengtou", ""),
    ("minzheng", "养老服务体系建设规划", "840 330 790 630", "", "", "jihaidaxue"),
    ("weijian", "基层医疗卫生机构布局优化方案", "320 330x2 630", "wide", "jikong", ""),
    ("shuili", "农村饮水安全巩固提升工程", "570x2 330 790", "", "shuigong", ""),
    ("zhujian", "县城燃气管网更新改造工程", "560x2 480 620", "", "chengtou", "guihuayuan"),
    ("jiaoti", "县第一中学新校区建设工程", "880 560x2 790", "", "yizhong,chengtou", "guihuayuan"),
    ("huanjing", "重污染天气应急预案（修订）", "610x2 480 820", "", "reli", ""),
    ("wenlv", "历史文化街区保护规划", "850 560x2 820", "", "", "guihuayuan"),
    ("jiaotong", "公交线网优化和票价调整方案", "580x2 790 840", "wide", "", "jiaotongyuan"),
    ("nongye", "农村人居环境整治提升方案", "210 610 560 840", "", "", ""),
    ("zigui", "矿山生态修复规划", "610x2 560 790", "", "lvyuan", "ligong"),
    ("fagai", "屋顶分布式光伏开发方案", "480x2 790 820", "", "chengtou", ""),
    ("yingji", "危险化学品企业搬迁改造方案", "620x2 610 790 820", "disputed,complex", "", "zhongheng"),
    ("shuili", "清流河县城段生态修复工程", "570x2 610 560", "", "shuigong,lvyuan", "shuiliyuan"),
    ("caizheng", "惠民惠农财政补贴“一卡通”改革方案", "790x2 63040 630", "", "", "zhongheng"),
    ("minzheng", "城乡社会救助标准调整方案", "840 790 820", "", "", ""),
    ("zhujian", "保障性租赁住房建设方案", "560x2 790 840", "", "chengtou", ""),
    ("weijian", "突发公共卫生事件应急预案（修订）", "330x2 320 620", "", "jikong", ""),
    ("jiaoti", "全民健身中心建设工程", "890 560x2 790", "", "chengtou", "guihuayuan"),
    ("huanjing", "近岸海域污染防治方案", "610x2 570 820", "", "lvyuan", ""),
    ("nongye", "生猪屠宰企业布局调整方案", "230x2 610 790", "", "", ""),
    ("jiaotong", "县客运站迁建工程", "580x2 560 790", "", "chengtou", "jiaotongyuan"),
    ("wenlv", "重点景区门票价格调整方案", "850 790x2 820", "", "", ""),
    ("shuili", "城乡供水一体化工程", "570x3 560 790 820", "wide,complex", "shuigong,chengtou", "shuiliyuan"),
    ("zigui", "国土空间总体规划局部调整方案", "56040x2 210 610 820", "complex", "chengtou", "guihuazhongxin"),
    ("fagai", "集中供热价格调整方案", "480 790x2 820 840", "wide,disputed", "reli", "zhongheng"),
    ("zhujian", "城区停车设施专项规划", "560x2 580 820", "", "chengtou", "guihuayuan"),
    ("yingji", "消防救援站布局规划", "620x2 560 580", "", "", "guihuayuan"),
    ("nongye", "现代农业产业园建设规划", "210x2 560 790", "", "nongji", "zhongheng"),
    ("jiaotong", "县乡道桥梁安全改造工程", "580x2 56030 620", "", "gonglu", "jiaotongyuan"),
    ("huanjing", "声环境功能区划分调整方案", "610x2 560 330", "", "", ""),
    ("shuili", "沿河蓄滞洪区安全建设方案", "570x3 620 790 840", "wide,sensitive", "shuigong", "shuiliyuan"),
)

# In the order of opening, with how far each has come today.
OPEN: tuple[tuple[Line, str], ...] = (
    (("zhujian", "农村危房改造和抗震提升方案", "56030x2 620 790", "", "", "zhongheng"), "determined"),
    (("jiaoti", "乡镇学校布局调整方案", "880x2 840 580 820", "wide,disputed", "yizhong", "guihuayuan"), "proposed"),
    (
        ("shuili", "清流河流域综合治理工程", "570x3 610 560 790 820", "wide,complex", "shuigong,lvyuan", "shuiliyuan"),
        "need-set",
    ),
    (("zhujian", "县城集中供热管网改造工程", "480 560 790 820", "", "reli,chengtou", "ligong"), "need-set"),
    (("shuili", "南部灌区泵站更新改造工程", "570x2 470 790", "", "shuigong", "shuiliyuan"), "opened"),
)
