"""Finding the codes of rules and the marks of tests in the source, without running it."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

RULE_PACKAGES: Final = ("registry", "conflicts", "selection", "workflow")
ACTIONS: Final = Path("service") / "actions"
# Where a rule class says its code, and what an action calls to refuse.
_CODE_NAMES: Final = frozenset({"code", "default_code", "low_code", "high_code"})
_REFUSERS: Final = frozenset({"Refusal", "refusal", "BrokenRule"})


def rules_by_code(root: Path) -> Mapping[str, tuple[str, ...]]:
    """Return code -> dotted names of the classes, constants and actions that keep it, sorted.

    A class keeps a code that it holds as `code: ClassVar[str] = "X"`; a package keeps one that it holds as a constant
    of the same name, `X: Final = "X"`; an action keeps one that it refuses with by name.

    Args:
        root: the folder that holds the packages.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for package in RULE_PACKAGES:
        for path, tree in _modules(root / package):
            module = _dotted(path.relative_to(root))
            for code, name in _held(tree):
                found[code].add(f"{module}.{name}")
    for path, tree in _modules(root / ACTIONS):
        module = _dotted(path.relative_to(root))
        for code, name in _refused(tree):
            found[code].add(f"{module}.{name}")
    return {code: tuple(sorted(names)) for code, names in sorted(found.items())}


def marked_tests(root: Path) -> Mapping[str, tuple[str, ...]]:
    """Return ref -> node ids of the tests that bear its mark, sorted.

    Args:
        root: the folder that holds `tests`.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in _modules(root / "tests"):
        name = path.relative_to(root).as_posix()
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for ref in _marks(node):
                    found[ref].add(f"{name}::{node.name}")
            elif isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        for ref in (*_marks(node), *_marks(method)):
                            found[ref].add(f"{name}::{node.name}::{method.name}")
    return {ref: tuple(sorted(tests)) for ref, tests in sorted(found.items())}


def _modules(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _held(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if (
                    isinstance(item, ast.AnnAssign)
                    and isinstance(item.target, ast.Name)
                    and item.target.id in _CODE_NAMES
                    and (code := _text(item.value))
                ):
                    yield code, node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            code = _text(node.value)
            if code == node.target.id:
                yield code, node.target.id


def _refused(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for call in ast.walk(node):
            if not isinstance(call, ast.Call):
                continue
            first = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "code")]
            if _called(call) in _REFUSERS and first and (code := _text(first[0])):
                yield code, node.name


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _marks(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rule":
            for argument in decorator.args:
                if ref := _text(argument):
                    yield ref


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
