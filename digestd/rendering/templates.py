"""The templates of a digest: jinja2, strict about names, and errors that point at the line."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from functools import cache, lru_cache, partial
from itertools import islice
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import meta, nodes
from jinja2.filters import do_forceescape, do_mark_safe

from digestd.rendering.blank import ALIGNED, Blank, Later, Uses
from digestd.rendering.block import Block, Mold, Numbered, Text, hole
from digestd.rendering.card import BlankCard, Card, Shape, Shown, unfound
from digestd.rendering.language import Language
from digestd.rendering.marks import Piece, Pieces, plain
from digestd.rendering.quoted import unquoted
from digestd.rendering.sayings import generator, sayings
from digestd.rendering.sheet import Day, Part, Sheet
from digestd.rendering.wrap import filled, is_even

REQUIRED = ("subject.txt.j2", "digest.txt.j2", "digest.html.j2")
_ESCAPED = "html.j2"
_GIVEN = (*(field.name for field in fields(Sheet)), "cards", "card", "part", "ngettext")
_FAULTS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)  # what an expression may raise
_WIDTH = 72
_SIGNATURE = "-- "  # RFC 3676 4.3
_TRIALS = 25  # blocks of a template that are compared with cards made one by one
_KEPT = 65_536  # papers as they were found, in text and HTML: about 2 kB each
_WORD = r"[^\S \t-\r]*\S[^ \t-\r]*"
_PLAIN = re.compile(rf"(?:{_WORD} )*{_WORD}")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")  # marks to us (see blank and block), and in no mail


class TemplateError(ValueError):
    """Templates are wrong: each of the arguments says which one, in what line, and what to do."""

    def __str__(self) -> str:
        return "; ".join(map(str, self.args))


class _Unknown(jinja2.StrictUndefined):
    """A name that a template asks for, and nobody has: it says who lacks it, and what was meant."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint or not isinstance(name := self._undefined_name, str):
            return str(super()._undefined_message)
        if self._undefined_obj is jinja2.utils.missing:
            return f"{name!r} is not known" + (_meant(name, _GIVEN) or f"; use one of: {', '.join(_GIVEN)}, or define it first")
        return f"{_kind(self._undefined_obj)} has no {name!r}" + _meant(name, _public(self._undefined_obj))


class Templates:
    """The templates in *texts*, by name, in a language. Those named `*.html.j2` escape what they are given."""

    def __init__(self, texts: Mapping[str, str], language: Language) -> None:
        self._jinja = jinja2.Environment(
            # A loader that names its texts, so that a traceback says where; it opens no file.
            loader=jinja2.FunctionLoader(lambda name: (texts[name], name, lambda: True) if name in texts else None),
            undefined=_Unknown,
            autoescape=jinja2.select_autoescape(enabled_extensions=(_ESCAPED,)),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.filters |= FILTERS
        self._jinja.globals |= sayings(language)
        self._jinja.code_generator_class = generator(language)
        self._ready: dict[str, jinja2.Template] = {}
        self._compile(texts)
        self._asks_for_cards_alone = cache(lambda name: self._uses(name, texts) <= {"card"})
        self._unfit: set[str] = set()
        self._tried = Counter[str]()
        self._blocks = lru_cache(_KEPT)(self._block)
        self._molds = lru_cache(_KEPT)(self._mold_for_all)

    def _compile(self, texts: Mapping[str, str]) -> None:
        """Read all templates, so that each fault is known before anything is rendered. Raises TemplateError for all of them."""
        faults: list[str] = []
        for name in dict.fromkeys((*REQUIRED, *texts)):
            try:
                self._get(name)
            except TemplateError as error:
                faults += error.args
            else:
                faults += islice(_controls(name, self._jinja.parse(texts[name])), 1)
        if faults:
            raise TemplateError(*faults)

    def render(self, name: str, sheet: Sheet) -> Text:
        """Return the text that the template of that name makes of *sheet*."""
        names = vars(sheet)
        blocks: list[Sequence[Numbered]] = []

        def held(some: Sequence[Numbered]) -> str:
            blocks.append(some)
            return hole(len(blocks) - 1)

        def cards(template: str, part: Part, day: Day | None = None) -> str:
            whole = day or part
            made = [(self._blocks(template, shown), number) for shown, number in whole.numbered]
            some = [(block, number) for block, number in made if block]
            if len(some) == len(made):
                text = held(some)
            else:
                text = "".join(
                    [
                        held([(block, one.number)]) if block else self._render(template, {**names, "card": one, "part": part})
                        for (block, _), one in zip(made, whole.cards, strict=True)
                    ]
                )
            return do_mark_safe(text) if template.endswith(_ESCAPED) else text

        return Text(self._render(name, {**names, "cards": cards}), blocks)

    def _block(self, name: str, shown: Shown) -> Block | None:
        """Return what a template makes of any card of those; None where it asks for more than the card and its looks."""
        if name in self._unfit or not self._asks_for_cards_alone(name):
            return None
        mold = self._molds(name, shown.shape) or self._mold(name, Card(Blank(), shown), Uses())
        block = mold.block(shown) if mold else None
        if block and self._tried[name] < _TRIALS and not self._is_right(name, shown, block):
            self._unfit.add(name)
            return None
        return block

    def _is_right(self, name: str, shown: Shown, block: Block) -> bool:
        """Say whether cards made of *block* are as the template makes them, which may do with what is blank what it likes."""
        self._tried[name] += 1
        made = {number: self._render(name, {"card": Card(number, shown)}) for number in (1, 23)}
        return all(
            unquoted(block.quoted(number)) == (text if name.endswith(_ESCAPED) else _without_gaps(text))
            for number, text in made.items()
        )

    def _mold_for_all(self, name: str, shape: Shape) -> Mold | None:
        """Return the mold of cards of that shape; None where a template asks for more than the letters of what differs."""
        uses = Uses()
        return self._mold(name, Card(Blank(), unfound(shape, uses)), uses)

    def _mold(self, name: str, card: BlankCard, uses: Uses) -> Mold | None:
        try:
            text = self._render(name, {"card": card})
        except TemplateError:  # it reckons with what is blank: what is wrong shows when the card is rendered in its place
            return None
        return Mold.of(text if name.endswith(_ESCAPED) else _without_gaps(text), uses)

    def _uses(self, name: str, texts: Mapping[str, str], within: frozenset[str] = frozenset()) -> set[str]:
        """Return the names that a template and those in it ask for; "?" where that cannot be told beforehand."""
        if name not in texts or name in within:
            return {"?"}
        tree = self._jinja.parse(texts[name])
        inner = (self._uses(one or "?", texts, within | {name}) for one in meta.find_referenced_templates(tree))
        return meta.find_undeclared_variables(tree).union(*inner)

    def _render(self, name: str, given: Mapping[str, Any]) -> str:
        try:
            return self._get(name).render(given)
        except (jinja2.TemplateError, *_FAULTS) as error:
            if isinstance(error, TemplateError):
                raise
            raise TemplateError(_complaint(error, name)) from error

    def _get(self, name: str) -> jinja2.Template:
        ready = self._ready.get(name)
        if ready is None:
            ready = self._ready[name] = self._loaded(name)
            ready.globals = dict(ready.globals)  # of chained ones, each mail makes such a copy
        return ready

    def _loaded(self, name: str) -> jinja2.Template:
        try:
            return self._jinja.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            problem = (error.message or "").rstrip(".")
            advice = _meant_filter(problem, self._jinja.filters) or "; correct this line"
            raise TemplateError(f"{error.name or name}:{error.lineno}: {problem}{advice}") from error
        except jinja2.TemplateNotFound as error:
            raise TemplateError(f"{name}: there is no such template; put one beside the others") from error


def _controls(name: str, tree: nodes.Template) -> Iterator[str]:
    """Yield where the template of that name says a control character."""
    for node in tree.find_all((nodes.TemplateData, nodes.Const)):
        text = node.data if isinstance(node, nodes.TemplateData) else node.as_const()
        if isinstance(text, str) and (found := _CONTROL.search(text)):
            line = node.lineno + text.count("\n", 0, found.start())
            yield f"{name}:{line}: holds the control character U+{ord(found[0]):04X}, which no mail may carry; take it away"


def _complaint(error: Exception, name: str) -> str:
    where, line = _place(error.__traceback__, name)
    if isinstance(error, jinja2.UndefinedError):
        return f"{where}:{line}: {error}"
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


def _meant_filter(message: str, known: Iterable[str]) -> str:
    asked = re.search(r"No filter named '(\w+)'", message)
    return _meant(asked[1], known) if asked else ""


def _meant(name: str, known: Iterable[str]) -> str:
    """Return a question that names the closest of *known*, or an empty text."""
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _kind(whole: object) -> str:
    """Return what a template knows *whole* as."""
    name = getattr(whole, "__name__", None) or type(whole).__name__.lower()
    return f"the {name}" if type(whole).__module__.startswith("digestd.") else str(name)


def _public(whole: object) -> Iterator[str]:
    return (name for name in dir(whole) if not name.startswith("_"))


def tidy(text: str) -> str:
    """Return *text* without blanks at line ends, but for a signature's mark, or gaps of many lines."""
    return _without_gaps(text).strip("\n") + "\n"


def _without_gaps(text: str) -> str:
    if "\r" in text or "\t" in text or " \n" in text.replace(f"\n{_SIGNATURE}\n", "\n") or text.endswith(" "):
        text = "\n".join([line if line == _SIGNATURE else line.rstrip(" \t") for line in text.replace("\r", "").split("\n")])
    return re.sub(r"\n{4,}", "\n\n\n", text) if "\n\n\n\n" in text else text


def aligned(number: int | Blank) -> str:
    """Return *number* in two columns, or more if it needs them."""
    return ALIGNED if isinstance(number, Blank) else f"{number:2}"


def letters(pieces: Pieces | Later) -> str:
    """Return *pieces* of a title or an abstract as plain text."""
    if isinstance(pieces, Later):
        return str(pieces if pieces.text is None else pieces.text)
    return plain(pieces)


def highlighted(pieces: Pieces | Later, tag: str) -> str:
    """Return *pieces* as HTML, those that a reader asked for within *tag*."""
    if isinstance(pieces, Later):
        return do_mark_safe(pieces.use(partial(highlighted, tag=tag)))
    end = f"</{tag[1:].partition(' ')[0].rstrip('>')}>"
    told = "".join([f"{tag}{_html(piece)}{end}" if piece.marked else _html(piece) for piece in pieces])
    return do_mark_safe(told.replace(end + tag, ""))


def _html(piece: Piece) -> str:
    """Return *piece* as HTML; a script is as large as the smallest text of a mail, and moves no line apart."""
    text = do_forceescape(piece.text)
    return f'<{piece.script} style="font-size:14px;line-height:0">{text}</{piece.script}>' if piece.script else text


def wrapped(text: str | Later, indent: int = 0, first: str = "") -> str:
    """Return *text* in lines of at most 72 columns, indented; *first* stands before the first."""
    if isinstance(text, Later):
        return text.use(partial(wrapped, indent=indent, first=first))
    margin = " " * indent
    if len(first) > indent and first.startswith(margin):
        text, first = first[indent:] + text, margin
    if len(first or margin) == indent and is_even(text) and _is_plain(text):
        lines = [text] if len(text) <= _WIDTH - indent else _lines(_WIDTH - indent).findall(text)
        if max(map(len, lines)) <= _WIDTH - indent:
            return (first or margin) + f"\n{margin}".join(lines)
    lines = [*filled(text, _WIDTH - indent, len(first or margin) - indent)]
    return (first or margin) + f"\n{margin}".join(lines)


def _is_plain(text: str) -> bool:
    """Say whether *text* is words with one space between."""
    if text.isprintable() and "  " not in text and text and text == text.strip(" "):
        return True  # as most are
    return bool(_PLAIN.fullmatch(text))


@lru_cache
def _lines(width: int) -> re.Pattern[str]:
    """Return what finds the lines of that width in words with one space between: twenty times quicker than textwrap."""
    return re.compile(rf"([^\n]{{1,{width}}}(?= |$)|[^ ]+) ?")


FILTERS = {"aligned": aligned, "wrap": wrapped, "plain": letters, "highlighted": highlighted}
