"""The mail server, in a process that outlives its clients, and may be killed too."""

import subprocess
import sys
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Self

from tests.support.ports import free_port


class MailServer:
    """`tests.support.smtp` as a program. Each mail is in *log*, with its bytes, before it is answered."""

    def __init__(self, folder: Path, delay: float = 0.0) -> None:
        self.log, self.port, self.delay = folder / "mail.log", free_port(), delay
        self.log.touch()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.support.smtp", "--port", str(self.port), "--delay", str(self.delay)]
        command += ["--log", str(self.log), "--store", str(self.log.parent / "mails")]
        self._program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._said: Queue[str] = Queue()
        self._listening = Thread(target=self._listen, args=(self._program,), daemon=True)
        self._listening.start()
        assert self._said.get(timeout=20) == str(self.port)

    def kill(self) -> None:
        assert self._program.stdin is not None
        self._program.kill()
        self._program.wait()
        self._listening.join()
        self._program.stdin.close()

    def hold(self, step: str, before: int) -> None:
        """Hold the conversations that come to *step* after so many others."""
        self._tell(f"hold {step} {before}")

    def go(self) -> None:
        self._tell("go")

    def has_held(self) -> bool:
        """Say whether a conversation was held since this was asked last."""
        try:
            return self._said.get_nowait().startswith("held")
        except Empty:
            return False

    def lines(self) -> int:
        return self.log.read_bytes().count(b"\n")

    def _tell(self, words: str) -> None:
        assert self._program.stdin is not None
        self._program.stdin.write(f"{words}\n")
        self._program.stdin.flush()
        while self._said.get(timeout=20) != "so be it":
            """What was held until now is of no matter."""

    def _listen(self, program: "subprocess.Popen[str]") -> None:
        assert program.stdout is not None
        with program.stdout:
            for line in program.stdout:
                self._said.put(line.rstrip("\n"))
