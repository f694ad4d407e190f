"""XML from strangers as a tree: no entities of its own, nothing fetched, not too deep and not too large."""

from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

_DEEPEST, _MOST = 200, 500_000


def root(content: bytes) -> Element | str:
    """Return the root of a document, in which names are `{namespace}name`, or in words why there is none."""
    grower = _Grower()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = grower.start, grower.end
    parser.CharacterDataHandler = grower.builder.data
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(content, True)
        return grower.builder.close()
    except _Refused as refused:
        return str(refused)
    except expat.ExpatError as error:
        return f"the XML is broken or cut short at line {error.lineno}"
    except (ValueError, LookupError):  # of encodings
        return "the XML is in an encoding that cannot be read"


class _Refused(Exception):
    """A document that asks too much of us."""


class _Grower:
    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self._depth = self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth, self._count = self._depth + 1, self._count + 1
        if self._depth > _DEEPEST or self._count > _MOST:
            raise _Refused("the XML is nested too deep, or has too many elements")
        self.builder.start(_named(name), {_named(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self._depth -= 1
        self.builder.end(_named(name))


def _named(name: str) -> str:
    return f"{{{name}" if "}" in name else name


def _refuse(*_: object) -> NoReturn:
    raise _Refused("the XML declares entities of its own")
