"""The line to a mail server once it is open: commands go out, several at once where the server lets us, and replies come in."""

import asyncio
from collections.abc import Sequence

from aiosmtplib import SMTPResponse, SMTPResponseException, SMTPServerDisconnected, SMTPTimeoutError

_LONGEST_REPLY = 32_768  # octets
_MALFORMED = -1


class Line(asyncio.Protocol):
    """A connection that aiosmtplib opened, taken over: it would lose replies that arrive together."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._said = bytearray()
        self._is_over = transport.is_closing()
        self._news = asyncio.Event()
        transport.set_protocol(self)

    def data_received(self, data: bytes) -> None:
        self._said += data
        self._news.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._is_over = True
        self._news.set()

    def eof_received(self) -> None:
        self.connection_lost(None)

    @property
    def is_quiet(self) -> bool:
        """Say whether it is open, and nothing came that nobody asked for: such words would pass for the next replies."""
        return not (self._is_over or self._said or self._transport.is_closing())

    def say(self, commands: Sequence[Sequence[bytes]]) -> None:
        """Write commands, each given by its words, in one piece."""
        self._write(b"".join(b" ".join(words) + b"\r\n" for words in commands))

    def hand_over(self, content: bytes) -> None:
        """Write a message, whose lines end in CRLF, with a dot before each line that starts with one (RFC 5321 4.5.2)."""
        stuffed = b"\r\n..".join(content.split(b"\r\n."))  # replace() would search twice
        self._write((b"." if stuffed.startswith(b".") else b"") + stuffed + b".\r\n")

    async def reply(self, by: float) -> SMTPResponse:
        """Return the next reply. Raises SMTPException where there is none by that time of the loop, or it is none."""
        try:
            async with asyncio.timeout_at(by):
                return await self._reply()
        except TimeoutError as error:
            raise SMTPTimeoutError("Timed out waiting for server response") from error

    async def _reply(self) -> SMTPResponse:
        told: list[bytes] = []
        code = b""
        while True:
            line = await self._next_line()
            if not line[:3].isdigit():
                raise SMTPResponseException(_MALFORMED, f"Malformed SMTP response line: {_text(line)}")
            if line[:3] != (code := code or line[:3]):  # RFC 5321 4.2.1: each line of a reply has the same
                raise SMTPResponseException(_MALFORMED, f"A reply of two codes: {code.decode()} and {_text(line)}")
            told.append(line[4:].strip())
            if sum(map(len, told)) > _LONGEST_REPLY:
                raise SMTPResponseException(_MALFORMED, "Response too long")
            if line[3:4] != b"-":
                return SMTPResponse(int(line[:3]), _text(b"\n".join(told)))

    async def _next_line(self) -> bytes:
        while (end := self._said.find(b"\n") + 1) == 0:
            if len(self._said) > _LONGEST_REPLY:
                raise SMTPResponseException(_MALFORMED, "Response too long")
            if self._is_over:
                raise SMTPServerDisconnected("Connection lost")
            self._news.clear()
            await self._news.wait()
        line = bytes(self._said[:end])
        del self._said[:end]
        return line

    def _write(self, data: bytes) -> None:
        if self._is_over or self._transport.is_closing():
            raise SMTPServerDisconnected("Connection lost")
        self._transport.write(data)


def _text(said: bytes) -> str:
    return said.decode("utf-8", "surrogateescape")
