import pytest

from digestd.transports.envelope import BadMessage, BadSender, envelope, xtext
from tests.support.messages import message


@pytest.mark.parametrize("sender", ["ada", "digést@example.org", ""])
def test_a_bad_sender_is_not_the_messages_fault(sender: str) -> None:
    with pytest.raises(BadSender, match="the sender: "):
        envelope(message(sender=sender))


@pytest.mark.parametrize("content", [b"", b"no end", b"bare\nfeed\r\n", b"bare\rreturn\r\n", b"smuggled\r\n\n.\r\n"])
def test_lines_that_do_not_end_in_crlf_are_refused(content: bytes) -> None:
    with pytest.raises(BadMessage, match="CRLF"):
        envelope(message(content=content))


@pytest.mark.parametrize(("value", "written"), [("ada@example.org", b"ada@example.org"), ("a+b=c d", b"a+2Bb+3Dc+20d")])
def test_a_parameter_is_written_in_signs_that_cannot_be_mistaken(value: str, written: bytes) -> None:
    assert xtext(value) == written
