"""Text in pieces, those that matched marked: what a template needs to highlight a reader's terms."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from digestd.model.digest import Evidence, Field
from digestd.rendering.clean import clean
from digestd.rendering.tex import Run, runs
from digestd.rendering.tex_scripts import Script, parts, written

# The end of a sentence: not that of "e.g.", "et al.", "Fig. 3" or an initial.
_SENTENCE_END = re.compile(r"(?<![ .][A-Za-z])(?<!\b(?:al|vs|cf|Eq))(?<!\bFig)(?<!\bresp)[.!?][\"”’)\]]?(?=\s+[^a-z\s])")
_BLANK = re.compile(r"\s")
_KEPT = 4_096  # texts, of which most are shown to many
_READ = 3_000  # letters of a text: five times what is shown of the longest

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text, whether it is what a reader asked for, and whether it stands higher or lower than the rest."""

    text: str
    marked: bool = False
    script: Script = ""


Pieces = tuple[Piece, ...]


def marked(source: str, evidence: Iterable[Evidence], field: Field) -> Pieces:
    """Return *source*, as far as it is read, TeX turned and clean, with the words of *evidence* in that field marked."""
    source = source[:_READ]
    spans = [*_spans(source, evidence, field)]
    return joined(_pieces(_turned(source), spans)) if spans else unmarked(source)


@lru_cache(_KEPT)
def unmarked(source: str) -> Pieces:
    """Return *source*, as far as it is read, TeX turned and clean."""
    return joined(_pieces(_turned(source[:_READ]), ()))


def joined(pieces: Iterable[Piece]) -> Pieces:
    """Return *pieces* clean, neighbours of one kind as one."""
    return tuple(_joined(pieces))


def plain(pieces: Pieces) -> str:
    """Return *pieces* as text, in which scripts are written out: `x^(i,j)`."""
    return "".join([_plain(piece) for piece in pieces])


def _plain(piece: Piece) -> str:
    return written(piece.text, piece.script) if piece.script else piece.text


def shortened(pieces: Pieces, limit: int) -> Pieces:
    """Return *pieces* cut at the end of a sentence near *limit* characters, else at a word."""
    text = plain(pieces)
    if len(text) <= limit * 1.1:
        return pieces
    return (*_until(pieces, _cut(text, limit)), Piece("\u00a0…")) if limit else ()


@lru_cache(_KEPT)
def _turned(source: str) -> tuple[Run, ...]:
    return tuple(runs(source))


@lru_cache(_KEPT)
def _cut(text: str, limit: int) -> int:
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, int(limit * 1.1) + 2)]
    if ends and ends[-1] >= limit * 0.55:
        return ends[-1]
    blanks = [found.start() for found in _BLANK.finditer(text, 0, limit)]
    return blanks[-1] if blanks and blanks[-1] >= limit * 0.55 else limit


def _until(pieces: Pieces, end: int) -> Iterator[Piece]:
    for piece in pieces:
        if end > 0:
            yield piece if piece.script else Piece(piece.text[:end], piece.marked)
        end -= len(_plain(piece))


def _spans(source: str, evidence: Iterable[Evidence], field: Field) -> Iterator[Span]:
    """Yield where *source* says what was matched; evidence of other words is of another version, and left out."""
    for one in evidence:
        if one.field == field and one.words and source[one.start : one.end] == one.words:
            yield one.start, one.end


def _pieces(tiles: Sequence[Run], spans: Sequence[Span]) -> Iterator[Piece]:
    for run in tiles:
        yield from _cut_up(run, spans) if run.plain else _whole(run, spans)


def _whole(run: Run, spans: Sequence[Span]) -> Iterator[Piece]:
    """Yield what cannot be cut, marked as a whole if any of it is to be."""
    marked = any(first < run.end and run.start < last for first, last in spans)
    return (Piece(text, marked, script) for text, script in parts(run.text))


def _cut_up(run: Run, spans: Sequence[Span]) -> Iterator[Piece]:
    inside = {edge for span in spans for edge in span if run.start < edge < run.end}
    edges = [run.start, *sorted(inside), run.end]
    for start, end in pairwise(edges):
        marked = any(first <= start and end <= last for first, last in spans)
        yield Piece(run.text[start - run.start : end - run.start], marked)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield *pieces* clean, neighbours of one kind as one; scripts are each alone."""
    last = Piece("")
    for piece in pieces:
        if piece.text and last.text and (piece.marked != last.marked or piece.script or last.script):
            yield Piece(clean(last.text), last.marked, last.script)
            last = piece
        elif piece.text:
            last = Piece(last.text + piece.text, piece.marked, piece.script)
    if end := clean(last.text):
        yield Piece(end, last.marked, last.script)
