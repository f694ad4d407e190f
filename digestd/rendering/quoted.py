"""Quoted-printable (RFC 2045 6.7), with CRLF, and nothing that is changed on the way: no line that an mbox would mark, no tab,
no blank beside another or at the end of a line. A body of it is relaxed as it is (RFC 6376 3.4.4).
"""

import binascii
import re

_FROM = re.compile(rb"^(?:From )+", re.MULTILINE)
_LINE = 76
_AS_IT_IS = re.compile(r"(?!From |\.\n)[!-<>-~]+(?: [!-<>-~]+)*\n")  # as most lines of a text are
_BLANK, _TAB = "\x03", "\x04"  # are encoded, where a blank and a tab would not be, or would make their line too long


def quoted(text: str) -> bytes:
    """Return *text* quoted-printable."""
    if len(text) <= _LINE and _AS_IT_IS.fullmatch(text):
        return text.encode().replace(b"\n", b"\r\n")
    if "\r" in text:
        text = re.sub(r"\r\n?", "\n", text)
    text = text.replace("  ", f" {_BLANK}").replace(" \n", f"{_BLANK}\n").replace("\t", _TAB)
    if text.endswith(" "):
        text = f"{text[:-1]}{_BLANK}"
    encoded = binascii.b2a_qp(text.encode(), istext=True, header=False)
    if b"From " in encoded:
        encoded = _FROM.sub(lambda found: b"=46rom =\n" * (len(found[0]) // 5), encoded)
    return encoded.replace(b"=03", b"=20").replace(b"=04", b"=09").replace(b"\n", b"\r\n")


def quoted_open(text: str) -> bytes:
    """Return *text* quoted-printable so that something may follow: unless it ends its line, a soft break does."""
    if not text or text.endswith("\n"):
        return quoted(text)
    encoded = quoted(f"{text}x")[:-1]  # an end of data would be quoted otherwise, and fill the line
    return encoded if encoded.endswith(b"=\r\n") else encoded + b"=\r\n"


def unquoted(encoded: bytes) -> str:
    """Return the text that was quoted."""
    return binascii.a2b_qp(encoded.replace(b"\r\n", b"\n")).decode()
