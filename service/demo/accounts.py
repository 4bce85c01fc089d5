"""Who can sign in to the demonstration county, and the liaison officers of its bureaus.

The passwords are public: demo mode listens on this machine only, and production refuses these accounts.
"""

from dataclasses import dataclass
from typing import Final

DEMO_PASSWORD: Final = "Shifan-2026"  # noqa: S105 -- public by intent, see above


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demonstration county.

    Attributes:
        login: what is typed at sign-in.
        name: the person's name.
        roles: role codes.
        unit: key of the organisation the account works for, or None.
        role_zh, role_en: what the account is, for people who choose one.
        password: public; empty when nobody can sign in with the account.
        expert: key of the expert who the person is, or None.
    """

    login: str
    name: str
    roles: tuple[str, ...]
    unit: str | None
    role_zh: str
    role_en: str
    password: str = DEMO_PASSWORD
    expert: str | None = None


DEMO_ACCOUNTS: Final[tuple[DemoAccount, ...]] = (
    DemoAccount("center", "苏文静", ("center",), "juezi", "决咨中心经办人", "clerk of the consulting center"),
    DemoAccount("head", "高志远", ("center-head",), "juezi", "决咨中心负责人", "head of the consulting center"),
    DemoAccount("shuili", "梁立新", ("unit",), "shuili", "县水利局经办人", "clerk of the water bureau"),
    DemoAccount("zhujian", "任海燕", ("unit",), "zhujian", "县住建局经办人", "clerk of the housing bureau"),
    DemoAccount("office", "安学军", ("office",), "fuban", "县政府办公室", "office of the county government"),
    DemoAccount("mayor", "程国栋", ("mayor",), None, "县长（县决咨委主任）", "mayor, director of the committee"),
    DemoAccount("audit", "郭正平", ("audit",), None, "审计监督", "audit"),
    DemoAccount("system", "田野", ("system-administrator",), None, "系统管理员", "system administrator"),
    DemoAccount("expert", "沈嘉禾", ("expert",), None, "水利专家", "an expert in hydraulic engineering", expert="e006"),
)
"""One for each role that has a page; the units are two, because each sees only its own matters."""

_LIAISONS: Final = (
    ("fagai", "于洪涛"),
    ("caizheng", "谢丽华"),
    ("zigui", "孟祥林"),
    ("jiaotong", "石建军"),
    ("nongye", "贾春梅"),
    ("jiaoti", "白雪莲"),
    ("weijian", "崔永强"),
    ("huanjing", "康敏"),
    ("wenlv", "邱晓燕"),
    ("yingji", "侯卫国"),
    ("minzheng", "尹秀芬"),
)

LIAISON_ACCOUNTS: Final[tuple[DemoAccount, ...]] = tuple(
    DemoAccount(key, name, ("unit",), key, "联络员", "liaison officer", password="") for key, name in _LIAISONS
)
"""The other bureaus' officers: they brought past matters forward; nobody can sign in as them."""
