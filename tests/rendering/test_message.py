import re
import string
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.headerregistry import Address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.model.digest import Digest, Message
from digestd.model.paper import Paper
from digestd.model.subscriber import SubscriberId
from digestd.rendering.mime import Field, address_field, link_field, text_field
from digestd.rendering.mime import mail as assembled
from digestd.rendering.quoted import quoted
from digestd.rendering.tokens import holder, token
from tests.support.builders import NOON, digest, paper
from tests.support.mails import KEY, body, read, renderer

NAMES = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Help",
    "List-Owner",
    "List-Post",
    "Auto-Submitted",
    "Precedence",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "Content-Type",
]
INJECTIONS = [
    "\r\nBcc: eve@example.net",
    "\nBcc: eve@example.net",
    "\rBcc: eve@example.net",
    "\r\n\r\n<b>body</b>",
    "\u2028Bcc: eve@example.net",
    "\u0085Bcc: eve@example.net",
    "=?utf-8?Q?=0A?=Bcc: eve@example.net",
    "=?utf-8?b?DQpCY2M6IGV2ZUBleGFtcGxlLm5ldA==?=",
    "\u202egpj.exe\u2066\u200b",
    "\x00\x1b[31m\x7f\ud800",
    '"quoted" <eve@example.net>, (comment) \\',
    "💩 x=?UTF-8?Q?=0A?=Bcc: a@b",
    "=2E\n.\nFrom here\n",
]


def mail(fields: list[Field], text: str, html: str) -> bytes:
    return bytes(assembled(fields, [quoted(text)], [quoted(html)]))


def message(told: Digest, *papers: Paper, **letterhead: Any) -> Message:
    return renderer(**letterhead).message(told, {one.id: one for one in papers}, NOON)


def header_names(content: bytes) -> list[str]:
    """Return the names of the raw header lines, as a parser that knows nothing would."""
    head = content.partition(b"\r\n\r\n")[0]
    return [line.partition(b":")[0].decode() for line in re.split(rb"\r\n|\r|\n", head) if line[:1] not in b" \t"]


def check_wire(content: bytes) -> None:
    """Assert what every mail must be on the wire, whatever it holds (RFC 5322 2.1.1, 2045 6.7)."""
    assert content.isascii()
    assert b"\0" not in content
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert content.endswith(b"\r\n")
    assert not re.search(rb"\r\nFrom |\r\n[ \t]+\r\n", content)
    assert max(map(len, content.split(b"\r\n"))) <= 76


def check_read(content: bytes) -> None:
    """Assert that Python's parser finds nothing to complain of."""
    parsed = read(content)
    assert [*parsed.defects, *(defect for part in parsed.walk() for defect in part.defects)] == []
    assert [defect for value in parsed.values() for defect in value.defects] == []
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_a_message_reads_back_as_its_page() -> None:
    shown = paper(1, "Ångström lanterns: $O(n)$ tides for 王 …")
    told = digest("ada", shown)
    page = renderer().page(told, {shown.id: shown})

    made = message(told, shown)

    check_wire(made.content)
    check_read(made.content)
    parsed = read(made.content)
    assert parsed["Subject"] == page.subject
    assert body(parsed, "plain") == page.text
    assert body(parsed, "html") == page.html
    assert header_names(made.content) == NAMES


def test_a_message_has_the_envelope_of_its_digest() -> None:
    told = digest("ada")

    made = message(told)

    assert (made.key, made.message_id, made.recipient) == (told.key, told.message_id, "ada@example.org")
    assert made.sender == "digest@digest.example.org"


def test_the_headers_say_whose_list_it_is_and_how_to_leave() -> None:
    parsed = read(message(digest("ada"), reply_to="help@example.org").content)
    leaving = token(KEY, "unsubscribe", SubscriberId("ada@example.org"))

    told = {name: str(parsed[name]) for name in parsed}

    assert told["From"] == "digestd <digest@digest.example.org>"
    assert told["To"] == "Ada <ada@example.org>"
    assert told["Reply-To"] == "help@example.org"
    assert told["Date"] == "Thu, 05 Mar 2026 12:00:00 +0000"
    assert told["Message-ID"] == digest("ada").message_id
    assert told["List-Id"] == "digestd <papers.digest.example.org>"
    assert told["List-Unsubscribe"] == (
        f"<https://digest.example.org/u/{leaving}>, <mailto:admin@example.org?subject=unsubscribe%20{leaving}>"
    )
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert told["List-Owner"] == "<mailto:admin@example.org>"
    assert told["List-Post"] == "NO"
    assert told["Auto-Submitted"] == "auto-generated"
    assert told["Precedence"] == "bulk"
    assert told["X-Auto-Response-Suppress"] == "All"
    assert told["Content-Language"] == "en"


@pytest.mark.parametrize("base_url", [None, "http://127.0.0.1:8025"], ids=["no_pages", "pages_without_tls"])
def test_one_click_is_offered_over_https_alone(base_url: str | None) -> None:
    parsed = read(message(digest("ada"), base_url=base_url).content)

    assert "List-Unsubscribe-Post" not in parsed
    assert "mailto:" in parsed["List-Unsubscribe"]


def test_a_message_is_the_same_bytes_but_for_its_date() -> None:
    told = digest("ada", paper(1))
    papers = {paper(1).id: paper(1)}

    first = renderer().message(told, papers, NOON)
    later = renderer().message(told, papers, NOON + timedelta(hours=3))

    assert renderer().message(told, papers, NOON) == first
    assert later.content == first.content.replace(b"12:00:00", b"15:00:00")


def test_the_date_is_said_in_utc() -> None:
    at = datetime(2026, 3, 5, 13, tzinfo=timezone(timedelta(hours=1)))

    assert b"\r\nDate: Thu, 05 Mar 2026 12:00:00 +0000\r\n" in renderer().message(digest("ada"), {}, at).content


@pytest.mark.parametrize("hostile", INJECTIONS)
def test_nobody_adds_a_header(hostile: str) -> None:
    shown = paper(1, f"A{hostile}", abstract=hostile * 9, authors=(hostile,), sources=(hostile,), categories=(hostile,))

    made = message(replace(digest("ada", shown), name=f"Ada{hostile}", failing=(hostile,)), shown, name=f"digestd{hostile}")

    assert header_names(made.content) == NAMES
    check_wire(made.content)
    check_read(made.content)


@settings(max_examples=40)
@given(st.text(max_size=120), st.text(max_size=120), st.text(max_size=80), st.sampled_from(INJECTIONS))
def test_no_text_adds_a_header_or_breaks_a_line(title: str, abstract: str, name: str, hostile: str) -> None:
    shown = paper(1, title + hostile, abstract=abstract + hostile, authors=(name, hostile))
    told = replace(digest("ada", shown), name=name + hostile)
    page = renderer().page(told, {shown.id: shown})

    made = message(told, shown)

    assert header_names(made.content) == NAMES
    check_wire(made.content)
    check_read(made.content)
    assert body(read(made.content), "plain") == page.text
    assert body(read(made.content), "html") == page.html
    assert read(made.content)["Subject"] == page.subject


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=150))
def test_any_display_name_is_read_back(name: str) -> None:
    field = address_field("To", name, "ada@example.org")

    address = read(mail([field], "", ""))["To"].addresses[0]

    assert isinstance(address, Address)
    assert address.addr_spec == "ada@example.org"


@given(st.lists(st.text(alphabet=string.ascii_letters + " é王💡", max_size=90), max_size=4))
def test_free_text_is_read_back(words: list[str]) -> None:
    text = " ".join(" ".join(words).split())

    content = mail([text_field("Subject", text), Field("MIME-Version", ("1.0",))], "", "")

    assert read(content)["Subject"] == text
    assert all(len(word) <= 75 for word in re.findall(rb"=\?.*?\?=", content))


@given(st.text(alphabet="From .=\n\té王\r" + string.ascii_letters, max_size=400))
def test_any_body_is_read_back(text: str) -> None:
    text = re.sub(r"\r\n?", "\n", text) + "\n"

    content = mail([Field("MIME-Version", ("1.0",))], text, text)

    check_wire(content)
    assert body(read(content), "plain") == text


def test_a_link_is_never_folded_or_encoded() -> None:
    link = f"https://digest.example.org/{'u' * 200}"

    content = mail([link_field("List-Unsubscribe", link, "mailto:a@example.org")], "", "")

    assert f"\r\n <{link}>,\r\n <mailto:a@example.org>\r\n".encode() in content


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([Field("List-Post", ("NO\r\nBcc: x",))], id="line_break"),
        pytest.param([Field("List-Post", ("NO\n",))], id="trailing_line_feed"),
        pytest.param([Field("List-Post", ("é",))], id="beyond_ascii"),
        pytest.param([Field("List-Post", ("",))], id="nothing"),
        pytest.param([link_field("List-Help", "https://x.org/\r\n\r\n")], id="link_with_line_breaks"),
    ],
)
def test_a_field_that_no_header_may_hold_is_refused(fields: list[Field]) -> None:
    with pytest.raises(ValueError, match=r"no header may|ordinal not in range"):
        mail(fields, "", "")


@pytest.mark.parametrize(
    "address", ["ada", "a b@example.org", "ada@exam\r\nple.org", "<ada@example.org>", "a@b,c@d", "@x.org", ""]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"cannot stand in a mail header|encoding with 'idna'"):
        address_field("To", "Ada", address)


def test_a_domain_beyond_ascii_is_written_in_ascii() -> None:
    assert address_field("To", "", "ada@bücher.example").words == ("<ada@xn--bcher-kva.example>",)


def test_a_reader_whose_address_ascii_cannot_write_gets_a_mail_all_the_same() -> None:
    content = message(replace(digest("ada"), email="jürgen@example.org")).content

    check_wire(content)
    check_read(content)
    assert read(content)["To"].groups[0].display_name == "Ada"


def test_reports_on_a_mail_come_back_to_an_address_that_tells_its_reader() -> None:
    made = message(digest("ada"), bounce_address="bounce@bounces.example.org")
    local, _, domain = made.sender.partition("@")

    assert (local.partition("+")[0], domain) == ("bounce", "bounces.example.org")
    assert local.partition("+")[2] == made.envelope_id
    assert holder(KEY, "bounce", made.envelope_id or "", [SubscriberId("ben@example.org"), digest("ada").key.subscriber]) == (
        SubscriberId("ada@example.org")
    )


def test_a_mail_of_sixty_long_papers_is_small_on_the_wire() -> None:
    shown = [paper(number, abstract="Ångström tides. " * 400) for number in range(60)]

    content = message(digest("ada", *shown), *shown).content

    check_wire(content)
    assert len(content) <= 200_000
