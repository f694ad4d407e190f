"""The contract of a mailbox, on a Maildir and on a real IMAP server: each message is handed over once, and none is lost."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from digestd.inbound import Account, ImapFolder, Mailbox, MailboxTrouble, Maildir
from tests.support.dovecot import Dovecot, dovecot
from tests.support.ports import free_port

MESSAGES = [b"Subject: %d\r\n\r\nThe tide is low.\r\n" % number for number in range(3)]


class Box:
    """A mailbox, and the Maildir in which the mail server keeps it."""

    def __init__(self, mailbox: Mailbox, folder: Path) -> None:
        self.mailbox, self.folder = mailbox, folder
        for name in (".", "tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name).chmod(0o777)

    def receives(self, *messages: bytes) -> None:
        for number, message in enumerate(messages):
            path = self.folder / "new" / f"{1_700_000_000 + number}.M{number}P1.here"
            path.write_bytes(message)
            path.chmod(0o666)

    def took(self) -> list[bytes]:
        taken: list[bytes] = []
        self.mailbox.hand_over(taken.append)
        return [one.replace(b"\r\n", b"\n") for one in taken]


@pytest.fixture(params=["maildir", "imap"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    if request.param == "maildir":
        yield Box(Maildir(tmp_path / "inbound"), tmp_path / "inbound")
        return
    with dovecot(["bounces"]) as server:
        yield Box(ImapFolder(account(server)), server.mail / "bounces")


def account(server: Dovecot, password: str = "tide ü", folder: str = "INBOX") -> Account:
    return Account("127.0.0.1", server.port, "none", "bounces", password, folder)


def test_each_message_is_handed_over_once(box: Box) -> None:
    box.receives(*MESSAGES)

    assert box.took() == [message.replace(b"\r\n", b"\n") for message in MESSAGES]
    assert box.took() == []
    assert len(list((box.folder / "cur").iterdir())) == 3


def test_a_message_that_could_not_be_taken_stays_new(box: Box) -> None:
    def breaks(content: bytes) -> None:
        raise Locked

    box.receives(*MESSAGES)

    with pytest.raises(Locked):
        box.mailbox.hand_over(breaks)
    assert len(box.took()) == 3


class Locked(Exception):
    """The database is locked."""


def test_no_more_is_read_of_a_message_than_we_look_at(box: Box) -> None:
    box.receives(b"Subject: long\r\n\r\n" + b"tide\r\n" * 400_000)

    (taken,) = box.took()
    assert len(taken) <= 2**20


def test_a_mailbox_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "no-maildir").mkdir()
    with pytest.raises(MailboxTrouble, match="no-maildir/new"):
        Maildir(tmp_path / "no-maildir").hand_over(print)
    with pytest.raises(MailboxTrouble, match=r"127\.0\.0\.1:"):
        ImapFolder(Account("127.0.0.1", free_port(), "none", "a", "b")).hand_over(print)


@pytest.mark.parametrize(
    "put",
    [
        pytest.param(Path.mkdir, id="folder"),
        pytest.param(os.mkfifo, id="pipe"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), id="link"),
    ],
)
def test_what_is_no_message_is_named_once_and_the_rest_is_taken(tmp_path: Path, put: Callable[[Path], None]) -> None:
    box = Box(Maildir(tmp_path), tmp_path)
    put(tmp_path / "new" / "0.odd")
    box.receives(*MESSAGES)

    with structlog.testing.capture_logs() as events:
        taken = [len(box.took()), len(box.took())]

    assert taken == [3, 0]
    assert [(event["event"], Path(event["path"]).name) for event in events] == [("inbound.no_message", "0.odd")]


def test_a_message_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    box = Box(Maildir(tmp_path), tmp_path)
    box.receives(*MESSAGES)
    long = tmp_path / "new" / ("0" * 255)  # with the mark of what was seen its name is too long to be moved
    long.write_bytes(b"Subject: long\n\n")
    taken: list[bytes] = []

    with pytest.raises(MailboxTrouble, match="00: File name too long"):
        box.mailbox.hand_over(taken.append)
    assert len(taken) == 4
    assert list((tmp_path / "new").iterdir()) == [long]


def test_a_maildir_without_cur_is_made_whole(tmp_path: Path) -> None:
    box = Box(Maildir(tmp_path), tmp_path)
    box.receives(*MESSAGES)
    (tmp_path / "cur").rmdir()

    assert len(box.took()) == 3


def test_a_maildir_that_is_not_made_yet_is_empty(tmp_path: Path) -> None:
    Maildir(tmp_path / "later").hand_over(print)


def test_a_message_that_a_mail_program_has_shown_is_not_lost(tmp_path: Path) -> None:
    box = Box(Maildir(tmp_path), tmp_path)
    (tmp_path / "cur" / "1.x:2,").write_bytes(MESSAGES[0])
    (tmp_path / "cur" / "2.x:2,RS").write_bytes(MESSAGES[1])

    assert len(box.took()) == 1
    assert {path.name for path in (tmp_path / "cur").iterdir()} == {"1.x:2,S", "2.x:2,RS"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"password": "wrong"}, "uthentication failed", id="wrong_password"),
        pytest.param({"folder": "Nowhere"}, "the folder 'Nowhere' cannot be opened", id="no_such_folder"),
    ],
)
def test_a_server_that_refuses_is_quoted(change: dict[str, str], said: str) -> None:
    with dovecot(["bounces"]) as server, pytest.raises(MailboxTrouble, match=said):
        ImapFolder(account(server, **change)).hand_over(print)


def test_a_password_is_not_shown() -> None:
    assert "tide" not in repr(Account("h", 993, "tls", "a", "tide"))
