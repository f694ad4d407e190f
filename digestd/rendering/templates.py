"""The templates of a digest: jinja2, strict about names, and errors that point at the line."""

import textwrap
from collections.abc import Mapping
from dataclasses import fields
from types import TracebackType

import jinja2

from digestd.rendering.marks import plain
from digestd.rendering.sheet import Sheet

REQUIRED = ("subject.txt.j2", "digest.txt.j2", "digest.html.j2")
_WIDTH = 72


class TemplateError(ValueError):
    """A template is wrong: which, in what line, and what to do."""


class Templates:
    """The templates in *texts*, by name. Those named `*.html.j2` escape what they are given."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._jinja = jinja2.Environment(
            # A loader that names its texts, so that a traceback says where; it opens no file.
            loader=jinja2.FunctionLoader(lambda name: (texts[name], name, lambda: True) if name in texts else None),
            undefined=jinja2.StrictUndefined,
            autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",)),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.filters |= {"wrap": _wrap, "plain": plain}
        for name in (*REQUIRED, *texts):
            self._get(name)

    def render(self, name: str, sheet: Sheet) -> str:
        """Return the text that the template of that name makes of *sheet*."""
        try:
            return self._get(name).render({field.name: getattr(sheet, field.name) for field in fields(sheet)})
        except (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            if isinstance(error, TemplateError):
                raise
            raise TemplateError(_complaint(error, name)) from error

    def _get(self, name: str) -> jinja2.Template:
        try:
            return self._jinja.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{error.name or name}:{error.lineno}: {error.message}; correct this line") from error
        except jinja2.TemplateNotFound as error:
            raise TemplateError(f"{name}: there is no such template; put one beside the others") from error


def _complaint(error: Exception, name: str) -> str:
    where, line = _place(error.__traceback__, name)
    if isinstance(error, jinja2.UndefinedError):
        return f"{where}:{line}: {error}; use one of: {', '.join(field.name for field in fields(Sheet))}, or define it first"
    if isinstance(error, jinja2.TemplateNotFound):
        return f"{where}:{line}: includes {error}, and there is no such template; put one beside the others"
    return f"{where}:{line}: {type(error).__name__}: {error}; correct this line"


def _place(trace: TracebackType | None, name: str) -> tuple[str, int]:
    """Return the template and line that the error came out of: the last frame of a template."""
    place = (name, 1)
    while trace:
        if (file := trace.tb_frame.f_code.co_filename).endswith(".j2"):
            place = (file, trace.tb_lineno)
        trace = trace.tb_next
    return place


def _wrap(text: str, indent: int = 0, first: str = "") -> str:
    """Return *text* in lines of at most 72 characters, indented; *first* stands before the first."""
    margin = " " * indent
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=first or margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
