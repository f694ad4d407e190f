"""The readers, how each stands, and all that is on record of one."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import typer

from digestd.cli.context import chosen, when
from digestd.config import Roster, parse_subscriber
from digestd.model.period import Rescheduled
from digestd.model.records import Attempt, QueueEntry
from digestd.model.shapes import instant
from digestd.model.standing import FORGOTTEN, Suppression, Suppressions
from digestd.model.subscriber import Readers, Subscriber, SubscriberId
from digestd.wiring.cellar import Cellar, load_roster

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Register:
    """The readers in force, with the schedules that they chose, the names of their files, and how each stands now."""

    roster: Roster
    files: Mapping[SubscriberId, str]
    texts: Mapping[str, str]
    suppressions: Suppressions
    paused: Mapping[SubscriberId, datetime | None]
    choosers: AbstractSet[SubscriberId]

    def find(self, email: str) -> Subscriber:
        """Return the reader at *email*. Raises typer.BadParameter for a stranger."""
        return chosen(Readers(self.roster.subscribers, tuple(map(str, self.roster.complaints))), [email])[0]

    def why_unknown(self, email: str) -> str:
        """Return that no reader is at *email*, and who may be meant; an empty text where one is."""
        try:
            self.find(email)
        except typer.BadParameter as stranger:
            return stranger.message
        return ""

    def suppressed(self) -> Mapping[SubscriberId, Suppression]:
        """Return the suppressions by address, of which those who were forgotten have none."""
        found = sorted(self.suppressions.by_reader.items())
        return {SubscriberId(who): suppression for who, suppression in found if not who.startswith(FORGOTTEN)}

    def shapes(self) -> Sequence[Shape]:
        """Return how each reader stands, and then the suppressed addresses that no reader has."""
        return [*map(self.shape, self.roster.subscribers), *(_stranger(*one) for one in self._strangers())]

    def rows(self) -> Sequence[tuple[str, ...]]:
        strangers = ((who, "", "suppressed", _told(_why(one), one.until), "", "", "") for who, one in self._strangers())
        return [*map(self.row, self.roster.subscribers), *strangers]

    def shape(self, reader: Subscriber) -> Shape:
        state, why, until = self._state(reader)
        return {
            "email": reader.email,
            "name": reader.name,
            "state": state,
            "why": why,
            "until": instant(until),
            "schedule": asdict(reader.schedule) | {"at": f"{reader.schedule.at:%H:%M}"},
            "schedule_by": "reader" if reader.id in self.choosers else "file",
            "profiles": [profile.name for profile in reader.profiles],
            "file": self.files.get(reader.id),
        }

    def standing(self, reader: Subscriber) -> str:
        """Return how a reader stands: `paused until 2026-03-08 00:00 UTC`."""
        state, why, until = self._state(reader)
        return f"{state}{f' until {when(until)}' if until else ''}{f' ({why})' if why else ''}"

    def row(self, reader: Subscriber) -> tuple[str, ...]:
        state, why, until = self._state(reader)
        profiles = ", ".join(profile.name for profile in reader.profiles)
        file = self.files.get(reader.id, "")
        return reader.email, reader.name, state, _told(why, until), self._when(reader), profiles, file

    def _state(self, reader: Subscriber) -> tuple[str, str, datetime | None]:
        """Return in a word how a reader stands, why, and until when."""
        if suppression := self.suppressions.of(reader.id):
            return "suppressed", _why(suppression), suppression.until
        if reader.paused:
            return "paused", "paused = true in the file", None
        if reader.id in self.paused:
            until = self.paused[reader.id]
            return "paused", "" if until else "by command", until  # one that ends may be the reader's own
        return "in force", "", None

    def _when(self, reader: Subscriber) -> str:
        """Return when digests come: `every Friday at 07:30, Europe/Berlin`."""
        schedule = reader.schedule
        turn = {"week": _DAYS[schedule.on % 7], "month": f"month on day {schedule.on}"}.get(schedule.every, schedule.every)
        own = ", as the reader chose" if reader.id in self.choosers else ""
        return f"every {turn} at {schedule.at:%H:%M}, {schedule.timezone}{own}"

    def _strangers(self) -> Iterator[tuple[SubscriberId, Suppression]]:
        readers = {reader.id for reader in self.roster.subscribers}
        return ((who, suppression) for who, suppression in self.suppressed().items() if who not in readers)


def read_register(cellar: Cellar) -> Register:
    """Return the readers, and how each stands now. Raises ConfigTrouble."""
    roster = load_roster(cellar.places, known := cellar.records.subscriber_files())
    texts = {**known, **roster.good}
    now, chosen = cellar.clock(), cellar.standing.rescheduled()
    roster = replace(roster, subscribers=tuple(one.timed(chosen.get(one.id)) for one in roster.subscribers))
    choosers = {who for who, one in chosen.items() if one.is_in_force}
    suppressions, paused = cellar.standing.suppressions(now), cellar.standing.paused(now)
    return Register(roster, _files(cellar, texts), texts, suppressions, paused, choosers)


def everybody(cellar: Cellar, register: Register) -> Sequence[SubscriberId]:
    """Return all of whom anything is stored: a file, digests, a suppression, a schedule."""
    stored = cellar.standing.mailed() | cellar.standing.rescheduled().keys()
    return sorted(register.files.keys() | register.suppressed().keys() | stored)


def everything(cellar: Cellar, register: Register, who: SubscriberId) -> Shape:
    """Return all that is stored of a reader."""
    kept, file, suppression = cellar.standing.kept(who), register.files.get(who), register.suppressions.of(who)
    return {
        "subscriber": who,
        "file": {"name": file, "text": register.texts[file]} if file else None,
        "suppression": _suppression(suppression) if suppression else None,
        "pause": {"until": instant(kept.paused_until)} if kept.paused else None,
        "schedule": _rescheduled(kept.rescheduled) if kept.rescheduled else None,
        "bounces": asdict(kept.score) | {"first_at": instant(kept.score.first_at), "last_at": instant(kept.score.last_at)}
        if kept.score
        else None,
        "digests": [_digest(entry) for entry in cellar.records.queue(who)],
        "told": [{"paper": paper, "period": period} for paper, period in kept.told],
        "attempts": [_attempt(attempt, cellar.clock()) for attempt in cellar.records.attempts(who)],
    }


def _stranger(who: SubscriberId, suppression: Suppression) -> Shape:
    standing = {"state": "suppressed", "why": _why(suppression), "until": instant(suppression.until)}
    return {"email": who, "name": "", **standing, "schedule": None, "schedule_by": None, "profiles": [], "file": None}


def _why(suppression: Suppression) -> str:
    return " ".join(filter(None, (suppression.reason, suppression.note)))


def _told(why: str, until: datetime | None) -> str:
    return ", ".join(filter(None, (why, f"until {when(until)}" if until else "")))


def _files(cellar: Cellar, texts: Mapping[str, str]) -> Mapping[SubscriberId, str]:
    """Return the name of the file that each reader's words stand in: the first, where there are two."""
    folder, found = cellar.places.subscribers.name, dict[SubscriberId, str]()
    for file, text in sorted(texts.items()):
        reader = parse_subscriber(text, f"{folder}/{file}", cellar.settings.defaults)
        if isinstance(reader, Subscriber):
            found.setdefault(reader.id, file)
    return found


def _suppression(suppression: Suppression) -> Shape:
    return asdict(suppression) | {"since": instant(suppression.since), "until": instant(suppression.until)}


def _rescheduled(chosen: Rescheduled) -> Shape:
    at = f"{chosen.own.at:%H:%M}" if chosen.own.at is not None else None
    return {"since": instant(chosen.since)} | asdict(chosen.own) | {"at": at}


def _digest(entry: QueueEntry) -> Shape:
    digest = entry.digest
    return {
        "period": digest.key.period,
        "state": entry.state,
        "email": digest.email,
        "name": digest.name,
        "composed_at": instant(entry.composed_at),
        "message_id": digest.message_id,
        "papers": [match.paper for match in digest.shown],
        "last_reply": entry.last_reply,
    }


def _attempt(attempt: Attempt, now: datetime) -> Shape:
    return {
        "period": attempt.key.period,
        "attempt": attempt.number,
        "started_at": instant(attempt.started_at),
        "ended_at": instant(attempt.ended_at),
        "outcome": attempt.ending(now),
        "reply": attempt.reply,
    }
