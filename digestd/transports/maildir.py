"""The way out into a Maildir on this machine: to try things, or for a mail system that picks them up."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Self
from urllib.parse import quote

from digestd.model.delivery import Accepted, Deferred, Outcome
from digestd.model.digest import Message


class MaildirTransport:
    """Stores messages under *path* (https://cr.yp.to/proto/maildir.html), each once however often it is sent."""

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def send(self, message: Message, line: int = 0) -> Outcome:
        """Store *message* for good, and return how that ended."""
        try:
            stored = await asyncio.to_thread(self._store, message)
        except OSError as trouble:
            return Deferred(f"{self._path}: {trouble.strerror or trouble}", everyone=True)
        return Accepted(f"stored as {stored}")

    def _store(self, message: Message) -> Path:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self._path, *(self._path / name for name in ("tmp", "new", "cur"))):
            folder.mkdir(mode=0o700, exist_ok=True)
        stored = self._path / "new" / _name(message)
        descriptor, written = tempfile.mkstemp(dir=self._path / "tmp")
        try:
            _write(descriptor, message.content)
            Path(written).replace(stored)
        finally:
            Path(written).unlink(missing_ok=True)  # there only if something went wrong
        _sync_folder(stored.parent)
        return stored


def _name(message: Message) -> str:
    """Return the file's name: the same at every try, and with nothing in it that a path or Maildir reads."""
    return f"digest.{quote(message.message_id.strip('<>'), safe='@')}"


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
