"""A folder of TOML files, one a reader: subscribers and complaints. A broken file disables that reader alone."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError, field_validator, model_validator

from digestd.config.complaint import Complaint, Place, complaint, complaints, toml_complaint
from digestd.config.keys import Keys
from digestd.config.languages import ENGLISH, LanguageName
from digestd.config.units import Address, Count, Number, TimeOfDay, Timezone, TurnDay
from digestd.config.wording import said, unread
from digestd.matching.profile import compile_profile
from digestd.matching.query import QueryError
from digestd.model.paper import paper_id
from digestd.model.period import WEEKDAYS, Every, Schedule
from digestd.model.subscriber import Profile, Subscriber, SubscriberId

_WRITE = 'write an id such as "arXiv:2401.01234", "doi:10.1101/857789" or "pmid:38000001", or a link that holds one'
_MOST_PROFILES = 1000
_DAYS: Mapping[Every, str] = {
    "day": "take it away",
    "weekday": "take it away",
    "week": 'write "mon", "tue", "wed", "thu", "fri", "sat" or "sun"',
    "month": "write a number from 1 to 31",
}

Table = TypeVar("Table", bound=Keys)


class ScheduleKeys(Keys):
    """When a digest comes. `on` is a weekday's name for a week, a day of the month for a month."""

    every: Every = "day"
    at: TimeOfDay = Schedule().at
    timezone: Timezone = "UTC"
    on: TurnDay | None = None

    @model_validator(mode="after")
    def _fits(self) -> "ScheduleKeys":
        self._on()
        return self

    def schedule(self) -> Schedule:
        return Schedule(self.every, self.at, self.timezone, self._on())

    def _on(self) -> int:
        match self.every, self.on:
            case ("day" | "weekday", None):
                return 0
            case ("week", None):
                return 0
            case ("week", str(day)) if day in WEEKDAYS:
                return WEEKDAYS.index(day)
            case ("month", None):
                return 1
            case ("month", int(day)) if 1 <= day <= 31:
                return day
        raise ValueError(f"on = {said(self.on)} does not go with every = {said(self.every)}: {_DAYS[self.every]}")


class ProfileKeys(Keys):
    """A standing query."""

    name: str = Field(min_length=1, max_length=120)
    keywords: tuple[str, ...] = ()
    mute: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    dislike: tuple[str, ...] = ()
    min_score: Number | None = Field(default=None, ge=0)
    max_papers: Count | None = Field(default=None, ge=0)

    def profile(self) -> Profile:
        return Profile(**dict(self))


class SubscriberKeys(Keys):
    """A reader's file."""

    email: Address
    name: str = Field(default="", max_length=120)
    schedule: ScheduleKeys | None = None
    max_papers: Count | None = Field(default=None, ge=1)
    paused: bool = False
    language: LanguageName | None = None
    profiles: tuple[ProfileKeys, ...] = Field(min_length=1)

    @field_validator("profiles", mode="before")
    @classmethod
    def _are_not_too_many(cls, profiles: Any) -> Any:
        if isinstance(profiles, list) and len(profiles) > _MOST_PROFILES:
            raise ValueError(f"{len(profiles):,} profiles; a reader may have at most {_MOST_PROFILES:,}")
        return profiles


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where a reader's file is silent."""

    schedule: Schedule
    max_papers: int
    language: str = ENGLISH


@dataclass(frozen=True, slots=True)
class Roster:
    """The readers in force. *good* are the texts of the files that are right, by name."""

    subscribers: tuple[Subscriber, ...]
    complaints: tuple[Complaint, ...] = ()
    good: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One file as it was read: its text where it is right, the reader in force, and what is wrong with it."""

    file: str
    text: str
    good: bool
    reader: Subscriber | None
    complaints: tuple[Complaint, ...] = ()


def read_roster(folder: Path, defaults: Defaults, last_good: Mapping[str, str]) -> Roster:
    """Return the readers in *folder*; for a broken file its *last_good* text stays in force.

    Raises OSError when the folder itself cannot be read.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix == ".toml" and not path.name.startswith("."))
    readings = [_read(path, last_good.get(path.name), defaults) for path in files]
    first: dict[SubscriberId, _Reading] = {}
    for reading in readings:
        if reading.reader is not None:
            first.setdefault(reading.reader.id, reading)
    return Roster(
        subscribers=tuple(reading.reader for reading in first.values() if reading.reader is not None),
        complaints=tuple(_all_complaints(readings, first)),
        good={Path(reading.file).name: reading.text for reading in readings if reading.good},
    )


@lru_cache(maxsize=100_000)  # a daemon reads the folder at each tick, and files rarely change
def parse_subscriber(text: str, file: str, defaults: Defaults) -> Subscriber | tuple[Complaint, ...]:
    """Return the reader whom a file's text describes, or all that is wrong with it."""
    said = _toml(text, file)
    keys = _keys(SubscriberKeys, said, file, text) if isinstance(said, dict) else said
    if not isinstance(keys, SubscriberKeys):
        return tuple(keys)
    faults = (*_query_faults(keys.profiles, ("profiles",), file, text), *_example_faults(keys.profiles, file, text))
    return faults or _subscriber(keys, defaults)


def parse_profiles(text: str, file: str) -> tuple[Profile, ...] | list[Complaint]:
    """Return the profiles of a reader's file, or the one profile of a file that holds its keys alone.

    Here example papers may go by any id: they are looked up in a file of papers, whose ids are its own.
    """
    said = _toml(text, file)
    if not isinstance(said, dict):
        return said
    if "profiles" in said:
        reader = _keys(SubscriberKeys, said, file, text)
        if not isinstance(reader, SubscriberKeys):
            return reader
        faults = _query_faults(reader.profiles, ("profiles",), file, text)
        return faults or tuple(profile.profile() for profile in reader.profiles)
    alone = _keys(ProfileKeys, {"name": Path(file).stem} | said, file, text)
    if not isinstance(alone, ProfileKeys):
        return alone
    return _query_faults([alone], (), file, text) or (alone.profile(),)


def _toml(text: str, file: str) -> dict[str, Any] | list[Complaint]:
    """Return what a file says, or why it is not TOML that anybody writes by hand: nested too deep, endless numbers."""
    try:
        said = tomllib.loads(text)
        repr(said)  # what cannot be printed cannot be complained of
    except (RecursionError, ValueError) as error:
        return [toml_complaint(file, text, error)]
    return said


def _keys(model: type[Table], said: Mapping[str, Any], file: str, text: str) -> Table | list[Complaint]:
    """Return the keys that a file sets, or what is wrong with them."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        return complaints(error, model, file, text)


def _read(path: Path, last_good: str | None, defaults: Defaults) -> _Reading:
    file = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = parse_subscriber(text, file, defaults)
    except (OSError, UnicodeDecodeError) as error:
        text, found = "", (Complaint(file, None, "", f"cannot be read: {unread(error)}"),)
    if isinstance(found, Subscriber):
        return _Reading(file, text, good=True, reader=found)
    before = parse_subscriber(last_good, file, defaults) if last_good is not None else None
    return _Reading(file, text, good=False, reader=before if isinstance(before, Subscriber) else None, complaints=found)


def _all_complaints(readings: Sequence[_Reading], first: Mapping[SubscriberId, _Reading]) -> Iterator[Complaint]:
    for reading in readings:
        yield from reading.complaints
        if reading.reader is not None and (holder := first[reading.reader.id]) is not reading:
            problem = f"{reading.reader.email} is the reader of {holder.file} already; this file is left out"
            yield complaint(reading.file, reading.text, ("email",), problem)


def _query_faults(profiles: Sequence[ProfileKeys], above: Place, file: str, text: str) -> list[Complaint]:
    """Return what is wrong with the queries of *profiles*, which stand in a list at *above*, or at the top of the file."""
    return [
        complaint(file, text, (*above, *([number] if above else []), *place), str(error))
        for number, profile in enumerate(profiles)
        for place, error in _misunderstood(profile.profile())
    ]


def _misunderstood(profile: Profile) -> Iterator[tuple[Place, QueryError]]:
    """Yield each entry of a profile that cannot be understood, with its place: in nearly all profiles there is none."""
    if _fault(profile) is None:
        return
    for key in ("keywords", "mute", "authors"):
        for position, entry in enumerate(getattr(profile, key)):
            alone: dict[str, Any] = {key: (entry,)}
            if fault := _fault(Profile(profile.name, **alone)):
                yield (key, position), fault


def _fault(profile: Profile) -> QueryError | None:
    """Return the first of what cannot be understood."""
    try:
        compile_profile(profile)
    except QueryError as error:
        return error
    return None


def _example_faults(profiles: Sequence[ProfileKeys], file: str, text: str) -> Iterator[Complaint]:
    """Yield a complaint for each example of a reader's *profiles* that names no paper."""
    for number, profile in enumerate(profiles):
        for key in ("like", "dislike"):
            wrong = ((position, one) for position, one in enumerate(getattr(profile, key)) if paper_id(one) is None)
            for position, example in wrong:
                yield complaint(file, text, ("profiles", number, key, position), f"{said(example)} names no paper: {_WRITE}")


def _subscriber(keys: SubscriberKeys, defaults: Defaults) -> Subscriber:
    return Subscriber(
        email=keys.email,
        name=keys.name,
        schedule=keys.schedule.schedule() if keys.schedule else defaults.schedule,
        profiles=tuple(profile.profile() for profile in keys.profiles),
        max_papers=keys.max_papers or defaults.max_papers,
        paused=keys.paused,
        language=keys.language or defaults.language,
    )
