"""What is asked of every mail (RFC 2047, 2369, 5322, 6376, 8058; Gmail, Yahoo, Microsoft of senders), held by six digests."""

import base64
import quopri
import re
from collections.abc import Iterator
from functools import cache

import dkim
import pytest

from tests.rendering.test_message import NAMES, check_read, check_wire, header_names
from tests.support.builders import NOON
from tests.support.mails import read
from tests.support.samples import DOMAIN, KINDS, sample
from tests.support.samples_write import signer, zone

ENCODED = re.compile(rb"=\?([^?\s]*)\?([^?\s]*)\?([^?\s]*)\?=")
TO_MACHINES = {
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Help",
    "List-Owner",
    "Message-ID",
    "Feedback-ID",
    "Content-Type",
}
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
SIGNED = {"from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type", "list-id", "feedback-id"}

every_kind = pytest.mark.parametrize("kind", KINDS)


@cache
def mail(kind: str) -> bytes:
    return sample(kind).message(signer(), NOON).content


def fields(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the names and values of the header section as they stand on the wire, unfolded."""
    for line in content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").split(b"\r\n"):
        name, _, value = line.partition(b":")
        yield name.decode(), value.strip()


@every_kind
def test_every_server_takes_it(kind: str) -> None:
    content = mail(kind)

    signatures, _, rest = content.partition(b"\r\nFrom: ")
    assert max(map(len, signatures.split(b"\r\n"))) <= 78
    check_wire(re.sub(rb"\r\n <[^>\s]+>,?(?=\r\n)", b"", rest))  # a line of one link is as long as the link
    check_read(content)
    assert sorted(header_names(content)) == sorted([*NAMES, "Reply-To", "Feedback-ID", "DKIM-Signature", "DKIM-Signature"])
    assert len(content) <= 200_000


@every_kind
def test_its_subject_is_short_and_calm(kind: str) -> None:
    subject = str(read(mail(kind))["Subject"])

    assert 20 <= len(subject) <= 78
    assert not STEERING.search(subject)
    assert not re.match(r"(?i)\s*(re|fwd?|aw|sv|tr)\s*:", subject)
    assert not re.search(r"!|\b[A-Z]{5,}\b|None|[{}]", subject)


@every_kind
def test_names_are_letters_and_steer_nothing(kind: str) -> None:
    content = mail(kind)
    parsed = read(content)

    names = [parsed[field].addresses[0].display_name for field in ("From", "To")]

    assert not STEERING.search("".join(names))
    assert [parsed[field].addresses[0].addr_spec for field in ("From", "To")] == [f"digest@{DOMAIN}", sample(kind).digest.email]


@every_kind
def test_each_encoded_word_decodes_alone(kind: str) -> None:
    for name, value in fields(mail(kind)):
        for charset, encoding, text in ENCODED.findall(value):
            assert name not in TO_MACHINES
            assert (charset, encoding in {b"q", b"b"}, bool(text)) == (b"utf-8", True, True)
            octets = (
                base64.b64decode(text, validate=True) if encoding == b"b" else quopri.decodestring(text.replace(b"_", b" "))
            )
            assert octets.decode()


@every_kind
def test_it_says_how_to_leave_and_names_nobody(kind: str) -> None:
    told = dict(fields(mail(kind)))
    post, help_, owner = (told[name].decode() for name in ("List-Unsubscribe-Post", "List-Help", "List-Owner"))

    page, by_mail = re.findall(r"<([^<>\s]+)>", told["List-Unsubscribe"].decode())

    assert re.fullmatch(rf"https://{re.escape(DOMAIN)}/u/[a-z2-7]{{26}}", page)  # 130 bits
    assert by_mail.startswith(f"mailto:help@{DOMAIN}?subject=")
    assert post == "List-Unsubscribe=One-Click"
    assert (help_, owner) == (f"<mailto:help@{DOMAIN}?subject=help>", f"<mailto:help@{DOMAIN}>")
    assert re.fullmatch(rb"(.* )?<papers\.digest\.example\.org>", told["List-Id"])
    assert re.fullmatch(rb"digest:[a-zA-Z0-9-]+:digestd:[0-9a-f]{5,15}", told["Feedback-ID"])
    assert sample(kind).digest.email.encode() not in b"".join(told[name] for name in TO_MACHINES)


@every_kind
def test_both_signatures_hold_and_cover_what_matters(kind: str) -> None:
    content = mail(kind)
    tags = [dict(re.findall(rb"(\w+)=([^;]*)", value)) for name, value in fields(content) if name == "DKIM-Signature"]

    verified = [dkim.DKIM(content).verify(idx=at, dnsfunc=_record) for at in range(len(tags))]

    assert verified == [True, True]
    assert [tag[b"a"] for tag in tags] == [b"rsa-sha256", b"ed25519-sha256"]
    for tag in tags:
        covered = re.sub(rb"\s", b"", tag[b"h"]).decode().split(":")
        assert {*SIGNED, "list-unsubscribe", "list-unsubscribe-post"} <= set(covered)
        assert all(covered.count(name) == 2 for name in ("from", "to", "subject", "date", "reply-to", "list-unsubscribe"))
        assert b"l" not in tag


def _record(name: bytes, timeout: int = 5) -> bytes | None:
    """Answer for the DNS."""
    told = zone().get(name.decode().rstrip("."))
    return str(told[0]).encode() if isinstance(told, list) else None
