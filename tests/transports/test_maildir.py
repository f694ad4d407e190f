import asyncio
from pathlib import Path

from digestd.model.delivery import Accepted, Deferred, Outcome
from digestd.model.digest import Message
from digestd.transports import MaildirTransport
from tests.support.messages import message


def send(folder: Path, *messages: Message) -> list[Outcome]:
    async def each() -> list[Outcome]:
        async with MaildirTransport(folder) as way:
            return [await way.send(one) for one in messages]

    return asyncio.run(each())


def test_a_maildir_is_made_where_there_is_none(tmp_path: Path) -> None:
    send(tmp_path / "a" / "mail", message())

    assert sorted(folder.name for folder in (tmp_path / "a" / "mail").iterdir()) == ["cur", "new", "tmp"]


def test_the_receipt_names_the_file(tmp_path: Path) -> None:
    outcomes = send(tmp_path, message())

    assert outcomes == [Accepted(f"stored as {tmp_path}/new/digest.ada.20260305@digest.example.org")]


def test_a_second_try_replaces_the_first(tmp_path: Path) -> None:
    send(tmp_path, message(content=b"first\r\n"), message(content=b"second\r\n"))

    assert [path.read_bytes() for path in tmp_path.glob("*/*")] == [b"second\r\n"]


def test_a_message_id_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    send(tmp_path, message(message_id="<../../ada:2,S@example.org>"))

    assert [path.name for path in tmp_path.glob("*/*")] == ["digest...%2F..%2Fada%3A2%2CS@example.org"]


def test_mail_is_for_the_owners_eyes(tmp_path: Path) -> None:
    send(tmp_path / "mail", message())

    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("*")} == {0}


def test_a_place_that_cannot_be_written_is_not_the_readers_fault(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")

    assert send(tmp_path / "mail", message()) == [Deferred(f"{tmp_path}/mail: File exists", everyone=True)]


def test_what_cannot_be_stored_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "new" / "digest.ada.20260305@digest.example.org").mkdir(parents=True)

    assert send(tmp_path, message()) == [Deferred(f"{tmp_path}: Is a directory", everyone=True)]
    assert list((tmp_path / "tmp").iterdir()) == []
