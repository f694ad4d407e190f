"""Delivery, from the outbox to a mail server: digests of 20 papers into Postfix's smtp-sink on this machine.

Ours is `digestd deliver` as it is installed: two processes, SQLite that survives a power cut, DKIM signatures. The plain stack
renders each mail with jinja2, builds it as an EmailMessage, signs it with dkimpy, opens a connection for it and commits what
became of it; it has fewer mails to send. Postfix's smtp-source sends messages of that size, which is as fast as it goes. These
two run before ours and after. Figures are CPU time of all processes of each, and mails a second.
"""

import argparse
import asyncio
import logging
import os
import re
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import aiosmtplib
import structlog
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.bench_poll import Table
from benchmarks.bench_render import DOMAIN, NOW, SELECTOR, Mail, digests_of, made_up_papers, plain_stack
from benchmarks.measure import tell
from digestd.config import Places, load_settings
from digestd.model.digest import Digest, DigestKey, message_id
from digestd.model.paper import Paper, PaperId
from digestd.model.source import Cursor, Fetched
from digestd.model.subscriber import SubscriberId
from digestd.pipeline.deliver import Round
from digestd.rendering import mime
from digestd.storage import OutboxStore, PaperStore, RecordStore, open_database
from digestd.wiring.house import House, open_house
from digestd.wiring.post import build_signer

PROCESSES, CONNECTIONS = 2, 20
LEAST_RATE, LEAST_RATIO = 500, 10  # mails a second, times
CALM = 2_500  # mails a second that smtp-source sends on two cores that are ours
PLAIN, STAGED = 200, 1_000  # mails of a round of the plain stack, and of the run in which stages are told apart
PROGRAMS = ("smtp-sink", "smtp-source")
SETTINGS = """\
[sender]
address = "digest@{domain}"

[smtp]
host = "127.0.0.1"
port = {port}
connections = {connections}
messages_per_connection = 1000

[dkim]
domain = "{domain}"
selector = "{selector}"
key_file = "dkim.pem"

[deliver]
processes = {processes}
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What so many *mails* took: seconds of the clock, and of the processors."""

    mails: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.mails / self.wall

    @property
    def each(self) -> float:
        """Return the milliseconds of a processor for one mail."""
        return 1000 * self.cpu / self.mails


@dataclass(frozen=True, slots=True)
class Scene:
    """What the rivals share: papers, digests, a key, a mail server and a folder."""

    papers: Mapping[PaperId, Paper]
    digests: Sequence[Digest]
    pem: bytes
    port: int
    folder: Path

    def first(self, many: int) -> list[Digest]:
        """Return so many digests, each for a reader of its own."""
        return [_for_reader(self.digests[number % len(self.digests)], number) for number in range(many)]


def main() -> int:
    """Measure and tell all; return how many limits were missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=20_000, help="how many digests go out in all (default: 20000)")
    given = parser.parse_args()
    os.environ["PATH"] += f"{os.pathsep}/usr/sbin"
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        tell(f"skipped: {' and '.join(missing)} of Postfix are not installed")
        return 0
    with TemporaryDirectory(prefix="digestd-") as folder, _sink() as port:
        return _measure(_scene(Path(folder), port), given.mails)


def _measure(scene: Scene, mails: int) -> int:
    size = len(plain_stack(dict(scene.papers), scene.pem)(scene.digests[0]))
    rivals: Mapping[str, Callable[[], Spent]] = {
        "digestd": lambda: _ours(scene, mails),
        "plain": lambda: _plain(scene, PLAIN),
        "smtp-source": lambda: _source(scene, mails, size),
    }
    spent: dict[str, list[Spent]] = {name: [] for name in rivals}
    for name in ("plain", "smtp-source", "digestd", "plain", "smtp-source"):
        spent[name].append(rivals[name]())
    tell(f"{mails:,} digests of 20 papers, {size / 1000:.0f} kB each; {PROCESSES} processes, {CONNECTIONS} connections")
    return _tell(spent, _staged(scene, min(mails, STAGED)))


def _tell(spent: Mapping[str, Sequence[Spent]], staged: Mapping[str, float]) -> int:
    rate = {name: median(one.rate for one in runs) for name, runs in spent.items()}
    each = {name: median(one.each for one in runs) for name, runs in spent.items()}
    table = Table()
    if rate["smtp-source"] >= CALM:
        table.least("mails a second", rate["digestd"], LEAST_RATE)
    else:
        table.most("mails a second, while others keep the machine busy", rate["digestd"], None)
    table.most("milliseconds of CPU for one", each["digestd"], None)
    for stage, cost in staged.items():
        table.most(f"  of which, once cards are ready, {stage}", cost, None)
    table.least("times the rate of the plain stack", rate["digestd"] / rate["plain"], LEAST_RATIO)
    tell(f"  the plain stack: {rate['plain']:.0f} a second, {each['plain']:.1f} ms of CPU for one")
    most = rate["smtp-source"]
    tell(f"  smtp-source, which only sends: {most:,.0f} a second, of which ours is {rate['digestd'] / most:.0%}")
    return table.missed


def _ours(scene: Scene, mails: int) -> Spent:
    """Deliver with the program as it is installed."""
    with _site(scene, mails) as config:
        command = [sys.executable, "-m", "digestd", "--config", str(config), "--now", NOW.isoformat(), "deliver"]
        spent = _timed(mails, lambda: subprocess.run(command, check=True, capture_output=True))
        with open_database(config / "var" / "digestd.db", NOW) as database:
            assert RecordStore(database).states() == {"accepted": mails}
    return spent


def _plain(scene: Scene, mails: int) -> Spent:
    """Deliver as the libraries' own pages show it, in a process of its own."""
    make, digests = plain_stack(dict(scene.papers), scene.pem), scene.first(mails)

    def run() -> None:
        if (child := os.fork()) == 0:
            asyncio.run(_send_plainly(make, digests, scene))
            os._exit(0)
        os.waitpid(child, 0)

    return _timed(mails, run)


async def _send_plainly(make: Mail, digests: Sequence[Digest], scene: Scene) -> None:
    with sqlite3.connect(scene.folder / "plain.db") as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS sent (reader TEXT, at TEXT)")
        for digest in digests:
            sender = f"digest@{DOMAIN}"
            await aiosmtplib.send(make(digest), sender=sender, recipients=[digest.email], hostname="127.0.0.1", port=scene.port)
            connection.execute("INSERT INTO sent VALUES (?, ?)", (digest.email, NOW.isoformat()))
            connection.commit()


def _source(scene: Scene, mails: int, size: int) -> Spent:
    command = ["smtp-source", "-d", "-s", str(CONNECTIONS), "-m", str(mails), "-l", str(size), f"127.0.0.1:{scene.port}"]
    return _timed(mails, lambda: subprocess.run(command, check=True, capture_output=True))


def _timed(mails: int, run: Callable[[], object]) -> Spent:
    cpu, begin = _children(), time.monotonic()
    run()
    return Spent(mails, time.monotonic() - begin, _children() - cpu)


def _children() -> float:
    """Return the seconds of CPU of our children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _staged(scene: Scene, mails: int) -> Mapping[str, float]:
    """Return the milliseconds of CPU of each stage for one mail, delivered in this process."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with _site(scene, mails) as config, _house(config) as house:
        watch = _Stopwatch()
        delivery, signer = house.delivery(), build_signer(house.places)
        assert signer is not None
        sign = watch.timed("sign", signer.signed)  # a mail that is signed takes as long to sign again
        for digest in scene.first(mails):  # cards are made ready
            sign(_read(delivery.render(digest, scene.papers, NOW).content), NOW)
        delivery = replace(
            delivery,
            render=watch.timed("render and sign", delivery.render),
            outbox=_Watched(delivery.outbox, watch),
            seen=_Watched(delivery.seen, watch),
        )
        begin = time.process_time()
        asyncio.run(_deliver(house, delivery))
        whole = time.process_time() - begin
    spent = {name: 1000 * seconds / mails for name, seconds in (watch.seconds | {"whole": whole}).items()}
    rest = spent["whole"] - spent["render and sign"] - spent["store"]
    return {
        "render": spent["render and sign"] - spent["sign"],
        "sign": spent["sign"],
        "store": spent["store"],
        "SMTP and the rest": rest,
    }


def _read(content: bytes) -> mime.Mail:
    head, _, body = content.partition(b"\r\n\r\n")
    return mime.Mail(re.findall(rb"\S.*\r\n(?:[ \t].*\r\n)*", head + b"\r\n"), body)


async def _deliver(house: House, delivery: Any) -> None:
    async with house.transport() as transport:
        await delivery.run(transport, Round())


class _Stopwatch:
    """The seconds of CPU that threads spend in what is *timed*."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any, **named: Any) -> Any:
            begin = time.thread_time()
            try:
                return call(*given, **named)
            finally:
                self.seconds[name] = self.seconds.get(name, 0) + time.thread_time() - begin

        return called


class _Watched:
    """A port of the store, all of whose calls are timed."""

    def __init__(self, port: Any, watch: _Stopwatch) -> None:
        self._port, self._watch = port, watch

    def __getattr__(self, name: str) -> Any:
        return self._watch.timed("store", getattr(self._port, name))


@contextmanager
def _house(config: Path) -> Iterator[House]:
    file = config / "digestd.toml"
    with open_house(Places(file, load_settings(file)), lambda: NOW) as house:
        yield house


@contextmanager
def _site(scene: Scene, mails: int) -> Iterator[Path]:
    """Yield the folder of an installation with so many digests in its outbox."""
    folder = scene.folder / "site"
    (folder / "var").mkdir(parents=True)
    (folder / "subscribers.d").mkdir()
    told = {"domain": DOMAIN, "selector": SELECTOR, "port": scene.port, "connections": CONNECTIONS, "processes": PROCESSES}
    (folder / "digestd.toml").write_text(SETTINGS.format(**told), encoding="utf-8")
    (folder / "dkim.pem").write_bytes(scene.pem)
    (folder / "dkim.pem").chmod(0o600)
    with open_database(folder / "var" / "digestd.db", NOW) as database:
        PaperStore(database).record("arxiv", Fetched(tuple(scene.papers.values()), Cursor()), NOW)
        digests = scene.first(mails)
        for start in range(0, mails, 500):
            OutboxStore(database).enqueue(digests[start : start + 500], NOW)
    yield folder
    shutil.rmtree(folder)


def _scene(folder: Path, port: int) -> Scene:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    papers = {one.id: one for one in made_up_papers()}
    return Scene(papers, digests_of(papers), pem, port, folder)


def _for_reader(digest: Digest, number: int) -> Digest:
    key = DigestKey(SubscriberId(f"reader{number}@example.org"), digest.key.period)
    return replace(digest, key=key, message_id=message_id(key, DOMAIN), email=key.subscriber)


@contextmanager
def _sink() -> Iterator[int]:
    """Run a mail server that throws all away; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen(["smtp-sink", *as_nobody, f"127.0.0.1:{port}", "1000"]) as sink:
        try:
            _wait_for(port)
            yield port
        finally:
            sink.terminate()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
