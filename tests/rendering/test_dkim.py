"""Signatures, as a verifier that is not ours reads them."""

import base64
import re
from datetime import timedelta
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digestd.rendering import BadKey, Editions, Renderer, Signer, ed25519_key, rsa_key
from digestd.rendering.mime import Field, Mail, mail, text_field
from digestd.rendering.quoted import quoted, quoted_open, unquoted
from tests.support.builders import NOON, digest, paper
from tests.support.mails import KEY, TEMPLATES, letterhead, read

Private = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey

DOMAIN = "digest.example.org"


@cache
def rsa_private(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ed25519_private() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def pem(private: Private, encryption: KeySerializationEncryption | None = None) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


def signer() -> Signer:
    return Signer(DOMAIN, [rsa_key("one", pem(rsa_private())), ed25519_key("two", pem(ed25519_private()))])


def records(name: bytes, timeout: int = 5) -> bytes:
    """Answer for the DNS, with what the guide says to publish."""
    if name.startswith(b"one._domainkey.digest.example.org"):
        public = rsa_private().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    public = ed25519_private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public)


def verified(content: bytes) -> list[bool]:
    """Return whether each signature on a mail holds."""
    found = len(re.findall(rb"(?m)^DKIM-Signature:", content.partition(b"\r\n\r\n")[0]))
    return [holds(content, at) for at in range(found)]


def holds(content: bytes, at: int) -> bool:
    try:
        return bool(dkim.DKIM(content).verify(idx=at, dnsfunc=records))
    except dkim.DKIMException:
        return False


def message() -> bytes:
    shown = paper(1, "Ångström lanterns", abstract="From tide to tide.   We wait. " * 40)
    renderer = Renderer(Editions(TEMPLATES), letterhead(reply_to="help@example.org"), KEY, signer=signer())
    return renderer.message(digest("ada", shown), {shown.id: shown}, NOON).content


def test_a_mail_bears_a_signature_of_each_key_that_others_verify() -> None:
    assert verified(message()) == [True, True]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        pytest.param(b"\r\nSubject: ", b"\r\nSUBJECT:  ", id="a_name_in_capitals"),
        pytest.param(b"\r\nPrecedence: bulk", b"\r\nPrecedence: list", id="a_field_that_is_not_signed"),
        pytest.param(b" lanterns", b"\t lanterns", id="blanks"),
        pytest.param(b",\r\n <mailto:", b",\t<mailto:", id="another_fold"),
    ],
)
def test_what_a_relay_may_change_breaks_no_signature(was: bytes, becomes: bytes) -> None:
    changed = message().replace(was, becomes).removesuffix(b"\r\n") + b"  \r\n\r\n\r\n"

    assert verified(changed) == [True, True]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        pytest.param(b"tide", b"tidy", id="the_body"),
        pytest.param(b"\r\nTo: Ada", b"\r\nTo: Eve", id="to"),
        pytest.param(b"/u/", b"/v/", id="list_unsubscribe"),
        pytest.param(b"=One-Click", b"=Two-Click", id="list_unsubscribe_post"),
        pytest.param(b"Feedback-ID: digest", b"Feedback-ID: spam", id="feedback_id"),
        pytest.param(b"12:00:00", b"13:00:00", id="date"),
        *(
            pytest.param(b"\r\nMIME-Version:", f"\r\n{name}: x\r\nMIME-Version:".encode(), id=f"another_{name.lower()}")
            for name in (
                "From",
                "To",
                "Subject",
                "Date",
                "Reply-To",
                "Content-Type",
                "List-Unsubscribe",
                "List-Unsubscribe-Post",
            )
        ),
    ],
)
def test_a_change_of_what_is_signed_breaks_every_signature(was: bytes, becomes: bytes) -> None:
    content = message()
    head, _, rest = content.partition(b"\r\nFrom: ")
    changed = head + b"\r\nFrom: " + rest.replace(was, becomes)

    assert changed != content
    assert verified(changed) == [False, False]


def test_without_a_reply_to_none_can_be_added() -> None:
    renderer = Renderer(Editions(TEMPLATES), letterhead(), KEY, signer=signer())
    content = renderer.message(digest("ada"), {}, NOON).content

    assert verified(content) == [True, True]
    assert verified(content.replace(b"\r\nSubject:", b"\r\nReply-To: eve@example.net\r\nSubject:")) == [False, False]


def test_a_signature_is_of_the_moment_of_sending() -> None:
    renderer = Renderer(Editions(TEMPLATES), letterhead(), KEY, signer=signer())

    later = renderer.message(digest("ada"), {}, NOON + timedelta(hours=1)).content

    assert later.count(b" t=%d;" % (NOON.timestamp() + 3600)) == 2


def test_the_lines_of_a_signature_are_short() -> None:
    head = message().partition(b"\r\nFrom: ")[0]

    assert max(map(len, head.split(b"\r\n"))) <= 78


def test_feedback_is_counted_by_issue_and_names_no_reader() -> None:
    feedback = read(message())["Feedback-ID"]

    assert re.fullmatch(r"digest:daily-2026-03-05:digestd:[0-9a-f]{10}", feedback)


@settings(max_examples=60)
@given(
    st.lists(st.text(alphabet='ab \té王=;:,"<>@', max_size=90), min_size=1, max_size=4),
    st.lists(st.sampled_from(["", " ", "\t", "  a  b ", "From x", ".", "w" * 500, "é" * 80, "a=b"]), max_size=9),
)
def test_any_mail_of_ours_verifies(values: list[str], lines: list[str]) -> None:
    names = ("Subject", "List-Owner", "Feedback-ID", "List-Help")
    fields = [text_field(name, value) for name, value in zip(names, values, strict=False) if value.split()]
    body = [quoted("\n".join(lines))]

    made = mail([Field("From", ("<a@example.org>",)), *fields], body, body)

    assert verified(bytes(signer().signed(made, NOON))) == [True, True]


BLANKS = st.lists(
    st.sampled_from(["\n", " ", "  ", "\t\t", "a  b ", ".", "From ", "w" * 75, " a\t", "=03", "\x03"]), max_size=30
)


@given(BLANKS.map("".join))
@settings(max_examples=60)
def test_any_text_verifies(text: str) -> None:
    made = mail([Field("From", ("<a@example.org>",))], [quoted(text)], [quoted(text)])

    assert verified(bytes(signer().signed(made, NOON))) == [True, True]


def test_a_header_field_with_many_blanks_verifies() -> None:
    made = Mail([b"From: <a@example.org>\r\n", b"Subject: \t x\r\n\ty \r\n"], b"A body.\r\n")

    assert verified(bytes(signer().signed(made, NOON))) == [True, True]


@given(BLANKS, BLANKS)
@example([], ["w" * 75, " ", "\n"])
def test_quoted_text_is_relaxed_as_it_is_and_can_be_joined(one: list[str], other: list[str]) -> None:
    joined = quoted_open("".join(one)) + quoted("".join(other))

    assert unquoted(joined) == "".join([*one, *other]).replace("\x03", " ")
    assert re.sub(rb"[ \t]+(?=\r\n)|(?<=[ \t])[ \t]|\t", b"", joined) == joined
    assert max(map(len, joined.split(b"\r\n"))) <= 76


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(pem(rsa_private(1024)), "has 1024 bits", id="short"),
        pytest.param(pem(ed25519_private()), "is no RSA key", id="ed25519"),
        pytest.param(pem(ec.generate_private_key(ec.SECP256R1())), "is no RSA key", id="elliptic"),
        pytest.param(pem(rsa_private(), BestAvailableEncryption(b"x")), "is encrypted", id="encrypted"),
        pytest.param("hunter2", "is no private key in PEM", id="anything"),
        pytest.param("-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n", "is no private key", id="broken"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_and_not_shown(text: str, complaint: str) -> None:
    with pytest.raises(BadKey, match=complaint) as refused:
        rsa_key("one", text)

    assert "hunter2" not in str(refused.value)


def test_an_rsa_key_is_no_ed25519_key() -> None:
    with pytest.raises(BadKey, match="is no Ed25519 key"):
        ed25519_key("two", pem(rsa_private()))
