import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digestd.model.delivery import Accepted, Deferred, Outcome, Rejected, Uncertain
from digestd.transports import BadRelay, Relay, SmtpTransport
from digestd.transports.relay import Security
from tests.support.messages import message
from tests.support.smtp import (
    TROUBLES,
    SmtpServer,
    Trouble,
    certificate,
    mailbox_is_full,
    no_such_mailbox,
    silent_after_data,
    silent_at_rcpt,
    slow,
)

ADA, BOB = "ada@example.org", "bob@example.org"
ENDS: dict[str, Outcome] = {
    "server_is_busy": Deferred("421 4.3.2 Busy, come back later", everyone=True),
    "mailbox_is_full": Deferred("452 4.2.2 Mailbox full"),
    "greylisted": Deferred("451 4.7.1 Greylisted, try again"),
    "deferred_at_data": Deferred("451 4.3.0 Cannot store it now"),
    "mailbox_is_over_quota": Deferred("552 5.2.2 Over quota"),
    "over_the_rate": Deferred("450 4.7.28 An unusual rate of mail from your address", everyone=True),
    "no_such_mailbox": Rejected("550 5.1.1 No such mailbox", "address"),
    "not_authenticated": Rejected("550 5.7.26 This mail is not authenticated", "ours"),
    "another_code_after_data": Uncertain("not an answer to a message: 399 What a message"),
    "refused_at_data": Rejected("554 5.6.0 We do not like this message"),
    "slow": Accepted("250 2.0.0 Ok, in the end"),
}
BREAKS: dict[str, type[Outcome]] = {
    "line_breaks_at_rcpt": Deferred,
    "silent_at_rcpt": Deferred,
    "nonsense_at_rcpt": Deferred,
    "nonsense_after_data": Uncertain,
    "line_breaks_mid_data": Uncertain,  # the octets had all left us: nobody can say how far they came
    "line_breaks_after_data": Uncertain,
    "silent_after_data": Uncertain,
}


EITHER_WAY = pytest.mark.parametrize("pipelining", [False, True], ids=["one_by_one", "pipelined"])


def locked_out(reply: str) -> Deferred:
    """Return what nobody but the operator can mend."""
    return Deferred(reply, everyone=True, wait=timedelta(minutes=15))


def relay(server: SmtpServer, **terms: Any) -> Relay:
    return replace(Relay(server.host, server.port, security="none"), **terms)


@asynccontextmanager
async def transport(server: SmtpServer, **terms: Any) -> AsyncIterator[SmtpTransport]:
    async with SmtpTransport(relay(server, **terms)) as opened:
        yield opened


async def send(server: SmtpServer, *names: str, **terms: Any) -> list[Outcome]:
    async with transport(server, **terms) as way:
        return [await way.send(message(name)) for name in names]


# How a try ends


@EITHER_WAY
@pytest.mark.parametrize("scenario", ENDS)
async def test_a_reply_says_how_the_try_ended(scenario: str, *, pipelining: bool) -> None:
    with SmtpServer({ADA: TROUBLES[scenario]}, pipelining=pipelining) as server:
        assert await send(server, "ada") == [ENDS[scenario]]


@EITHER_WAY
@pytest.mark.parametrize("scenario", BREAKS)
async def test_a_line_that_breaks_is_uncertain_only_once_a_message_was_handed_over(scenario: str, *, pipelining: bool) -> None:
    brief = timedelta(seconds=0.3)
    with SmtpServer({ADA: TROUBLES[scenario]}, pipelining=pipelining) as server:
        (outcome,) = await send(server, "ada", timeout=brief, data_timeout=brief)

    assert type(outcome) is BREAKS[scenario]
    assert "handed over" in outcome.reply
    assert not (isinstance(outcome, Deferred) and outcome.everyone)


@EITHER_WAY
@pytest.mark.parametrize("scenario", [name for name in (*ENDS, *BREAKS) if not name.startswith("silent")])
async def test_a_refused_reader_never_touches_the_others(scenario: str, *, pipelining: bool) -> None:
    with SmtpServer({BOB: TROUBLES[scenario]}, pipelining=pipelining) as server:
        outcomes = await send(server, "ada", "bob", "cy")

    assert [type(outcomes[0]), type(outcomes[2])] == [Accepted, Accepted]
    assert {ADA, "cy@example.org"} <= {kept.recipients[0] for kept in server.kept}


async def test_a_message_that_may_have_arrived_can_be_sent_again() -> None:
    with SmtpServer({ADA: TROUBLES["line_breaks_after_data"]}) as server:
        await send(server, "ada")
        server.troubles.clear()
        (second,) = await send(server, "ada")

    assert isinstance(second, Accepted)
    assert [kept.message_id for kept in server.kept] == [message("ada").message_id] * 2


async def test_a_server_that_never_greets_puts_everyone_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with SmtpTransport(Relay("127.0.0.1", port, security="none", timeout=timedelta(seconds=0.2))) as way:
            outcome = await way.send(message())

    assert isinstance(outcome, Deferred)
    assert outcome.everyone


@EITHER_WAY
async def test_a_refused_sender_is_not_the_readers_fault(*, pipelining: bool) -> None:
    with SmtpServer({message("ada").sender: TROUBLES["sender_is_refused"]}, pipelining=pipelining) as server:
        assert await send(server, "ada") == [locked_out("550 5.7.1 This sender is not allowed")]


async def test_a_server_that_turns_us_away_at_the_door_puts_everyone_off() -> None:
    with SmtpServer(greeting="421 4.3.2 Too many connections") as server:
        assert await send(server, "ada") == [Deferred("421 4.3.2 Too many connections", everyone=True)]


async def test_a_server_that_talks_nonsense_puts_everyone_off() -> None:
    with SmtpServer(greeting="hello there") as server:
        (outcome,) = await send(server, "ada")

    assert isinstance(outcome, Deferred)
    assert outcome.everyone


async def test_a_server_that_is_not_there_puts_everyone_off() -> None:
    with SmtpServer() as server:
        pass
    (outcome,) = await send(server, "ada")

    assert isinstance(outcome, Deferred)
    assert outcome.everyone
    assert f"127.0.0.1 on port {server.port}" in outcome.reply


async def test_a_reply_is_kept_as_one_short_line() -> None:
    wild = Trouble("RCPT", "550-5.1.1 No\tsuch\x1b[31m\x00 mailbox\r\n550 5.1.1 " + "really, " * 100)
    with SmtpServer({ADA: wild}) as server:
        (outcome,) = await send(server, "ada")

    assert outcome.reply.startswith("550 5.1.1 No such [31m mailbox 5.1.1 really, really,")
    assert len(outcome.reply) == 500
    assert outcome.reply.isprintable()


async def test_a_try_ends_in_the_time_agreed() -> None:
    brief = timedelta(seconds=0.2)
    with SmtpServer({ADA: TROUBLES["silent_after_data"]}) as server:
        terms = {"timeout": brief, "data_timeout": brief}
        began = time.monotonic()
        await send(server, "bob", "ada", **terms)

    assert time.monotonic() - began < relay(server, **terms).longest_try.total_seconds()


# What is never said


@pytest.mark.parametrize("recipient", ["ada", "ada@example.org\r\nRCPT TO:<bob@example.org>", "ada @example.org"])
async def test_a_bad_address_is_rejected_before_anyone_is_dialled(recipient: str) -> None:
    with SmtpServer() as server:
        async with transport(server) as way:
            outcome = await way.send(message(recipient=recipient))

    assert isinstance(outcome, Rejected)
    assert server.connections == 0


async def test_a_bad_sender_puts_everyone_off_before_anyone_is_dialled() -> None:
    with SmtpServer() as server:
        async with transport(server) as way:
            outcome = await way.send(message(sender="<>"))

    assert isinstance(outcome, Deferred)
    assert outcome.everyone
    assert server.connections == 0


async def test_a_name_beyond_ascii_is_rejected_where_smtputf8_is_not_offered() -> None:
    with SmtpServer() as server:
        async with transport(server) as way:
            outcomes = [await way.send(message(name)) for name in ("adá", "bob")]

    assert isinstance(outcomes[0], Rejected)
    assert "SMTPUTF8" in outcomes[0].reply
    assert isinstance(outcomes[1], Accepted)
    assert server.connections == 1


async def test_a_name_beyond_ascii_is_sent_where_smtputf8_is_offered() -> None:
    with SmtpServer(smtputf8=True) as server:
        await send(server, "adá", "bob")

    assert [kept.recipients for kept in server.kept] == [("adá@example.org",), (BOB,)]
    assert ["SMTPUTF8" in kept.parameters for kept in server.kept] == [True, False]


async def test_a_message_that_is_too_big_is_rejected_unsent() -> None:
    with SmtpServer(most_octets=100) as server:
        (outcome,) = await send(server, "ada")

    assert outcome == Rejected(f"the message has {len(message('ada').content)} octets and the server takes 100")


async def test_the_size_is_announced() -> None:
    with SmtpServer() as server:
        await send(server, "ada")

    assert server.kept[0].parameters == (f"SIZE={len(message('ada').content)}",)


# TLS and log-in


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_the_password_goes_over_tls(security: Security, tmp_path: Path) -> None:
    good = certificate(tmp_path)
    with SmtpServer(login=("digestd", "secret"), security=security, certificate=good) as server:
        (outcome,) = await send(server, "ada", security=security, ca_file=good.ca_file, username="digestd", password="secret")

    assert isinstance(outcome, Accepted)
    assert server.kept[0].over_tls
    assert server.kept[0].logged_in


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("flaw", ["from_nobody_we_trust", "for_another_name"])
async def test_a_certificate_that_cannot_be_verified_puts_everyone_off(security: Security, flaw: str, tmp_path: Path) -> None:
    names = ["elsewhere.example.org"] if flaw == "for_another_name" else []
    shown, trusted = certificate(tmp_path, *names), certificate(tmp_path)
    ca_file = shown.ca_file if flaw == "for_another_name" else trusted.ca_file
    with SmtpServer(security=security, certificate=shown) as server:
        (outcome,) = await send(server, "ada", security=security, ca_file=ca_file)

    assert isinstance(outcome, Deferred)
    assert outcome.everyone
    assert outcome == locked_out(outcome.reply)
    assert "certificate verify failed" in outcome.reply
    assert server.kept == []


async def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    with SmtpServer(login=("digestd", "secret")) as server:
        (outcome,) = await send(server, "ada", security="starttls", username="digestd", password="secret")

    assert outcome == locked_out("SMTP STARTTLS extension not supported by server.")
    assert server.kept == []


async def test_a_server_that_does_not_speak_tls_gets_neither_password_nor_mail() -> None:
    with SmtpServer(login=("digestd", "secret")) as server:
        (outcome,) = await send(server, "ada", security="tls", username="digestd", password="secret")

    assert isinstance(outcome, Deferred)
    assert outcome.everyone
    assert server.kept == []


async def test_a_wrong_password_puts_everyone_off_and_is_never_shown(tmp_path: Path) -> None:
    good = certificate(tmp_path)
    with SmtpServer(login=("digestd", "secret"), security="tls", certificate=good) as server:
        (outcome,) = await send(server, "ada", security="tls", ca_file=good.ca_file, username="digestd", password="guess")

    assert outcome == locked_out("535 5.7.8 Authentication credentials invalid")
    assert "guess" not in repr(relay(server, security="tls", username="digestd", password="guess"))


async def test_a_wrong_password_is_tried_once_whatever_the_lines_and_the_ways_offered(tmp_path: Path) -> None:
    good = certificate(tmp_path)
    terms: dict[str, Any] = {"security": "tls", "ca_file": good.ca_file, "username": "digestd", "password": "guess"}
    with SmtpServer(login=("digestd", "secret"), security="tls", certificate=good) as server:
        async with transport(server, **terms) as way:
            outcomes = await asyncio.gather(*(way.send(message(name), line) for line, name in enumerate("abcd")))

    assert outcomes == [locked_out("535 5.7.8 Authentication credentials invalid")] * 4
    assert (server.log_ins, server.connections) == (1, 1)


async def test_a_password_that_the_server_repeats_is_taken_out_of_its_reply(tmp_path: Path) -> None:
    good = certificate(tmp_path)
    with SmtpServer(login=("digestd", "secret"), repeats_log_ins=True, security="tls", certificate=good) as server:
        (outcome,) = await send(server, "ada", security="tls", ca_file=good.ca_file, username="digestd", password="guess")

    assert outcome == locked_out("535 5.7.8 … is wrong in …")


async def test_a_server_that_wants_a_log_in_we_do_not_have_puts_everyone_off() -> None:
    with SmtpServer(login=("digestd", "secret")) as server:
        assert await send(server, "ada") == [locked_out("530 5.7.0 Log in first")]


@pytest.mark.parametrize("host", ["192.0.2.1", "0.0.0.0", "2001:db8::1", "no-such-host.invalid"])
async def test_mail_in_the_clear_never_leaves_this_machine(host: str) -> None:
    with pytest.raises(BadRelay, match="loopback"):
        async with SmtpTransport(Relay(host, 25, security="none")):
            pass


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "localhost"])
async def test_mail_in_the_clear_may_go_to_this_machine(host: str) -> None:
    async with SmtpTransport(Relay(host, 25, security="none")):
        pass


TERMS: dict[str, tuple[dict[str, Any], str]] = {
    "a_password_in_the_clear": ({"security": "none", "username": "digestd", "password": "secret"}, "only goes over TLS"),
    "a_username_alone": ({"username": "digestd"}, "go together"),
    "no_connections": ({"connections": 0}, "at least one"),
}


@pytest.mark.parametrize(("terms", "reason"), TERMS.values(), ids=TERMS)
def test_terms_that_cannot_be_met_are_refused(terms: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRelay, match=reason):
        Relay("mail.example.org", 465, **terms)


async def test_a_ca_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRelay, match=r"ca_file .*/none\.pem: No such file"):
        async with SmtpTransport(Relay("mail.example.org", 465, ca_file=tmp_path / "none.pem")):
            pass


# Connections


async def test_a_connection_is_used_again() -> None:
    with SmtpServer() as server:
        await send(server, *"abcdef")

    assert (len(server.kept), server.connections) == (6, 1)


async def test_a_connection_carries_only_so_many_messages() -> None:
    with SmtpServer() as server:
        await send(server, *"abcde", messages_per_connection=2)

    assert (len(server.kept), server.connections) == (5, 3)


async def test_each_line_has_a_connection_of_its_own() -> None:
    with SmtpServer({f"{name}@example.org": slow for name in "ab"}) as server:
        async with transport(server) as way:
            outcomes = await asyncio.gather(*(way.send(message(name), line) for line, name in enumerate("ab")))
            outcomes += [await way.send(message(name), line) for line, name in enumerate("cd")]

    assert [type(outcome) for outcome in outcomes] == [Accepted] * 4
    assert (server.connections, server.most_at_once) == (2, 2)


async def test_a_line_says_goodbye_only_when_it_is_used_again() -> None:
    """Until then nobody knows that what it carried is stored, and a line that breaks without goodbye tells of doubt."""
    with SmtpServer() as server:
        async with transport(server, messages_per_connection=1) as way:
            await way.send(message("ada"))
            assert len(server.open) == 1
            await way.send(message("bob"))
            assert (len(server.open), server.connections) == (1, 2)


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced() -> None:
    with SmtpServer() as server:
        async with transport(server) as way:
            await way.send(message("ada"))
            server.hang_up()
            second = await way.send(message("bob"))

    assert isinstance(second, Accepted)
    assert server.connections == 2


@EITHER_WAY
async def test_a_connection_that_the_server_is_tired_of_is_replaced(*, pipelining: bool) -> None:
    with SmtpServer(tires_after=2, pipelining=pipelining) as server:
        outcomes = await send(server, *"abcde")

    assert [type(outcome) for outcome in outcomes] == [Accepted] * 5
    assert server.connections == 3


@EITHER_WAY
async def test_a_reader_whom_the_server_leaves_us_waiting_for_is_asked_for_once(*, pipelining: bool) -> None:
    with SmtpServer({BOB: silent_at_rcpt}, pipelining=pipelining) as server:
        outcomes = await send(server, "ada", "bob", timeout=timedelta(seconds=0.5))

    assert [type(outcome) for outcome in outcomes] == [Accepted, Deferred]
    assert server.connections == 1


@EITHER_WAY
async def test_many_refusals_do_not_wear_the_connection_out(*, pipelining: bool) -> None:
    with SmtpServer({ADA: no_such_mailbox, BOB: mailbox_is_full}, pipelining=pipelining) as server:
        outcomes = await send(server, *["ada", "bob"] * 10, "cy")

    assert isinstance(outcomes[-1], Accepted)
    assert server.connections == 1


async def test_a_try_that_is_called_off_leaves_no_half_said_envelope_behind() -> None:
    with SmtpServer({ADA: silent_after_data}) as server:
        async with transport(server, connections=1) as way:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(way.send(message("ada")), timeout=0.2)
            second = await way.send(message("bob"))

    assert isinstance(second, Accepted)
    assert server.kept[-1].recipients == (BOB,)


@EITHER_WAY
async def test_a_server_that_cannot_reset_gets_a_new_connection_after_a_refusal(*, pipelining: bool) -> None:
    with SmtpServer({ADA: no_such_mailbox}, resets=False, pipelining=pipelining) as server:
        outcomes = await send(server, "ada", "bob", "cy")

    assert [type(outcome) for outcome in outcomes] == [Rejected, Accepted, Accepted]
    assert [kept.recipients for kept in server.kept] == [(BOB,), ("cy@example.org",)]
    assert server.connections == 2


async def test_a_reply_of_two_codes_is_no_answer() -> None:
    with SmtpServer({ADA: Trouble("RCPT", "450-4.2.0 Wait\r\n550 5.1.1 No such mailbox")}) as server:
        outcomes = await send(server, "ada", "bob")

    assert isinstance(outcomes[0], Deferred)
    assert "A reply of two codes: 450 and 550 5.1.1 No such mailbox" in outcomes[0].reply
    assert isinstance(outcomes[1], Accepted)


async def test_a_server_that_says_more_than_it_was_asked_gets_a_new_connection() -> None:
    with SmtpServer({ADA: Trouble("message", "250 2.0.0 Ok\r\n250 2.0.0 Ok for the next")}) as server:
        outcomes = await send(server, "ada", "bob")

    assert outcomes == [Accepted("250 2.0.0 Ok"), Accepted("250 2.0.0 Ok: queued as 2-1")]


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def sent_to(talk: Talk) -> Outcome:
    """Return how a try ends with a server that says what a test likes."""
    async with await asyncio.start_server(talk, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        async with SmtpTransport(Relay("127.0.0.1", port, security="none", timeout=timedelta(seconds=2))) as way:
            return await way.send(message("ada"))


async def test_an_answer_that_came_before_the_message_is_not_the_answer_to_it() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (b"220 mx", b"250 mx", b"250 sender", b"250 recipient", b"354 go on\r\n250 2.0.0 Ok"):
            writer.write(answer + b"\r\n")
            await reader.readline()
        writer.close()

    outcome = await sent_to(talk)

    assert outcome == Deferred("the line broke before the message was handed over: Answered before it was asked")


# Several commands at once (RFC 2920)


async def test_an_envelope_is_said_at_once_where_the_server_lets_us() -> None:
    over = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer, until in [
            (b"220 mx.example.org\r\n", b"EHLO"),
            (b"250-mx.example.org\r\n250 PIPELINING\r\n", b"DATA\r\n"),
            (b"250 sender\r\n250-recip", b""),
            (b"ient\r\n250 ok\r\n354 go on\r\n", b"\r\n.\r\n"),
            (b"250 taken\r\n", b"QUIT\r\n"),
            (b"221 bye\r\n", b""),
        ]:
            writer.write(answer)
            await (reader.readuntil(until) if until else asyncio.sleep(0.05))
        writer.close()
        await writer.wait_closed()
        over.set()

    outcome = await sent_to(talk)
    await over.wait()

    assert outcome == Accepted("250 taken")


async def test_nobody_gets_an_empty_mail_where_the_server_waits_for_a_message_after_a_refusal() -> None:
    with SmtpServer({ADA: no_such_mailbox}, pipelining=True, goes_on=True) as server:
        outcomes = await send(server, "ada", "bob", "ada", "cy")

    assert [type(outcome) for outcome in outcomes] == [Rejected, Accepted, Rejected, Accepted]
    assert [kept.recipients for kept in server.kept] == [(BOB,), ("cy@example.org",)]
    assert server.poured == 0


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_an_envelope_is_said_at_once_over_tls(security: Security, tmp_path: Path) -> None:
    good = certificate(tmp_path)
    with SmtpServer({BOB: no_such_mailbox}, pipelining=True, security=security, certificate=good) as server:
        outcomes = await send(server, "ada", "bob", "cy", security=security, ca_file=good.ca_file)

    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected, Accepted]
    assert server.connections == 1


# Notices of what becomes of a mail (RFC 3461)


async def test_a_server_that_can_is_asked_to_tell_of_failures_and_delays() -> None:
    with SmtpServer(dsn=True) as server:
        async with transport(server) as way:
            await way.send(message(recipient="a+b=c@example.org", envelope_id="abc23"))

    assert server.kept[0].notices == (
        "RET=HDRS",
        "ENVID=abc23",
        "NOTIFY=FAILURE,DELAY",
        "ORCPT=rfc822;a+2Bb+3Dc@example.org",
    )


async def test_a_server_that_cannot_is_not_asked() -> None:
    with SmtpServer() as server:
        async with transport(server) as way:
            outcome = await way.send(message(envelope_id="abc23"))

    assert isinstance(outcome, Accepted)
    assert server.kept[0].notices == ()


async def test_a_name_beyond_ascii_is_not_put_into_a_parameter() -> None:
    with SmtpServer(dsn=True, smtputf8=True) as server:
        await send(server, "adá")

    assert server.kept[0].notices == ("RET=HDRS", "NOTIFY=FAILURE,DELAY")
