"""Three parsers that know nothing of one another read the same in our mails: Python's, mailparser and postal-mime."""

from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.model.digest import Section
from tests.npm.node import needs_node, told_by
from tests.rendering.test_message import INJECTIONS, header_names
from tests.support.builders import NOON, digest, match, paper
from tests.support.mails import body, read, renderer
from tests.support.samples import KINDS, sample
from tests.support.samples_write import signer

Read = Mapping[str, Any]

pytestmark = needs_node

PIECES = (
    *INJECTIONS,
    "=?utf-8?b?4oCo?=",  # decodes to U+2028
    "=?utf-8?q?=E2=80=AEgpj?=",  # decodes to a right-to-left override
    "=?iso-8859-1?q?=85=0D=0A?= =?utf-8?q?X?=",
    "=?utf-8?q??=",
    "?= =? ?==?",
    "\u202atides\u202c \u2067and\u2069 \ufefflamps",
    "المد والجزر",
    "灯笼与潮汐",
    "👩‍🔬",
    "e\u0301" * 40,
    "unbroken" * 12,
    " \t ",
    "a@b",
    '"\\"',
    ";,:<>()[]",
)
nasty = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=5).map("".join)


def test_they_agree_on_the_six(tmp_path: Path) -> None:
    made = {kind: sample(kind).message(signer(), NOON).content for kind in KINDS}

    check_read_alike(made, tmp_path)


def test_they_agree_whatever_stands_in_the_headers(tmp_path: Path) -> None:
    made: dict[str, bytes] = {}

    @settings(max_examples=60)
    @given(nasty, nasty, nasty, nasty, nasty)
    def make(title: str, author: str, reader: str, profile: str, list_name: str) -> None:
        shown = paper(1, f"T{title}", authors=(author,), abstract=title + profile, sources=(author,), journal=profile)
        told = replace(digest("ada"), name=reader, sections=(Section(profile, (match(shown),)),))
        made[str(len(made))] = renderer(name=f"L{list_name}").message(told, {shown.id: shown}, NOON).content

    make()

    check_read_alike(made, tmp_path)


def check_read_alike(made: Mapping[str, bytes], folder: Path) -> None:
    """Assert that all three read the same fields, texts and addresses in each of the mails."""
    for name, content in made.items():
        (folder / f"{name}.eml").write_bytes(content)
    found = told_by("read_mails.mjs", folder)
    for name, content in made.items():
        ours = by_python(content)
        for parser, theirs in found[f"{name}.eml"].items():
            assert theirs == ours, parser


def by_python(content: bytes) -> Read:
    parsed = read(content)
    return {
        "subject": str(parsed["Subject"]),
        "from": mailbox(content, "From"),
        "to": mailbox(content, "To"),
        "text": body(parsed, "plain"),
        "html": body(parsed, "html"),
        "names": sorted({name.lower() for name in header_names(content)}),
    }


def mailbox(content: bytes, name: str) -> Mapping[str, str]:
    """Return the address in a field; the newer of Python's parsers puts blanks between the encoded-words of a phrase."""
    phrase, address = parseaddr(message_from_bytes(content)[name])
    return {"address": address, "name": str(make_header(decode_header(phrase)))}
