"""arXiv's XML: well-formed or refused, and without a DOCTYPE, so that no entity can swell or reach out."""

import re
from xml.etree.ElementTree import Element, ParseError, XMLParser

# Only white space, instructions and comments may stand before the root (XML 1.0, 2.8), or a DOCTYPE, which is refused.
_TO_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s++|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<(?:[\w.-]{1,60}:)?([A-Za-z_][\w.-]{0,60})", re.DOTALL
)
_HTML = re.compile(rb"<(?:!doctype\s+)?html[\s>]", re.IGNORECASE)
_CUT = {3, 5, 20}  # expat's codes for a document, a token, a CDATA section that ends too soon


def root_name(content: bytes) -> str:
    """Return the name of the root element without its prefix; "" where no element comes first."""
    found = _TO_ROOT.match(content)
    return found[1].decode("ascii", "replace") if found else ""


def root(content: bytes) -> Element | str:
    """Return the root element of a document, or in words why it has none."""
    if _HTML.search(content[:4096]):
        return "an HTML page came instead of an answer"
    if not root_name(content):
        return "what came is not an answer in XML"
    try:
        parser = XMLParser()  # noqa: S314 (only a DOCTYPE declares entities, and a document with one has been refused)
        parser.feed(content)
        return parser.close()
    except ParseError as error:
        return "the answer was cut short" if error.code in _CUT else "the answer is not well-formed XML"
    except (LookupError, ValueError):
        return "the answer is in an encoding that cannot be read"
