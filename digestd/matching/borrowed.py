"""Signs of other search systems: what a strategy for Ovid or PubMed says, and how to say it here."""

import re
from collections.abc import Callable, Iterator

from digestd.matching.lexer import SCOPE_OF
from digestd.matching.query import QueryError

Found = re.Match[str]
Advice = str | Callable[[Found], str]
Habit = tuple[re.Pattern[str], str, Advice]

_FLAGS = re.IGNORECASE | re.MULTILINE

_QUOTED = re.compile(r'["“”„](?:\\.|[^"“”„\\])*+["“”„]', re.DOTALL)
_ANY_SIGN = re.compile(r"[$\[#?/]|\.\w\w|:[).]|\badj|\bnear\d|\d (?-i:AND|OR|NOT) \d|^\W{0,9}\d|\blimit\b", _FLAGS)

_END = r"(?=[\s).]|$)"
_NAME = "(?:ti|ab|tw|mp|au|kf|kw|pt|fs|sh|hw|nm|jn|jw|ed|cm)"  # of a field at Ovid
_TAGS = r"ti|tiab|ab|tw|au|mh|mesh|mesh terms|majr|sh|pt|nm|la|dp|title|title/abstract|text words?|all fields"  # at PubMed
_OWN = "|".join(SCOPE_OF)  # fields of ours
_ASPECTS = "ae|bl|cf|dg|di|dt|du|ep|ge|pa|pc|ri|su|tu|ut"  # of a heading, such as /di for diagnosis

_FIELD_OF = {"ti": "title:", "title": "title:", "ab": "abstract:", "au": "author:"}
_BOTH = {"tiab", "tw", "mp", "title/abstract", "text word", "text words", "all fields"}
_HEADINGS = {"mh", "mesh", "mesh terms", "majr", "sh"}


def refuse(text: str) -> None:
    """Raise the QueryError of the first sign in *text*, outside quotes, that another system's language has and ours has not."""
    if _ANY_SIGN.search(text) is None:
        return
    open_text = _QUOTED.sub(lambda found: f'"{"x" * (len(found[0]) - 2)}"', text)
    if first := min(_signs(open_text), key=lambda sign: sign[0].start(), default=None):
        found, problem, advice = first
        shown = " ".join(text[found.start() : found.end()].split())
        raise QueryError(
            text, found.start() + 1, f"{shown!r} is {problem}", advice if isinstance(advice, str) else advice(found)
        )


def _signs(text: str) -> Iterator[tuple[Found, str, Advice]]:
    for pattern, problem, advice in _HABITS:
        if found := pattern.search(text):
            yield found, problem, advice
    if cut := next(_truncations(text), None):
        yield cut, "a wildcard of another system", _ending


def _truncations(text: str) -> Iterator[Found]:
    """Yield each $ that stands for any ending: it closes no TeX."""
    for count, dollar in enumerate(re.finditer(r"(?P<stem>[\w-]{0,40})\$(?P<most>\d{0,2}(?=[\s).,]|$))?", text)):
        if count % 2 == 0 and dollar["stem"] and dollar["most"] is not None:
            yield dollar


def _field(found: Found) -> str:
    names = set(found["names"].lower().split(","))
    if names & _HEADINGS:
        return "papers carry no subject headings here: write the words that a title or abstract would use"
    if names & _BOTH or {"ti", "ab"} <= names:
        return "leave it out: title and abstract are both looked at (title: or abstract: before a term asks for one)"
    if meant := [_FIELD_OF[name] for name in sorted(names) if name in _FIELD_OF]:
        return f"write {meant[0]} before the term or its group"
    return "leave it out: a paper here has title:, abstract:, author:, category: and source:"


def _heading(found: Found) -> str:
    words = " ".join(found[0].partition("/")[0].lower().removeprefix("exp ").split())
    instead = "" if '"' in words else f", such as {words}"
    return f"papers carry no subject headings here: write the words that a title or abstract would use{instead}"


def _adjacent(found: Found) -> str:
    between = int(found["within"] or 1) - 1
    if between < 1:
        return "write the words side by side, they are a phrase, or NEAR/1 between groups"
    return f"write NEAR/{between}, which lets {between} other words stand between, as {found[0].lower()} does"


def _near(found: Found) -> str:
    return f"write NEAR/{found['between']}"


def _ending(found: Found) -> str:
    return f"write * for any ending: {found['stem']}*"


def _habit(pattern: str, problem: str, advice: Advice) -> Habit:
    return re.compile(pattern, _FLAGS), problem, advice


_SPELLINGS = "write each spelling: (colour OR color), or the start of the word: hemorrh*"
_LINES = "an entry cannot speak of other entries: write the terms of those lines here, each group in ( )"
_LIMIT = "leave it out: a digest tells of new papers only; write AND or NOT for what a title or abstract would say"
_LINE = r"[ \t\xa0]{0,9}\(*\d{1,3}(?:\s{1,9}(?:or|and|not)\s{1,9}\(*\d{1,3}\)*)+(?=\s*$)"
_HABITS = (
    _habit(rf"(?<![\w-])exp\s{{1,9}}[^/()\n]{{1,100}}/(?:(?:{_ASPECTS})\b)?", "a subject heading", _heading),
    _habit(rf'(?<![\w"-])(?:["\w-]{{2,60}}|(?-i:[A-Z]))/(?:{_END}|(?:{_ASPECTS})\b)', "a subject heading", _heading),
    _habit(rf"(?<=[\w)*$\"?:])(?<!math)\.(?P<names>{_NAME}(?:,{_NAME})*)\b\.?(?=[\s)]|$)", "a field of another system", _field),
    _habit(rf"\[(?P<names>{_TAGS})(?::[~\w]{{1,9}})?\]", "a field of another system", _field),
    _habit(r"(?<=\s)adj(?P<within>\d{0,2})(?=[\s(])", "an operator of another system", _adjacent),
    _habit(r"(?<=\s)(?-i:near/?|NEAR)(?P<between>\d{1,2})(?=[\s(])", "an operator of another system", _near),
    _habit(r"(?<=\w)[?#](?=\w)", "a wildcard of another system", _SPELLINGS),
    _habit(rf"(?<!\w)(?!(?:{_OWN}):)(?P<stem>\w{{3,40}}):(?=[).])", "a wildcard of another system", _ending),
    _habit(rf"(?<![\w/])(?:or|and)/\d[\d,-]{{0,40}}|(?<!\w)#\d{{1,3}}\b|^{_LINE}", "a reference to other lines", _LINES),
    _habit(r"(?<!\S)\d{1,3} (?-i:AND|OR|NOT) \d{1,3}(?!\S)", "a reference to other lines", _LINES),
    _habit(r"^[ \t\xa0]{0,9}limit\s\d{1,3}\sto\b", "a limit of another system", _LIMIT),
    _habit(
        r"^[ \t\xa0]{0,9}\d{1,3}\.\s{1,9}(?=[\w(\"])",
        "the number of a line",
        "leave the number out, and write each line as an entry of its own",
    ),
)
