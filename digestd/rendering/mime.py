"""A mail as bytes: header section and body by hand, since the standard library's generator lets a title add headers
(CVE-2024-6923), writes empty encoded-words and encodes long List-Unsubscribe links, which makes them dead."""

import base64
import re
import string
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from math import ceil
from typing import NamedTuple, TypeVar

from digestd.rendering.clean import clean

_LINE = 76  # RFC 2047 2: the longest line with an encoded-word; RFC 5322 2.1.1 would like 78
_WORD = 64  # the longest word or encoded-word: it fits after any of our names
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_MAILBOX = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_WRITTEN = re.compile(rb"([A-Z][A-Za-z-]*):(?: [!-~][ -~]*)?\r\n(?: [!-~][ -~]*\r\n)*")
_ROOM = _WORD - len("=?utf-8?q??=")
_Q_PLAIN = string.ascii_letters + string.digits + "!*+-/"  # what may stand in a display name too (RFC 2047 5.3)
_Q = ["_" if byte == 32 else chr(byte) if chr(byte) in _Q_PLAIN else f"={byte:02X}" for byte in range(256)]
_Letter = TypeVar("_Letter", str, bytes)

_BOUNDARY = "=_digestd"  # "=_" never stands in quoted-printable text (RFC 2045 6.7)
_PART = f"--{_BOUNDARY}\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
_PLAIN, _HTML = (_PART % "plain").encode(), f"\r\n{_PART % 'html'}".encode()
_END = f"\r\n--{_BOUNDARY}--\r\n".encode()


class Field(NamedTuple):
    """A header field: its name, and the words between which its line may be folded."""

    name: str
    words: tuple[str, ...]


class Mail(NamedTuple):
    """A mail as it is written: the lines of each of its header fields, and its body."""

    fields: Sequence[bytes]
    body: bytes

    def __bytes__(self) -> bytes:
        return b"".join((*self.fields, b"\r\n", self.body))


def text_field(name: str, value: str) -> Field:
    """Return a field of free text."""
    return Field(name, tuple(_text_words(clean(value).strip())))


@lru_cache(64)  # most are those of every mail
def address_field(name: str, phrase: str, address: str) -> Field:
    """Return a field of one mailbox, or of an empty group in its name where ASCII cannot write the address (RFC 6857)."""
    phrase = clean(phrase).strip()
    if not address.rpartition("@")[0].isascii():
        return Field(name, (*_phrase_words(phrase or clean(address)), ":;"))
    return Field(name, (*_phrase_words(phrase), f"<{_ascii_address(address)}>"))


@lru_cache(64)  # most are those of every mail
def list_field(name: str, phrase: str, list_id: str) -> Field:
    """Return a List-Id (RFC 2919)."""
    return Field(name, (*_phrase_words(clean(phrase).strip()), f"<{list_id}>"))


@lru_cache(64)  # most are those of every mail
def link_field(name: str, *links: str) -> Field:
    """Return a field of RFC 2369: links in order of preference. A link is never folded and never encoded."""
    return Field(name, (*(f"<{link}>," for link in links[:-1]), f"<{links[-1]}>"))


def mail(fields: Iterable[Field], text: Iterable[bytes], html: Iterable[bytes]) -> Mail:
    """Return the mail of *fields* with both bodies, quoted, the plain one first (RFC 2046 5.1.4): 7 bits, CRLF lines."""
    typed = Field("Content-Type", ("multipart/alternative;", f'boundary="{_BOUNDARY}"'))
    return Mail([*map(_written, fields), _written(typed)], b"".join((_PLAIN, *text, _HTML, *html, _END)))


def _ascii_address(address: str) -> str:
    """Return *address* with its domain in ASCII; ValueError says what is wrong with it."""
    local, _, domain = address.rpartition("@")
    plain = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    if not _MAILBOX.fullmatch(plain):
        raise ValueError(f"{address!r} cannot stand in a mail header: write it as name@domain")
    return plain


@lru_cache(256)  # most are those of every mail
def _written(field: Field) -> bytes:
    """Return the lines of *field*; they are read again, and whatever is more than this field is an error."""
    written = "".join(f"{line}\r\n" for line in _folded(field)).encode("ascii")
    read = _WRITTEN.fullmatch(written)
    if read is None or read[1].decode() != field.name:
        raise ValueError(f"a header field holds what no header may: {written!r}")
    return written


def _folded(field: Field) -> Iterator[str]:
    line = f"{field.name}:"
    for word in field.words:
        if len(line) + 1 + len(word) > _LINE:
            yield line
            line = ""
        line = f"{line} {word}"
    yield line


def _text_words(text: str) -> Sequence[str]:
    words = text.split()
    plain = text.isascii() and "=?" not in text and all(len(word) <= _WORD for word in words)
    return words if plain else _encoded_words(text)


def _phrase_words(text: str) -> Sequence[str]:
    """Return a display name: atoms, a quoted string, or encoded-words (RFC 5322 3.2.5, RFC 2047 5.3)."""
    if not text or (_ATOMS.fullmatch(text) and "=?" not in text):
        return _text_words(text) if text else ()
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
    return [quoted] if text.isascii() and "=?" not in text and len(quoted) <= _WORD else _encoded_words(text)


def _encoded_words(text: str) -> Sequence[str]:
    """Return *text* in encoded-words that each decode alone (RFC 2047), in the shorter of both encodings."""
    letters = [*map(_q_letter, text)]
    if sum(map(len, letters)) <= 4 * ceil(len(text.encode()) / 3):
        return [f"=?utf-8?q?{''.join(some)}?=" for some in _cut(letters, _ROOM)]
    octets = [letter.encode() for letter in text]
    return [f"=?utf-8?b?{base64.b64encode(b''.join(some)).decode()}?=" for some in _cut(octets, _ROOM // 4 * 3)]


@lru_cache(1_024)
def _q_letter(letter: str) -> str:
    return "".join([_Q[byte] for byte in letter.encode()])


def _cut(letters: Sequence[_Letter], most: int) -> Iterator[Sequence[_Letter]]:
    """Yield *letters*, as many at a time as have at most so many characters."""
    ends, at = [0, *accumulate(map(len, letters))], 0
    while at < len(letters):
        end = bisect_right(ends, ends[at] + most) - 1
        yield letters[at:end]
        at = end
