"""What every transport does, whichever it is; the fake that other tests use as well."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digestd.model.delivery import Accepted
from digestd.transports import MaildirTransport, Relay, SmtpTransport
from tests.support.fakes import FakeTransport
from tests.support.messages import content, message
from tests.support.smtp import SmtpServer

Received = Callable[[], list[bytes]]
Way = tuple[SmtpTransport | MaildirTransport | FakeTransport, Received]

HARD = content("<hard@example.org>", "ada@example.org", ".", "..", ".hidden", "", "x" * 998, ".", "")


@pytest.fixture(params=["smtp", "maildir", "fake"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    with {"smtp": _over_smtp, "maildir": _into_maildir, "fake": _into_memory}[request.param](tmp_path) as found:
        yield found


async def test_a_message_is_accepted_with_a_receipt(way: Way) -> None:
    transport, received = way

    async with transport:
        outcome = await transport.send(message())

    assert isinstance(outcome, Accepted)
    assert outcome.reply
    assert len(received()) == 1


@pytest.mark.parametrize("octets", [message().content, HARD, b".\r\n", b".\r\n.\r\n", "Grüße\r\n".encode()])
async def test_the_octets_received_are_the_octets_built(way: Way, octets: bytes) -> None:
    transport, received = way

    async with transport:
        await transport.send(message(content=octets))

    assert received() == [octets]


async def test_a_message_may_be_sent_again(way: Way) -> None:
    transport, received = way

    async with transport:
        outcomes = [await transport.send(message()) for _ in range(2)]

    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]
    assert set(received()) == {message().content}


async def test_readers_get_their_own_messages(way: Way) -> None:
    transport, received = way
    messages = [message(name) for name in ("ada", "bob", "cy")]

    async with transport:
        for each in messages:
            await transport.send(each)

    assert sorted(received()) == sorted(each.content for each in messages)


async def test_a_transport_may_be_opened_and_never_used(way: Way) -> None:
    transport, received = way

    async with transport:
        pass

    assert received() == []


@contextmanager
def _over_smtp(folder: Path) -> Iterator[Way]:
    with SmtpServer() as server:
        relay = Relay(server.host, server.port, security="none")
        yield SmtpTransport(relay), lambda: [kept.content for kept in server.kept]


@contextmanager
def _into_maildir(folder: Path) -> Iterator[Way]:
    yield MaildirTransport(folder / "mail"), lambda: [path.read_bytes() for path in folder.glob("mail/new/*")]


@contextmanager
def _into_memory(folder: Path) -> Iterator[Way]:
    transport = FakeTransport()
    yield transport, lambda: [message.content for message in transport.sent]
