"""What strangers may put on a page: letters, and never what steers a terminal, a mail header or the direction of text."""

import re
from urllib.parse import quote, urlsplit

# C0 and C1 controls, soft hyphen, fillers, zero-width and bidi characters, surrogates, controls of music, tags: none of them is
# ever a letter of a title. Nor is what chooses the looks of a letter (VS16 does) where there is none before it.
_UNSEEN = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_LOOKS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_INVISIBLE = re.compile(rf"[{_UNSEEN}](?<![^\s{_UNSEEN}][{_LOOKS}])")
_BLANK = r"\t-\r\x1c-\x1f\x85\u2028\u2029\u2800"
_BLANKS = re.compile(rf"[{_BLANK}][ {_BLANK}]*| [ {_BLANK}]+")  # all but a space alone
_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LONGEST_LINK = 1_000  # of letters, as it is written
_OWN = re.compile(r"localhost|127(?:\.\d+){3}|::1")
_NAME = re.compile(r"\.[a-z][a-z0-9-]*\.?$")  # of a host: an address ends in a number
_HTTP = re.compile(r"^http://([^/?#:]+)(?::(?:80)?)?(?=[/?#]|$)", re.IGNORECASE)
_WORD_END = re.compile(r"\s+\S*$")


def clean(text: str) -> str:
    """Return *text* without invisible characters, each run of blanks and line breaks as one space."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text  # as most are
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text))


def line(text: str, limit: int) -> str:
    """Return *text* clean and at most *limit* characters long, cut at a word."""
    text = clean(text).strip()
    if len(text) <= limit:
        return text
    head = text[:limit]
    whole = _WORD_END.sub("", head[:-1])
    return (whole if len(whole) > limit // 2 else head[:-1]).rstrip(" ,;:.") + "…"  # some words, and Chinese, have no end


def isolated(text: str) -> str:
    """Return *text* so that letters written from right to left in it move nothing that stands beside it (UAX 9, FSI)."""
    return text if text.isascii() or not _LEFTWARD.search(text) else f"\u2068{text}\u2069"


def web_link(url: str) -> str:
    """Return *url* as a plain ASCII https link, or "" when it is not one for the web.

    A link by name is led to https, as every mail client wants it, unless it is to a port of its own; one to this machine (a
    test) stays as it is. Links by another address, or with a name to log in by, are those of swindlers; a few that have no end
    would fill a mail.
    """
    try:
        url = quote(_with_ascii_host(clean(url).strip()), safe="!#$%&'()*+,/:;=?@[]~")
        host, names = urlsplit(url).hostname or "", urlsplit(url).netloc
    except ValueError:
        return ""
    if "@" in names or len(url) > _LONGEST_LINK or not url.lower().startswith(("https://", "http://")):
        return ""
    if _OWN.fullmatch(host):
        return url
    led = _HTTP.sub(r"https://\1", url)
    return led if _NAME.search(host) and led.lower().startswith("https:") else ""


def _with_ascii_host(url: str) -> str:
    """Return *url* with its host in A-labels (RFC 5890), or raise ValueError where they are not certain (see model.mailbox)."""
    if url.isascii() or (names := urlsplit(url).netloc).isascii():
        return url
    host = urlsplit(url).hostname or ""
    found = host.encode("idna").decode()
    if found.encode().decode("idna") != host:
        raise ValueError(f"{host!r} has no certain A-label")
    return url.replace(names, names.lower().replace(host, found), 1)
