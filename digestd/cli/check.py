"""`digestd check`: is all of the configuration right? Whatever a tick would refuse, this refuses; what looks odd, it notes."""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass

import typer

from digestd.cli.check_settings import password_is_elsewhere, remarks_on_settings
from digestd.cli.check_templates import faults_in_templates, remarks_on_templates
from digestd.cli.context import CONFIG, complain_of, context, counted, say, wait_for
from digestd.config import Complaint, ConfigTrouble, Places, Roster, Settings, parse_subscriber
from digestd.config.complaint import Place, complaint
from digestd.matching.corpus import Corpus
from digestd.matching.habits import Gravity
from digestd.matching.lint import ENOUGH, remarks
from digestd.model.paper import PaperId
from digestd.model.subscriber import Subscriber, SubscriberId
from digestd.pipeline.match import RECENT, examples
from digestd.ports import Clock
from digestd.wiring.cellar import has_database, load_roster, look
from digestd.wiring.origins import configured
from digestd.wiring.post import build_relay

_MOST_PAPERS = 10_000  # in which keywords are looked up
_MOST_NOTES = 100  # on readers, of which there may be thousands
_NOTES_EACH = 3  # at first, that one reader does not take the place of others


def check(ctx: typer.Context) -> None:
    """Read all configuration, and say what is wrong: file, line, key. Nothing is written."""
    places = context(ctx).places()
    roster = load_roster(places, {})
    faults = [*roster.complaints, *_faults(lambda: _try_relay(places)), *faults_in_templates(places)]
    complain_of(faults)
    if faults:
        raise typer.Exit(CONFIG)
    for remark in _remarks(places, roster, context(ctx).clock):
        say(f"note: {remark}", style="yellow")
    told = f"{counted(len(roster.subscribers), 'reader')}, {counted(len(places.settings.sources), 'source')}"
    say(f"{places.file}: {told}; all is well", style="green")


def _faults(attempt: Callable[[], None]) -> Sequence[Complaint]:
    try:
        attempt()
    except ConfigTrouble as trouble:
        return trouble.complaints
    return ()


def _try_relay(places: Places) -> None:
    """Ask what a delivery would ask of the mail server's settings, without a word to the server."""
    if places.settings.transport.kind != "smtp" or password_is_elsewhere(places.settings):
        return
    relay = build_relay(places)
    try:
        relay.tls()
        wait_for(relay.check())
    except ValueError as error:
        raise places.trouble("smtp.ca_file" if "ca_file" in str(error) else "smtp.security", str(error)) from error


def _remarks(places: Places, roster: Roster, clock: Clock) -> Iterator[str]:
    yield from remarks_on_settings(places)
    yield from remarks_on_templates(places)
    if not roster.subscribers:
        yield "no reader is configured: nobody is told"
    seen = _look(places, roster, clock)
    if seen.there and len(seen.recent.papers) < ENOUGH:
        papers = len(seen.recent.papers)
        count = f"{counted(papers, 'paper')} {'was' if papers == 1 else 'were'} seen in the last {RECENT.days} days"
        yield f"{count}, too few to say which keywords find too much or nothing"
    notes = [*_notes_on_sources(places.settings, roster), *_notes_on_entries(roster, seen)]
    yield from _told(sorted(notes, key=lambda one: one.gravity), places, roster)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the installation has seen: its papers of late, and which of readers' examples. *there* says if it has a database."""

    there: bool
    recent: Corpus
    known: Container[PaperId]


def _look(places: Places, roster: Roster, clock: Clock) -> _Seen:
    """Return what has been seen. Where there is no database yet, none is made."""
    if not has_database(places):
        return _Seen(there=False, recent=Corpus([]), known=())
    now = clock()
    with look(places, clock) as cellar:
        recent = Corpus(cellar.seen.sample(now - RECENT, now, _MOST_PAPERS))
        return _Seen(there=True, recent=recent, known=examples(roster.subscribers, cellar.seen))


@dataclass(frozen=True, slots=True)
class _Note:
    """Something odd at a *place* in a reader's file."""

    reader: Subscriber
    place: Place
    text: str
    gravity: Gravity


def _notes_on_sources(settings: Settings, roster: Roster) -> Iterator[_Note]:
    names = {source.name for source in configured(settings)} | {one.name for one in settings.sources}
    for reader in roster.subscribers:
        for number, profile in enumerate(reader.profiles):
            unknown = sorted(set(profile.sources) - names)
            gravity = Gravity.LESS_FOUND if len(unknown) < len(set(profile.sources)) else Gravity.NOTHING_SHOWN
            for one in unknown:
                text = f"no source is called {one!r}; `digestd sources` lists those there are"
                yield _Note(reader, ("profiles", number, "sources"), text, gravity)


def _notes_on_entries(roster: Roster, seen: _Seen) -> Iterator[_Note]:
    owners = [(reader, number) for reader in roster.subscribers for number in range(len(reader.profiles))]
    profiles = [reader.profiles[number] for reader, number in owners]
    for remark in remarks(profiles, seen.recent, RECENT.days, seen.known):
        reader, number = owners[remark.profile]
        yield _Note(reader, ("profiles", number, *remark.place), str(remark), remark.gravity)


def _told(notes: Sequence[_Note], places: Places, roster: Roster) -> Iterator[str]:
    """Yield some of many notes, each with file, line and key, and how many more there are."""
    files = _files(places, roster)
    for note in _some(notes):
        file, text = files[note.reader.id]
        yield str(complaint(file, text, note.place, note.text))
    if len(notes) > _MOST_NOTES:
        yield f"and {len(notes) - _MOST_NOTES:,} more on readers"


def _some(notes: Sequence[_Note]) -> Sequence[_Note]:
    """Return some of many notes, in their order: the first few of each reader, and more only where there is room."""
    of: Counter[SubscriberId] = Counter()
    first: list[int] = []
    later: list[int] = []
    for number, note in enumerate(notes):
        of[note.reader.id] += 1
        (first if of[note.reader.id] <= _NOTES_EACH else later).append(number)
    return [notes[number] for number in sorted([*first, *later][:_MOST_NOTES])]


def _files(places: Places, roster: Roster) -> dict[SubscriberId, tuple[str, str]]:
    """Return the file of each reader, and its text; they have been read just now, and are not read again."""
    found = {}
    for name, text in roster.good.items():
        file = f"{places.subscribers.name}/{name}"
        reader = parse_subscriber(text, file, places.settings.defaults)
        if isinstance(reader, Subscriber):
            found[reader.id] = file, text
    return found
