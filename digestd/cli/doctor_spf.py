"""What `digestd doctor` reads in a record of SPF (RFC 7208). What the record names is not asked for."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network

from digestd.cli.doctor_finding import Finding, heard

_MOST_LOOKUPS = 10  # RFC 7208 4.6.4

_MACRO = r"%[%_-]|%\{[slodiphv](?:[1-9][0-9]*)?r?[-.+,/_=]*\}"  # 7.1
_TEXT = rf"(?:[!-$&-~]|{_MACRO})*"
_NAME = rf"{_TEXT}(?:\.(?![0-9]+\.?(?:/|$))[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?|{_MACRO})"  # an address is none: 7.1
_LENGTHS = "(?:/(?:[0-9]|[12][0-9]|3[0-2]))?(?://(?:[1-9]?[0-9]|1[01][0-9]|12[0-8]))?"
_MECHANISMS = {
    "all": "",
    "include": f":{_NAME}",
    "a": f"(?::{_NAME})?{_LENGTHS}",
    "mx": f"(?::{_NAME})?{_LENGTHS}",
    "ptr": f"(?::{_NAME})?",
    "ip4": r":[0-9.]+(?:/(?:[1-9]?[0-9]))?",
    "ip6": r":[0-9a-f:.]+(?:/(?:[1-9]?[0-9]{1,2}))?",
    "exists": f":{_NAME}",
}
_MODIFIERS = {"redirect": _NAME, "exp": _NAME}
_ASKING = {"include", "a", "mx", "ptr", "exists", "redirect"}
_DIRECTIVE = re.compile(r"([-+?~]?)([a-z][a-z0-9]*)([:/].*)?")
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)")


def judged(name: str, record: str) -> Finding:
    """Return how it stands with the record of SPF at *name*."""
    terms = [term for term in record.lower().split(" ")[1:] if term]
    told = heard(record)
    if fault := next(_faults(terms), None):
        advice = "mend it: receivers take the whole record for an error"
        return Finding("fail", "spf", f"{name} has {fault}: {told}", advice)
    if not any(map(_lets_in, _heeded(terms))):
        return Finding("fail", "spf", f"{name} lets nobody send: {told}", f"change it to {wanted(name)}")
    if (open_to := next(_open(terms), None)) is None:
        return Finding("ok", "spf", f"{name}: {told}")
    if open_to.endswith("all"):
        return Finding("warn", "spf", f"{name} lets everybody send: {told}", 'end it with "~all" or "-all"')
    advice = f'take "{open_to}" away, which means every address, and name what sends your mail'
    return Finding("warn", "spf", f"{name} lets everybody send: {told}", advice)


def wanted(name: str) -> str:
    """Return what to publish at *name*."""
    return f'{name} TXT "v=spf1 … -all", with what sends your mail for the dots'


def _faults(terms: Sequence[str]) -> Iterator[str]:
    """Yield what makes receivers give up on the whole record: a permerror (RFC 7208 4.6)."""
    yield from (f'"{heard(term)}", which is no term of SPF' for term in terms if not _is_term(term))
    for modifier in _MODIFIERS:
        if sum(term.startswith(f"{modifier}=") for term in terms) > 1:
            yield f"{modifier}= more than once"
    if (lookups := sum(_what(term) in _ASKING for term in _heeded(terms))) > _MOST_LOOKUPS:
        yield f"{lookups} terms to look up, of {_MOST_LOOKUPS} that are allowed"


def _is_term(term: str) -> bool:
    if modifier := _MODIFIER.fullmatch(term):
        return re.fullmatch(_MODIFIERS.get(modifier[1], _TEXT), modifier[2]) is not None
    read = _DIRECTIVE.fullmatch(term)
    if read is None or read[2] not in _MECHANISMS or not re.fullmatch(_MECHANISMS[read[2]], read[3] or ""):
        return False
    return not read[2].startswith("ip") or _is_network(read[2], (read[3] or "")[1:])


def _is_network(kind: str, text: str) -> bool:
    try:
        (IPv4Network if kind == "ip4" else IPv6Network)(text, strict=False)
    except ValueError:
        return False
    return True


def _what(term: str) -> str:
    return re.split("[:/=]", term.lstrip("+-?~"), maxsplit=1)[0]


def _heeded(terms: Sequence[str]) -> Iterator[str]:
    """Yield the terms that count: none after `all`, nor a redirect beside it (RFC 7208 5.1)."""
    has_all = any(_what(term) == "all" for term in terms)
    for term in terms:
        if not (has_all and term.startswith("redirect=")):
            yield term
        if _what(term) == "all":
            return


def _lets_in(term: str) -> bool:
    """Say whether anybody is not refused by a term."""
    modifier = _MODIFIER.fullmatch(term)
    return modifier[1] == "redirect" if modifier else term[0] not in "-~"


def _open(terms: Sequence[str]) -> Iterator[str]:
    """Yield the terms that mean everybody, and keep nobody out."""
    for term in _heeded(terms):
        if term[0] not in "-~" and (_what(term) == "all" or _has_every_address(term)):
            yield term


def _has_every_address(term: str) -> bool:
    return _what(term) in {"a", "mx", "ip4", "ip6"} and re.search("/0(?:/|$)", term) is not None
