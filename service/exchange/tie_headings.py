"""The headings of lists of ties (关系表), and the words by which kinds, relations and views are known in them."""

import re
from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from typing import Final

from conflicts import Confidence, Kind, Relation, Stance
from registry import comparable, read_credit_code
from service.exchange.days import read_day
from service.exchange.grid import Value
from service.exchange.layout import Vocabulary, fitting, heading_forms, readable


class TieColumn(StrEnum):
    """What a column of a list of ties holds."""

    SUBJECT = "subject"
    SUBJECT_KEY = "subject_key"
    KIND = "kind"
    OBJECT = "object"
    OBJECT_KEY = "object_key"
    FROM_ON = "from_on"
    TO_ON = "to_on"
    SHARE = "share"
    RELATION = "relation"
    STANCE = "stance"
    CONFIDENCE = "confidence"
    SOURCE = "source"
    EVIDENCE = "evidence"
    NOT_KEPT = "not_kept"


_WORDINGS: Final = """
subject: 主体 主体名称 一方 一方名称 一方姓名 本方 甲方 姓名 人员姓名 本人姓名 专家 专家姓名 股东 股东名称 持有人 关系人 subject subjectname name
subject_key: 主体编号 主体代码 主体号码 主体证件号码 主体身份证号或代码 身份证号 身份证号码 证件号码 公民身份号码 专家编号 股东证件号码 股东代码 甲方编号 一方编号 本人身份证号 本人证件号码 subjectid subjectnumber
kind: 关系类型 关系 关系种类 关系类别 关联类型 关联关系 利害关系类型 类型 kind tie relationship
object: 对方 对方名称 对方姓名 另一方 乙方 客体 关联方 关联方名称 关联人 关联单位 相关单位 企业名称 公司名称 单位 单位名称 object objectname
object_key: 对方编号 对方代码 对方号码 对方证件号码 对方身份证号或代码 对方统一社会信用代码 关联方代码 关联方编号 关联单位代码 统一社会信用代码 社会信用代码 信用代码 企业信用代码 乙方编号 客体编号 objectid objectnumber creditcode
from_on: 开始日期 起始日期 开始时间 起始时间 开始 起 自 任职开始 任职日期 入股日期 关系开始 有效期起 from fromon since start firstday
to_on: 结束日期 终止日期 截止日期 结束时间 终止时间 截止时间 结束 止 至 任职结束 离职日期 退出日期 关系结束 有效期止 to toon until end lastday
share: 持股比例 出资比例 股权比例 股份比例 持股 比例 份额 share
relation: 亲属关系 亲属类型 亲属称谓 称谓 relation kinship
stance: 看法 立场 表态 观点 stance view
confidence: 确定程度 可信度 可靠程度 把握 confidence
source: 来源 信息来源 数据来源 资料来源 source
evidence: 依据 证明材料 依据材料 佐证 佐证材料 证据 文号 evidence document
not_kept: 序号 编号 号 行号 备注 说明 备注说明 问题说明 问题 problems 职务 post no remarks
"""  # noqa: E501 -- one line a column
_KINDS: Final = """
employment: 任职 在职 就职 工作 工作单位 任职单位 主要任职 劳动关系 employment employee
side_post: 兼职 兼任 社会兼职 兼职任职 sidepost
directorship: 董事 监事 高管 高级管理人员 经理 总经理 董监高 董事监事高管 董事、监事、高管 董事、监事、高级管理人员 法定代表人 法人代表 负责人 directorship director
shareholding: 持股 股东 出资 投资 入股 参股 控股 持有股份 shareholding shareholder
control: 实际控制 实际控制人 控制 control
kinship: 亲属 亲属关系 近亲属 kinship
teacher_student: 师生 师生关系 导师 老师 指导教师 teacherstudent teacher
co_project: 合作项目 合作 项目合作 共同项目 课题合作 联合研究 coproject
contract: 合同 报酬 合同与报酬 有偿服务 受托 顾问费 服务合同 contract fee
dispute: 诉讼 仲裁 诉讼仲裁 诉讼、仲裁 纠纷 争议 dispute lawsuit
drafting: 起草 参与起草 草案起草 drafting
assessment: 评估 参与评估 风险评估 assessment
consulting: 咨询 提供咨询 前期咨询 consulting
statement: 公开表态 表态 公开发表意见 statement
superior: 上级单位 主管单位 上级 主管 隶属 上下级 上下级单位 superior
succession: 合并 改组 撤并 承继 合并改组 合并、改组 succession
"""  # noqa: E501 -- one line a kind
_RELATIONS: Final = """
spouse: 配偶 丈夫 妻子 夫妻 爱人 spouse
direct_blood: 直系血亲 父母 父亲 母亲 父子 父女 母子 母女 子女 儿子 女儿 祖父母 祖父 祖母 外祖父 外祖母 孙子女 孙子 孙女 外孙 外孙女 directblood
collateral_blood: 三代以内旁系血亲 旁系血亲 兄弟姐妹 兄弟 姐妹 哥哥 弟弟 姐姐 妹妹 伯父 叔父 叔叔 姑母 姑姑 舅父 舅舅 姨母 侄子 侄女 外甥 外甥女 堂兄弟姐妹 表兄弟姐妹 collateralblood
in_law: 近姻亲 姻亲 岳父 岳母 公公 婆婆 儿媳 女婿 配偶的父母 配偶的兄弟姐妹 子女的配偶 inlaw
"""  # noqa: E501 -- one line a relation
_STANCES: Final = """
for: 支持 赞成 同意 for
against: 反对 不赞成 不同意 against
other: 其他 其他看法 中立 other
"""
_CONFIDENCES: Final = """
sure: 确定 可以确定 确实 已核实 核实 高 sure
likely: 很可能 可能 有待核实 待核实 中 likely
hint: 线索 线索，不作为依据 仅线索 低 hint
"""
_DECORATION: Final = re.compile(r"[\s*＊:：、,，.。_\-—/\\|…]+")


def _key(text: str) -> str:
    return _DECORATION.sub("", comparable(text))


def _lexicon(lines: str) -> dict[str, str]:
    return {
        _key(word): name
        for line in lines.strip().splitlines()
        for name, _, words in (line.partition(":"),)
        for word in (name, *words.split())
    }


_COLUMNS: Final = _lexicon(_WORDINGS)
_KIND_WORDS: Final = _lexicon(_KINDS)
_RELATION_WORDS: Final = _lexicon(_RELATIONS)
_STANCE_WORDS: Final = _lexicon(_STANCES)
_CONFIDENCE_WORDS: Final = _lexicon(_CONFIDENCES)


def recognise_tie_heading(text: str) -> TieColumn | None:
    """Return what a column under this heading holds, None when the wording is not known.

    Example:
        >>> recognise_tie_heading("对方统一社会信用代码（必填）")
        <TieColumn.OBJECT_KEY: 'object_key'>
    """
    found = next((_COLUMNS[key] for form in heading_forms(text) if (key := _key(form)) in _COLUMNS), None)
    return None if found is None else TieColumn(found)


def guess_tie_column(samples: Iterable[Value], *, besides: Collection[TieColumn] = ()) -> TieColumn | None:
    """Return what a column seems to hold, judged by some of its values; None when nothing fits most of them."""
    return fitting(_TESTS, [sample for sample in samples if sample is not None][:20], besides=besides)


def recognise_kind(text: str) -> Kind | None:
    """Return the kind of tie that a word stands for; a relation such as 配偶 is a kinship."""
    found = _KIND_WORDS.get(_key(text))
    if found is not None:
        return Kind(found)
    return Kind.KINSHIP if recognise_relation(text) is not None else None


def recognise_relation(text: str) -> Relation | None:
    """Return the relation of the closed list that a word stands for."""
    found = _RELATION_WORDS.get(_key(text))
    return None if found is None else Relation(found)


def recognise_stance(text: str) -> Stance | None:
    """Return the view that a word stands for."""
    found = _STANCE_WORDS.get(_key(text))
    return None if found is None else Stance(found)


def recognise_confidence(text: str) -> Confidence | None:
    """Return how sure a word says a tie is."""
    found = _CONFIDENCE_WORDS.get(_key(text))
    return None if found is None else Confidence(found)


_TESTS: Final[tuple[tuple[TieColumn, Callable[[Value], bool]], ...]] = (
    (TieColumn.KIND, lambda value: recognise_kind(str(value)) is not None),
    (TieColumn.RELATION, lambda value: recognise_relation(str(value)) is not None),
    (TieColumn.OBJECT_KEY, lambda value: readable(read_credit_code, str(value))),
    (TieColumn.FROM_ON, lambda value: readable(read_day, value)),
    (TieColumn.TO_ON, lambda value: readable(read_day, value)),
)
TIES: Final = Vocabulary(recognise_tie_heading, guess_tie_column, TieColumn.KIND, TieColumn.NOT_KEPT)
