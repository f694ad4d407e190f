"""A real DNS server on loopback that knows the TXT records a test gives it."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@contextmanager
def serving(texts: Mapping[str, Sequence[str]], *, silent: bool = False) -> Iterator[str]:
    """Yield the address of a server that knows *texts* by name, or hears and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        host, port = listener.getsockname()
        thread = Thread(target=_serve, args=(listener, {} if silent else texts, silent), daemon=True)
        thread.start()
        try:
            yield f"{host}:{port}"
        finally:
            listener.sendto(b"", (host, port))
            thread.join()


def _serve(listener: socket.socket, texts: Mapping[str, Sequence[str]], silent: bool) -> None:
    while True:
        asked, whom = listener.recvfrom(4096)
        if not asked:
            return
        if not silent:
            listener.sendto(_answer(dns.message.from_wire(asked), texts).to_wire(), whom)


def _answer(asked: dns.message.Message, texts: Mapping[str, Sequence[str]]) -> dns.message.Message:
    answer = dns.message.make_response(asked)
    answer.flags |= dns.flags.RA
    name = asked.question[0].name
    known = texts.get(name.to_text(omit_final_dot=True))
    if known is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif known and asked.question[0].rdtype == dns.rdatatype.TXT:
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *map(_quoted, known)))
    return answer


def _quoted(text: str) -> str:
    """Return a text in strings of at most 255 octets, as zones hold a long key."""
    return " ".join('"' + text[at : at + 255].replace('"', r"\"") + '"' for at in range(0, len(text), 255)) or '""'
