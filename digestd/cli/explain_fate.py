"""What became of a paper for one reader, or what will, sentence by sentence."""

from collections.abc import Iterator

from digestd.cli.context import when
from digestd.model.digest import Digest
from digestd.model.paper import PaperId
from digestd.model.records import QueueEntry
from digestd.model.subscriber import Subscriber
from digestd.pipeline.compose import Turn, draft, upcoming_turns
from digestd.pipeline.health import healths
from digestd.pipeline.match import examples
from digestd.wiring.house import House


def fate(house: House, reader: Subscriber, paper: PaperId) -> Iterator[str]:
    """Yield when the paper became news, whether the reader was told of it, and what else stands in its way."""
    yield _news(house, paper)
    past = [*_tellings(house, reader, paper)]
    yield from (_telling(entry, name) for entry, name in past)
    if all(entry.state == "failed" for entry, _ in past):
        if _counts_as_told(house, reader, paper):
            yield "It may have arrived, so it is not told again" if past else "Told in a digest that is not on record any more"
        else:
            yield f"Not told to {reader.email} so far: {_untold(house, reader, paper)}"
    if reader.paused:
        yield f"{reader.email} is paused or suppressed, as `digestd subscribers` says: nothing is composed"
    yield from _troubles(house)


def _tellings(house: House, reader: Subscriber, paper: PaperId) -> Iterator[tuple[QueueEntry, PaperId]]:
    """Yield the digests that told a paper, and the name that it had then."""
    entries = house.records.queue(reader.id)
    heirs = house.seen.papers(frozenset().union(*(entry.digest.tells for entry in entries)))
    names = {paper, *(name for name, heir in heirs.items() if heir.id == paper)}
    for entry in entries:
        yield from ((entry, name) for name in entry.digest.tells if name in names)


def _telling(entry: QueueEntry, name: PaperId) -> str:
    digest = entry.digest
    turn = f"{digest.key.period} ({entry.state}), composed {when(entry.composed_at)}: {_place(digest, name)}"
    return f"In {turn}; {entry.last_reply}" if entry.state == "failed" else f"Told in {turn}"


def _counts_as_told(house: House, reader: Subscriber, paper: PaperId) -> bool:
    seen = house.records.first_seen(paper)
    news_at = seen.news_at if seen else None
    return news_at is not None and paper in house.seen.told([reader.id], news_at).get(reader.id, ())


def _news(house: House, paper: PaperId) -> str:
    seen = house.records.first_seen(paper)
    if seen is None or seen.news_at is None:
        why = "it was old at its source's first poll, came as a new version or a cross-list, or was looked up as an example"
        return f"Back catalogue, which is never mailed: {why}"
    return f"News since {when(seen.news_at)}"


def _untold(house: House, reader: Subscriber, paper: PaperId) -> str:
    """Return the place that a paper would have in the next digest, or why it has none."""
    if paper in {one.id for one in examples([reader], house.seen).values()}:
        return "named as an example, and examples are no news"
    seen = house.records.first_seen(paper)
    if seen is None or seen.news_at is None:
        return "it is no news"
    (turn,) = upcoming_turns([reader], house.outbox, house.rules, house.clock())
    if seen.news_at < turn.since:
        return f"older than the next digest looks, which begins at {when(turn.since)}"
    if seen.news_at >= turn.until:
        return f"{turn.key.period} ended before it came; it has its place in the digest after that"
    digest = _drafted(house, turn)
    if paper not in digest.tells:
        return f"it has no place in {turn.key.period}, for no profile wants it"
    return f"in {turn.key.period}, were it composed now, {_place(digest, paper)}"


def _drafted(house: House, turn: Turn) -> Digest:
    readers, now = house.readers().subscribers, house.clock()
    ((_, digest),) = (one for some in draft([turn], readers, house.seen, house.rules, now) for one in some)
    return digest


def _place(digest: Digest, paper: PaperId) -> str:
    """Return where a digest tells a paper: `shown for “Tides”, place 3 of 14, of which 10 are shown`."""
    for section in digest.sections:
        shown = [match.paper for match in section.shown]
        papers = [*shown, *section.overflow]
        if paper in papers:
            place = (
                f"place {papers.index(paper) + 1} of {len(papers)}, of which {len(shown)} {'is' if len(shown) == 1 else 'are'}"
            )
            how = "shown for" if paper in shown else "over the limit and only counted for"
            return f"{how} “{section.profile}”, {place} shown"
    return "counted as hidden by a mute"


def _troubles(house: House) -> Iterator[str]:
    states, sources = house.seen.sources(), house.sources()
    for name, health in healths(sources, states, house.clock()).items():
        if health in {"failing", "stale"}:
            yield f"The source {name} is {health}: {states[name].last_error or 'it announced nothing new when it was due'}"
