"""What `digestd doctor` looks at on this machine: the database, the state folder, the templates."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from digestd.cli.check_templates import faults_in_templates, remarks_on_templates
from digestd.cli.doctor_finding import Finding
from digestd.config import ConfigTrouble, Places
from digestd.ports import Clock, DatabaseTrouble
from digestd.storage.migrations import version_of
from digestd.wiring.cellar import has_database, look

_FULL, _SCARCE = 100_000_000, 1_000_000_000  # bytes


def database(places: Places, clock: Clock) -> Iterator[Finding]:
    """Yield whether the database opens."""
    try:
        if not has_database(places):
            yield Finding("ok", "database", f"{places.database} is not made yet", "the first tick makes it")
            return
        with look(places, clock) as cellar:
            size, version = cellar.database.size(), version_of(cellar.database)
        yield Finding("ok", "database", f"{places.database} opens: schema {version}, {size / 1e6:,.1f} MB")
    except DatabaseTrouble as trouble:
        yield Finding("fail", "database", str(trouble).removeprefix("database "))


def state(places: Places) -> Iterator[Finding]:
    """Yield whether the folder of what digestd writes can be used, and has room."""
    folder = places.state
    if not folder.exists():
        yield _unmade(folder)
        return
    yield from _rights(folder)
    free = shutil.disk_usage(folder).free
    told = f"{folder} has {free / 1e9:,.1f} GB free"
    if free < _SCARCE:
        yield Finding("fail" if free < _FULL else "warn", "disk", told, "free some space, or shorten [retention]")
    else:
        yield Finding("ok", "disk", told)


def _unmade(folder: Path) -> Finding:
    above = next(one for one in folder.parents if one.exists())
    if os.access(above, os.W_OK | os.X_OK):
        return Finding("ok", "state", f"{folder} is not made yet", "the first tick makes it")
    return Finding("fail", "state", f"{folder} is not there and we may not make it", f"make it, or let us write into {above}")


def _rights(folder: Path) -> Iterator[Finding]:
    found, us = folder.stat(), os.geteuid()
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("fail", "state", f"{folder} cannot be written by us", "run this as the user of the daemon, or `chown` it")
    elif found.st_uid != us:
        yield Finding("warn", "state", f"{folder} belongs to user {found.st_uid}", "run this as the user of the daemon")
    elif open_files := [path.name for path in _secrets(folder) if path.stat().st_mode & 0o077]:
        yield Finding("warn", "state", f"others may read {', '.join(open_files)}", f"`chmod go= {folder}/*`")
    else:
        yield Finding("ok", "state", f"{folder} is ours, and nobody else reads it")


def _secrets(folder: Path) -> Iterator[Path]:
    if folder.stat().st_mode & 0o011:  # others come in
        yield from (path for path in sorted(folder.iterdir()) if path.suffix in {".db", ".key"})


def templates(places: Places) -> Iterator[Finding]:
    """Yield what is wrong with the templates."""
    try:
        if faults := faults_in_templates(places):
            yield from (Finding("fail", "templates", str(fault)) for fault in faults)
            return
        if remarks := [*remarks_on_templates(places)]:
            yield from (Finding("warn", "templates", remark) for remark in remarks)
            return
    except ConfigTrouble as trouble:
        yield Finding("fail", "templates", str(trouble))
        return
    own = f", those in {places.own_templates} over the built-in ones" if places.own_templates else ""
    yield Finding("ok", "templates", f"they make digests of every kind{own}")
