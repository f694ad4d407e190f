"""A private Dovecot, which takes mail over LMTP into Maildirs and hands it out over IMAP."""

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

_PROGRAM = Path("/usr/sbin/dovecot")
_NEEDED = [_PROGRAM, *(Path("/usr/lib/dovecot") / protocol for protocol in ("imap", "lmtp"))]
_CONFIG = """\
base_dir = {run}/base
state_dir = {run}/state
log_path = {run}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
auth_username_format = %Ln
mail_location = maildir:{run}/mail/%u
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
service lmtp {{
  user = nobody
  unix_listener {run}/lmtp {{
    mode = 0666
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
    """A server on whose *port* each user has the password "tide ü"; *lmtp* is a socket, and *mail* has a Maildir for each."""

    port: int
    lmtp: Path
    mail: Path


@contextmanager
def dovecot(users: Sequence[str]) -> Iterator[Dovecot]:
    """Run a server that knows *users*, at whatever domain, until the end; or skip the test where there can be none."""
    if os.getuid() != 0 or not all(path.exists() for path in _NEEDED):
        pytest.skip("needs Dovecot with its IMAP and LMTP, and root to start it")
    with TemporaryDirectory(prefix="dovecot-", dir="/tmp") as name:  # a socket's path has at most 107 characters
        run, port = Path(name), free_port()
        run.chmod(0o755)
        for folder in ("mail", "home"):
            (run / folder).mkdir()
            shutil.chown(run / folder, "nobody")
        (run / "users").write_text("".join(f"{user}:tide ü\n" for user in users), encoding="utf-8")
        (run / "users").chmod(0o644)
        (run / "dovecot.conf").write_text(_CONFIG.format(run=run, port=port), encoding="utf-8")
        server = subprocess.Popen([_PROGRAM, "-F", "-c", f"{run}/dovecot.conf"], stderr=subprocess.DEVNULL)
        try:
            wait_for_port(port)
            yield Dovecot(port, run / "lmtp", run / "mail")
        finally:
            _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    """End a server and all that it started, which does not outlive it."""
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
