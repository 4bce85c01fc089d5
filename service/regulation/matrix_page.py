"""The matrix as a page that stands alone: every rule in both languages, with what keeps and what proves it."""

from html import escape

from service.regulation.cite import say_cite
from service.regulation.matrix import Matrix, MatrixRow

_STATUS = {
    "enforced": ("系统保证", "enforced"),
    "assisted": ("系统辅助", "assisted"),
    "human": ("由人办理", "by people"),
    "missing": ("尚未实现", "planned"),
}
_HEADINGS = (
    ("条文", "Article"),
    ("内容", "What it says"),
    ("状态", "Status"),
    ("规则代码", "Codes"),
    ("实现", "Kept by"),
    ("测试", "Proved by"),
)


def render(matrix: Matrix) -> str:
    """Return the page as HTML; it loads nothing and asks nothing of anybody."""
    head = "".join(f"<th scope=col>{zh}<br><span lang=en>{en}</span></th>" for zh, en in _HEADINGS)
    body = "\n".join(_row(row) for row in matrix.rows)
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>规则矩阵 · Rule matrix</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b2127; background: #fff; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid #d6d4cc; padding: .4rem .6rem; text-align: left; vertical-align: top; }}
thead th {{ position: sticky; top: 0; background: #fff; }}
code {{ font-size: .85em; overflow-wrap: anywhere; }}
span[lang=en] {{ color: #4b545d; }}
</style></head><body>
<h1>规则矩阵 <span lang="en">Rule matrix</span></h1>
<table><thead><tr>{head}</tr></thead><tbody>
{body}
</tbody></table></body></html>"""


def _row(row: MatrixRow) -> str:
    article = row.article
    status_zh, status_en = _STATUS[article.status]
    reason = (
        f"<br>{escape(article.reason_zh)}<br><span lang=en>{escape(article.reason)}</span>" if article.reason else ""
    )
    cells = (
        f"{escape(say_cite(article.cite, 'zh'))}<br><code>{escape(article.ref)}</code>",
        f"{escape(article.zh)}<br><span lang=en>{escape(article.en)}</span>",
        f"{status_zh} <span lang=en>{status_en}</span>{reason}",
        *(_codes(names) for names in (row.codes, row.rules, row.tests)),
    )
    return f'<tr id="{escape(article.ref)}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _codes(names: tuple[str, ...]) -> str:
    return "<br>".join(f"<code>{escape(name)}</code>" for name in names) or "—"
