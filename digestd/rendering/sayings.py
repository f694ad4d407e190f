"""What templates say in a language: `_("…")`, and `ngettext` for what is counted."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import do_forceescape, do_mark_safe

from digestd.rendering.language import Language

_PLACE = re.compile(r"%\((\w+)\)s")


def sayings(language: Language) -> dict[str, Callable[..., str]]:
    """Return the functions. A text of ours may have tags where templates escape, and a value in it is escaped."""

    @jinja2.pass_eval_context
    def gettext(context: nodes.EvalContext, text: str, /, **named: Any) -> str:
        if not context.autoescape:
            return language.gettext(text, **named)
        return do_mark_safe(language.gettext(text, **_escaped(named)))

    @jinja2.pass_eval_context
    def ngettext(context: nodes.EvalContext, one: str, many: str, count: int, /, **named: Any) -> str:
        if not context.autoescape:
            return language.ngettext(one, many, count, **named)
        return do_mark_safe(language.ngettext(one, many, count, **_escaped(named)))

    return {"_": gettext, "ngettext": ngettext}


def _escaped(named: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one if hasattr(one, "__html__") else do_forceescape(one) for name, one in named.items()}


def generator(language: Language) -> type[CodeGenerator]:
    """Return what compiles templates so that `_("…")` takes no time: in *language* it stands in them as their own text does."""

    class Generator(CodeGenerator):
        def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
            told = [part for one in node.nodes for part in _said(one, language) or [one]]
            super().visit_Output(nodes.Output(told, lineno=node.lineno, environment=self.environment), frame)

        def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
            if said := _said(node, language):
                self.visit(nodes.Concat(said, lineno=node.lineno, environment=self.environment), frame)
            else:
                super().visit_Call(node, frame, forward_caller=forward_caller)

    return Generator


def _said(told: nodes.Expr, language: Language) -> list[nodes.Expr]:
    """Return the parts of a text that is fixed; none for anything else, or where a value is lacking."""
    match told:
        case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(text))], dyn_args=None, dyn_kwargs=None):
            values = {one.key: one.value for one in told.kwargs}
            parts = _PLACE.split(language.raw(text))
            return [*_parts(parts, values)] if values.keys() >= {*parts[1::2]} else []
    return []


def _parts(parts: list[str], values: Mapping[str, nodes.Expr]) -> Iterator[nodes.Expr]:
    for at, part in enumerate(parts):
        if part:
            yield values[part] if at % 2 else nodes.TemplateData(part.replace("%%", "%"))
