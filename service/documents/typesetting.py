"""Setting official documents with Typst: a template and values in, PDF/A bytes out.

Values reach a template as JSON, so that nothing typed by people is ever read as markup. Only the fonts of the
installation are used, so that every machine sets the same document.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import pylopdf_fonts_zh_cn
import typst

TEMPLATES: Final = Path(__file__).parent / "templates"
FONTS: Final = Path(pylopdf_fonts_zh_cn.serif_path()).parent
_MISSING: Final = re.compile(r'the text `"(.*)"` could not be displayed', re.DOTALL)


class NotSettable(Exception):
    """A document cannot be set because no font has one of its characters.

    Attributes:
        text: the characters.
    """

    def __init__(self, text: str) -> None:
        """Keep the characters; they are no part of the message, which may reach a log."""
        super().__init__("no font has a character of the document")
        self.text = text


def typeset(template: str, values: Mapping[str, Any], *, archival: bool = True) -> bytes:
    """Return a document as PDF; some 10 ms of CPU, the first time of a template more, so call it in a thread.

    Args:
        template: name of a file in `templates`, without `.typ`.
        values: what the template asks for; read there by `json(bytes(sys.inputs.values))`.
        archival: PDF/A-2b, which refuses a character that no font has; a stamp drawn into another PDF needs none.

    Raises:
        NotSettable: when a character has no glyph.
    """
    compiler, lock = _compiler(template)
    try:
        with lock:
            made = compiler.compile(
                sys_inputs={"values": json.dumps(values, ensure_ascii=False)},
                format="pdf",
                pdf_standards=["a-2b"] if archival else [],
            )
    except typst.TypstError as fault:
        missing = _MISSING.search(fault.message)
        if missing is None:
            raise
        raise NotSettable(missing[1]) from fault
    if not isinstance(made, bytes):
        raise TypeError(f"one PDF was asked for, {type(made).__name__} came")
    return made


@cache
def _compiler(template: str) -> tuple[typst.Compiler, Lock]:
    """Return the compiler of a template, which keeps the fonts, and the lock under which it is used."""
    compiler = typst.Compiler(
        str(TEMPLATES / f"{template}.typ"), root=str(TEMPLATES), font_paths=[str(FONTS)], ignore_system_fonts=True
    )
    return compiler, Lock()
