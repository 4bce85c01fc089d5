"""The headings of rosters, in the wordings that county offices use, and what a column without one may hold."""

import re
from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from typing import Final

from registry import (
    Certainty,
    comparable,
    read_credit_code,
    read_identity,
    read_name,
    read_phone,
    recognise_fields,
    recognise_title,
)
from service.exchange.days import read_day
from service.exchange.grid import Value
from service.exchange.layout import Vocabulary, fitting, heading_forms, readable


class Column(StrEnum):
    """What a column of a roster holds."""

    NUMBER = "number"
    NAME = "name"
    SEX = "sex"
    BORN_ON = "born_on"
    IDENTITY_KIND = "identity_kind"
    IDENTITY = "identity"
    UNIT = "unit"
    CREDIT_CODE = "credit_code"
    POST = "post"
    TITLE = "title"
    TITLE_LEVEL = "title_level"
    FIELDS = "fields"
    MAIN_FIELD = "main_field"
    FURTHER_FIELDS = "further_fields"
    PHONE = "phone"
    EMAIL = "email"
    TERM = "term"
    STARTS_ON = "starts_on"
    ENDS_ON = "ends_on"
    LETTER_NUMBER = "letter_number"
    SOURCE = "source"
    NOT_KEPT = "not_kept"


_WORDINGS: Final = """
number: 序号 编号 号 序 no 顺序号 专家编号 专家号 行号
name: 姓名 专家姓名 名字 专家名称 专家 姓名姓名 name 专家姓名姓名 成员姓名 人员姓名
sex: 性别 sex gender 男女
born_on: 出生年月 出生日期 出生年月日 生日 出生时间 birthdate dateofbirth
identity_kind: 证件类型 证件类别 证件种类 身份证件类型 证件名称 iddocument
identity: 身份证号 身份证号码 身份证 公民身份号码 证件号码 证件号 居民身份证号码 身份证件号码 身份号码 idnumber 有效证件号码 公民身份证号码
unit: 工作单位 单位 所在单位 单位名称 现工作单位 任职单位 工作单位名称 所属单位 就职单位 工作单位全称 单位全称 服务单位 employer unit
credit_code: 统一社会信用代码 信用代码 社会信用代码 单位信用代码 统一信用代码 单位统一社会信用代码 机构代码 creditcode
post: 职务 行政职务 现任职务 担任职务 岗位 职位 工作岗位 行政职务岗位 post
title: 职称 专业技术职务 专业技术职称 技术职称 专业技术资格 专业技术职务任职资格 技术职务 职称名称 职称资格 现职称 title 专业职称
title_level: 职称级别 职称等级 职称层次 专业技术职务级别 titlelevel
fields: 专业领域 研究方向 擅长专业 专业 领域 从事专业 专业方向 研究领域 擅长领域 专业特长 所属领域 专业类别 专家类别 专业分类 评审专业 申报专业 现从事专业 从事领域 专长 所属专业 咨询领域 论证领域 熟悉专业 fields 学科领域 学科
main_field: 主要领域 主专业 主要专业 第一专业 主攻方向 主领域 主要研究方向 主要从事专业 mainfield
further_fields: 其他领域 其他专业 第二专业 辅专业 次要专业 兼修专业 其它专业 其他擅长领域 相关专业 furtherfields
phone: 电话 手机 联系电话 手机号 手机号码 联系方式 移动电话 电话号码 联系手机 办公电话 手机电话 phone mobile
email: mailaddress 邮箱 电子邮箱 电子邮件 email e-mail mail 邮件地址 邮箱地址
term: 聘期 聘任期限 任期 聘用期限 聘任时间段 聘任期 聘期起止 聘期起止时间 聘任起止时间 聘任起止日期 term
starts_on: 聘期开始 聘任日期 聘期起 聘任时间 起聘日期 聘期开始日期 聘任开始日期 聘书日期 聘期自 起聘时间 聘任起始日期 聘期起始日期 聘期起始 开始日期 聘期开始时间 起始日期 入库时间 入库日期 termfrom
ends_on: 聘期结束 聘期止 到期日期 聘期截止 聘期结束日期 聘期至 聘任结束日期 截止日期 到期时间 聘期截止日期 结束日期 聘期结束时间 聘期终止 聘任截止日期 终止日期 termto
letter_number: 聘书编号 聘书号 聘书文号 聘任文号 证书编号 letternumber
source: 来源 专家来源 推荐方式 入库方式 产生方式 遴选方式 入选方式 来源渠道 source
not_kept: 备注 问题说明 问题 problems 民族 政治面貌 学历 学位 毕业院校 籍贯 党派 所学专业 毕业时间 通讯地址 地址 邮编 参加工作时间 年龄 照片 签名 签字 开户行 银行账号 账号 最高学历 学历学位 毕业学校 邮政编码 家庭住址 住址 推荐单位 微信 微信号 学历及学位 毕业院校及专业 健康状况 主要业绩 工作简历 主要成果 简介 个人简介 社会兼职 职称取得时间 取得时间 取得职称时间 职业资格 执业资格 remarks
"""  # noqa: E501 -- one line a column
_COLUMNS: Final = {
    comparable(word): Column(name)
    for line in _WORDINGS.strip().splitlines()
    for name, _, words in (line.partition(":"),)
    for word in words.split()
}
_DECORATION: Final = re.compile(r"[\s*＊:：、.。_\-—/\\|]+")
_MAIN: Final = ("主要", "第一", "首要")
_FURTHER: Final = ("其他", "其它", "相关", "次要", "第二", "兼任", "辅助")


def recognise_heading(text: str) -> Column | None:
    """Return what a column under this heading holds, None when the wording is not known.

    Brackets (必填), stars and blanks are decoration.

    Example:
        >>> recognise_heading("＊姓　名（必填）")
        <Column.NAME: 'name'>
    """
    forms = heading_forms(text)
    for form in forms:
        key = _DECORATION.sub("", comparable(form))
        if key in _COLUMNS:
            return _COLUMNS[key]
        for words, column in ((_MAIN, Column.MAIN_FIELD), (_FURTHER, Column.FURTHER_FIELDS)):
            if key.startswith(words) and _COLUMNS.get(key[2:]) is Column.FIELDS:
                return column
    # 研究方向/擅长专业: several wordings of one thing.
    several = {_COLUMNS.get(_DECORATION.sub("", comparable(part))) for part in re.split(r"[/／、或及]", text) if forms}
    return several.pop() if len(several) == 1 else None


def guess_column(samples: Iterable[Value], *, besides: Collection[Column] = ()) -> Column | None:
    """Return what a column seems to hold, judged by some of its values; None when nothing fits most of them.

    Args:
        samples: some of its values.
        besides: what other columns hold already; the guess is none of these.
    """
    return fitting(_TESTS, [str(sample) for sample in samples if sample is not None][:20], besides=besides)


def _is_identity(text: str) -> bool:
    return len(text) >= 15 and readable(read_identity, text)


def _is_unit(text: str) -> bool:
    return bool(
        re.search(
            r"(?:局|公司|院|大学|学院|中心|医院|学校|委员会|事务所|集团|站|所|办公室|政府|协会|中学|银行|部)$", text
        )
    )


def _is_field(text: str) -> bool:
    return any(reading.certainty is not Certainty.UNKNOWN for reading in recognise_fields(text))


def _is_title(text: str) -> bool:
    return recognise_title(text).certainty is Certainty.EXACT


_TESTS: Final[tuple[tuple[Column, Callable[[str], bool]], ...]] = (
    (Column.IDENTITY, _is_identity),
    (Column.CREDIT_CODE, lambda text: readable(read_credit_code, text)),
    (Column.PHONE, lambda text: readable(read_phone, text)),
    (Column.EMAIL, lambda text: bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text))),
    (Column.SEX, lambda text: text.strip() in ("男", "女")),
    (Column.NAME, lambda text: 2 <= len(text) <= 4 and readable(read_name, text)),
    (Column.BORN_ON, lambda text: readable(read_day, text)),
    (Column.TITLE, _is_title),
    (Column.UNIT, _is_unit),
    (Column.FIELDS, _is_field),
)

ROSTER: Final = Vocabulary(recognise_heading, guess_column, Column.NAME, Column.NOT_KEPT)
