"""A private Postfix on loopback that delivers, and writes real reports about what it cannot deliver."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.ports import free_port, wait_for_port

_PROGRAM, _DAEMONS = Path("/usr/sbin/postfix"), Path("/usr/lib/postfix/sbin")
_MAIN = """\
compatibility_level = 3.6
queue_directory = {run}/queue
data_directory = {run}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
recipient_delimiter = +
virtual_mailbox_domains = example.org, bounces.example.org, lab.example.org
virtual_mailbox_maps = inline:{{reader@example.org=reader/, @bounces.example.org=bounces/, @lab.example.org=lab/}}
virtual_transport = {transport}
virtual_mailbox_base = {run}/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 1
smtpd_reject_unlisted_recipient = {refuses}
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = error:nothing leaves this machine
disable_dns_lookups = yes
smtp_host_lookup = native
maillog_file = {run}/log
maillog_file_prefixes = {run}
"""
_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
cleanup unix n - n - 0 cleanup
flush unix n - n 1000? 0 flush
pickup unix n - n 60 1 pickup
qmgr unix n - n 300 1 qmgr
postlog unix-dgram n - n - 1 postlogd
virtual unix - n n - - virtual
"""
_PLAIN = "rewrite=trivial-rewrite relay=smtp retry=error proxymap smtp lmtp error verify anvil discard"


@dataclass(frozen=True, slots=True)
class Postfix:
    """A server that knows reader@example.org, and takes everything at lab.example.org and at bounces.example.org."""

    port: int
    run: Path

    @property
    def bounces(self) -> Path:
        """Return the Maildir at bounces.example.org, once mail came."""
        return self.run / "mail" / "bounces"

    def start(self) -> None:
        self._tell("start")
        wait_for_port(self.port)

    def stop(self) -> None:
        self._tell("stop")

    def _tell(self, what: str) -> None:
        subprocess.run([str(_PROGRAM), "-c", f"{self.run}/etc", what], check=what == "start", capture_output=True, timeout=30)


@contextmanager
def postfix(lmtp: Path | None = None, *, refuses_strangers: bool = False) -> Iterator[Postfix]:
    """Run a server until the end, or skip the test where there can be none.

    It writes Maildirs itself, or hands all mail over at an *lmtp* socket.
    Strangers at example.org are taken and reported later, or refused when they are named.
    """
    if os.getuid() != 0 or not _PROGRAM.exists() or not _DAEMONS.exists():
        pytest.skip("needs Postfix, and root to start it")
    with TemporaryDirectory(prefix="postfix-", dir="/tmp") as name:
        run, port = Path(name), free_port()
        _furnish(run, port, f"lmtp:unix:{lmtp}" if lmtp else "virtual", "yes" if refuses_strangers else "no")
        server = Postfix(port, run)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _furnish(run: Path, port: int, transport: str, refuses: str) -> None:
    run.chmod(0o755)
    for folder, owner in (("etc", "root"), ("queue", "root"), ("data", "postfix"), ("mail", "nobody")):
        (run / folder).mkdir()
        shutil.chown(run / folder, owner)
    main = _MAIN.format(run=run, daemons=_DAEMONS, transport=transport, refuses=refuses)
    (run / "etc" / "main.cf").write_text(main, encoding="ascii")
    services = (one.partition("=") for one in _PLAIN.split())
    plain = "".join(f"{name} unix - - n - - {program or name}\n" for name, _, program in services)
    (run / "etc" / "master.cf").write_text(_SERVICES.format(port=port) + plain, encoding="ascii")
