"""The budget of functions and files: `python -m tests.house.budgets` lists what is over it, and exits 1 if anything is.

Half of all functions have at most 5 lines of code, 85 % at most 15, none over 40; nesting is at most 3 deep,
arguments are at most 5, a file has at most 300 lines of code.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

PACKAGE = Path(__file__).parents[2] / "digestd"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
LONGEST_FUNCTION, LONGEST_FILE, MOST_ARGUMENTS, DEEPEST = 40, 300, 5, 3

Function = ast.FunctionDef | ast.AsyncFunctionDef


def complaints() -> Iterator[str]:
    """Yield one line for each thing that is over the budget."""
    lengths: list[int] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(PACKAGE.parent)
        tree = ast.parse(text)
        if (lines := _code_lines(text)) > LONGEST_FILE:
            yield f"{name}: {lines} lines of code, at most {LONGEST_FILE}"
        for function in (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)):
            if not _is_signature(function):
                lengths.append(_length(function))
            yield from (f"{name}:{function.lineno} {function.name}: {what}" for what in _over(function))
    yield from _shape(lengths)


def _over(function: Function) -> Iterator[str]:
    if (length := _length(function)) > LONGEST_FUNCTION:
        yield f"{length} lines, at most {LONGEST_FUNCTION}"
    if (count := _arguments(function)) > MOST_ARGUMENTS:
        yield f"{count} arguments, at most {MOST_ARGUMENTS}"
    if (depth := _depth(function)) > DEEPEST:
        yield f"nested {depth} deep, at most {DEEPEST}"


def _shape(lengths: list[int]) -> Iterator[str]:
    short = sum(length <= 15 for length in lengths) / len(lengths)
    if short < 0.85:
        yield f"{short:.0%} of functions have at most 15 lines, at least 85% should"
    if (half := median(lengths)) > 5:
        yield f"half of all functions have more than {half:g} lines, at most 5 is the measure"


def _code_lines(text: str) -> int:
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in text.splitlines())


def _length(function: Function) -> int:
    """Return the lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _is_signature(function: Function) -> bool:
    return isinstance(function.body[-1], ast.Expr) and isinstance(function.body[-1].value, ast.Constant)


def _arguments(function: Function) -> int:
    """Return how many arguments a caller must think of; those of a verb are its command line, and have names there."""
    if function.args.args and ast.unparse(function.args.args[0].annotation or ast.Constant("")) == "typer.Context":
        return 0
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return sum(name not in {"self", "cls"} for name in names)


def _depth(node: ast.AST, depth: int = 0) -> int:
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            continue
        elif_of_if = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        deeper = depth + (isinstance(child, BLOCKS) and not elif_of_if)
        deepest = max(deepest, _depth(child, deeper))
    return deepest


if __name__ == "__main__":
    found = list(complaints())
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.exit(bool(found))
