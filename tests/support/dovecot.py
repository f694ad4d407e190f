"""A private Dovecot on loopback, for tests of reading mail over IMAP."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.ports import free_port, wait_for_port

_PROGRAM = "/usr/sbin/dovecot"
_CONFIG = """\
base_dir = {run}/base
state_dir = {run}/state
log_path = {run}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{mail}
first_valid_uid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {run}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={run}/home
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A server with an account for each user, *bounces* alone at first, whose password is "tide ü"."""

    port: int
    maildir: Path


@contextmanager
def dovecot(maildirs: Path | None = None, users: Sequence[str] = ("bounces",)) -> Iterator[Dovecot]:
    """Run a server until the end, or skip the test where there can be none; users' mail may be in *maildirs*, by name."""
    if os.getuid() != 0 or not Path(_PROGRAM).exists():
        pytest.skip("needs Dovecot, and root to start it")
    with TemporaryDirectory(prefix="dovecot-", dir="/tmp") as name:  # a socket's path has at most 107 characters
        run, port = Path(name), free_port()
        run.chmod(0o755)
        for folder in ("mail/new", "mail/cur", "mail/tmp", "home"):
            (run / folder).mkdir(parents=True)
            shutil.chown(run / folder, "nobody")
        shutil.chown(run / "mail", "nobody")
        (run / "users").write_text("".join(f"{user}:tide ü\n" for user in users), encoding="utf-8")
        (run / "users").chmod(0o644)
        (run / "dovecot.conf").write_text(
            _CONFIG.format(run=run, port=port, mail=f"{maildirs}/%n" if maildirs else run / "mail"), encoding="utf-8"
        )
        server = subprocess.Popen([_PROGRAM, "-F", "-c", f"{run}/dovecot.conf"], stderr=subprocess.DEVNULL)
        try:
            wait_for_port(port)
            yield Dovecot(port, run / "mail")
        finally:
            server.terminate()
            server.wait(10)
