"""What strangers may put on a page: letters, and never what steers a terminal, a mail header or the direction of text."""

import re
from urllib.parse import quote, urlsplit

# C0 and C1 controls, soft hyphen, zero-width and bidi characters, surrogates, tags: none of them is ever a letter of a title.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\uffff\U000e0000-\U000e007f]"
)
_BLANK = r"\t-\r\x1c-\x1f\x85\u2028\u2029"
_BLANKS = re.compile(rf"[{_BLANK}][ {_BLANK}]*| [ {_BLANK}]+")  # all but a space alone
_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LONGEST_LINK = 1_000  # of letters, as it is written
_OWN = re.compile(r"localhost|127(?:\.\d+){3}|::1")
_NAME = re.compile(r"\.[a-z][a-z0-9-]*\.?$")  # of a host: an address ends in a number
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

    A link by name is led to https, as every mail client wants it; one to this machine (a test) stays as it is. Links by another
    address, or with a name to log in by, are those of swindlers; a few that have no end would fill a mail.
    """
    url = quote(clean(url).strip(), safe="!#$%&'()*+,/:;=?@[]~")
    try:
        host, names = urlsplit(url).hostname or "", urlsplit(url).netloc
    except ValueError:
        return ""
    if "@" in names or len(url) > _LONGEST_LINK or not url.lower().startswith(("https://", "http://")):
        return ""
    if _OWN.fullmatch(host):
        return url
    return re.sub(r"^http:", "https:", url, flags=re.IGNORECASE) if _NAME.search(host) else ""
