"""What systemd is told of the daemon's life: sd_notify(3), which is one datagram to a socket."""

import contextlib
import os
import socket
from datetime import timedelta

_PATIENCE = 1.0  # seconds that a notice may hold us up


def ready() -> None:
    """Say that the daemon does its work from now on."""
    notify("READY=1")


def stopping() -> None:
    """Say that the daemon is on its way out."""
    notify("STOPPING=1")


def status(text: str) -> None:
    """Show *text* in `systemctl status`."""
    notify(f"STATUS={' '.join(text.split())}")


def watchdog() -> None:
    """Say that the daemon is alive."""
    notify("WATCHDOG=1")


def watchdog_interval() -> timedelta | None:
    """Return how often to say that we are alive, half of what is allowed (sd_watchdog_enabled(3)); None if nobody asks."""
    allowed = os.environ.get("WATCHDOG_USEC", "")
    asked = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return timedelta(microseconds=int(allowed)) / 2 if asked and allowed.isdecimal() and int(allowed) else None


def notify(state: str) -> None:
    """Send *state* to the service manager, if one listens. A notice that gets lost never costs a digest."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.settimeout(_PATIENCE)
        line.sendto(state.encode(errors="replace"), _address(address))


def _address(text: str) -> str:
    """Return what the kernel calls a socket: an abstract one begins with a zero byte instead of "@"."""
    return text.replace("@", "\0", 1) if text.startswith("@") else text
