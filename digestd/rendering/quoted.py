"""Quoted-printable (RFC 2045 6.7), with CRLF, and no line that an mbox would change."""

import binascii
import re

_FROM = re.compile(rb"^(?:From )+", re.MULTILINE)


def quoted(text: str) -> bytes:
    """Return *text* quoted-printable."""
    if "\r" in text:
        text = re.sub(r"\r\n?", "\n", text)
    encoded = binascii.b2a_qp(text.encode(), istext=True, header=False)
    if b"From " in encoded:
        encoded = _FROM.sub(lambda found: b"=46rom =\n" * (len(found[0]) // 5), encoded)
    return encoded.replace(b"\n", b"\r\n")


def unquoted(encoded: bytes) -> str:
    """Return the text that was quoted."""
    return binascii.a2b_qp(encoded.replace(b"\r\n", b"\n")).decode()
