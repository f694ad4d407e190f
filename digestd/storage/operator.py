"""What the operator sees of the outbox and decides about it (the port Operator)."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, literal_column, or_, select

from digestd.model.delivery import UNRENDERED
from digestd.model.digest import DigestKey
from digestd.model.operator import Decided, InState, Receipt, Waiting, Which
from digestd.model.paper import PaperId
from digestd.model.records import Attempt, QueueEntry, State
from digestd.model.subscriber import SubscriberId
from digestd.storage import documents
from digestd.storage.bulk import among, given, put
from digestd.storage.engine import Database
from digestd.storage.marks import RESTORED
from digestd.storage.outbox import key_of
from digestd.storage.records import attempt_of, digests, entry_of, is_in_doubt, tries
from digestd.storage.schema import attempts, marks, outbox, pauses, suppressions, told
from digestd.storage.settling import turns_are_one
from digestd.storage.shelf import current_names, read_papers

_TOO_OLD = timedelta(days=31)  # what failed so long ago is no news, and its reader may be gone
_KEPT_BACK = (
    (pauses, "is for a reader who is paused (`digestd subscribers resume` first)"),
    (suppressions, "is for a reader who is suppressed (`digestd subscribers restore` first)"),
)
_Said = dict[DigestKey, str]


@dataclass(frozen=True, slots=True)
class _Verb:
    """What a decision looks at, and what it makes of a digest: one that is *due* has its turn at once."""

    takes: tuple[State, ...]
    state: State
    due: bool = False


_HOLD = _Verb(("queued", "sending"), "held")
_RELEASE = _Verb(("held",), "queued", due=True)
_RETRY = _Verb(("queued", "failed", "sending"), "queued", due=True)
_DROP = _Verb(("queued", "held", "sending"), "dropped")


class OperatorStore:
    """The port Operator on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def digests(self, which: Which, limit: int | None = None) -> tuple[Sequence[QueueEntry], int]:
        chosen = _chosen(which)
        with self._database.reading() as connection:
            rows = connection.execute(_newest_first().where(*chosen).limit(limit)).all()
            count = select(func.count()).select_from(outbox).where(*chosen)
            more = (connection.scalar(count) or 0) - len(rows) if len(rows) == limit else 0
        return [entry_of(row) for row in rows], more

    def receipts(self, who: SubscriberId, since: datetime | None = None, limit: int | None = None) -> Sequence[Receipt]:
        lately = [outbox.c.composed_at >= since] if since else []
        tried = tries().where(attempts.c.subscriber == who).order_by(attempts.c.number.desc())
        with self._database.reading() as connection:
            rows = connection.execute(_newest_first().where(outbox.c.subscriber == who, *lately).limit(limit)).all()
            entries = [entry_of(row) for row in rows]
            titles = _titles(connection, {match.paper for entry in entries for match in entry.digest.shown})
            found: dict[DigestKey, list[Attempt]] = {}
            for row in connection.execute(tried):
                found.setdefault(key_of(row), []).append(attempt_of(row))
        return [_receipt(entry, titles, found.get(entry.digest.key, ())) for entry in entries]

    def attempts(self, since: datetime | None = None, limit: int | None = None) -> Sequence[Attempt]:
        query = tries().order_by(attempts.c.started_at.desc(), attempts.c.subscriber.desc(), attempts.c.number.desc())
        if since is not None:
            query = query.where(attempts.c.started_at >= since)
        with self._database.reading() as connection:
            return [attempt_of(row) for row in reversed(connection.execute(query.limit(limit)).all())]

    def states(self) -> Mapping[str, InState]:
        each = select(outbox.c.state, func.count().label("digests"), func.min(outbox.c.composed_at).label("oldest"))
        with self._database.reading() as connection:
            rows = connection.execute(each.group_by(outbox.c.state).order_by(outbox.c.state))
            return {row.state: InState(row.digests, row.oldest) for row in rows}

    def unrendered(self) -> Sequence[tuple[str, int]]:
        count, is_put_off = func.count(), outbox.c.last_reply.startswith(UNRENDERED, autoescape=True)
        query = select(outbox.c.last_reply, count).where(outbox.c.state == "queued", is_put_off).group_by(outbox.c.last_reply)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(count.desc(), outbox.c.last_reply)).all()
        return [(reply.removeprefix(UNRENDERED), digests) for reply, digests in rows]

    def in_doubt(self) -> int:
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(outbox).where(is_in_doubt())) or 0

    def waiting(self) -> Waiting:
        under_way = outbox.c.state.in_([literal_column("'queued'"), literal_column("'sending'")])  # as the index says it
        query = select(func.count().label("digests"), func.min(outbox.c.next_at).label("next_at")).where(under_way)
        with self._database.reading() as connection:
            row = connection.execute(query).one()
        return Waiting(row.digests, row.next_at)

    def hold(self, which: Which, now: datetime) -> Sequence[Decided]:
        return self._decide(_HOLD, which, now)

    def release(self, which: Which, now: datetime) -> Sequence[Decided]:
        return self._decide(_RELEASE, which, now)

    def retry(self, which: Which, now: datetime) -> Sequence[Decided]:
        return self._decide(_RETRY, which, now)

    def drop(self, which: Which, now: datetime) -> Sequence[Decided]:
        return self._decide(_DROP, which, now)

    def _decide(self, verb: _Verb, which: Which, now: datetime) -> Sequence[Decided]:
        """Do as the operator says with all digests that allow it, and say of each what became of it."""
        looked_at = [*_chosen(which), outbox.c.state.in_(verb.takes)]
        with self._database.writing() as connection:
            rows = connection.execute(_newest_first().where(*looked_at).with_for_update()).all()
            refused = _refused(connection, verb, rows, now)
            _change(connection, [row for row in rows if key_of(row) not in refused], verb, now)
            if which.are_all and verb in {_RELEASE, _DROP}:
                connection.execute(marks.delete().where(marks.c.name == RESTORED))
            changed = _read_again(connection, [key_of(row) for row in rows])
        return [Decided(entry_of(changed[key_of(row)]), refused.get(key_of(row))) for row in rows]


def _newest_first() -> Any:
    return digests().order_by(outbox.c.composed_at.desc(), outbox.c.subscriber, outbox.c.period)


def _chosen(which: Which) -> list[ColumnElement[bool]]:
    readers = [] if which.readers is None else [among(outbox.c.subscriber, which.readers)]
    return readers + ([outbox.c.state == which.state] if which.state else [])


def _titles(connection: Connection, ids: AbstractSet[PaperId]) -> Mapping[str, str]:
    """Return the titles of papers, by the ids that they had when they were told."""
    current = current_names(connection, ids)
    found = read_papers(connection, set(current.values()))
    return {name: found[heir].title for name, heir in current.items() if heir in found}


def _receipt(entry: QueueEntry, titles: Mapping[str, str], tries: Sequence[Attempt]) -> Receipt:
    return Receipt(entry, [(match.paper, titles.get(match.paper, "")) for match in entry.digest.shown], tries)


def _refused(connection: Connection, verb: _Verb, rows: Sequence[Row[Any]], now: datetime) -> _Said:
    """Return the digests that stay as they are, and why. A lease that ran out is no delivery: who held it has died."""
    refused = {key_of(row): "is being sent" for row in rows if row.state == "sending" and row.next_at > now}
    if verb is _RETRY:
        died_on = [row for row in rows if row.state == "sending" and row.next_at <= now]
        refused |= {key_of(row): "may have arrived; the next delivery sends or holds it" for row in died_on}
        refused |= {key_of(row): "is due already" for row in rows if row.state == "queued" and row.next_at <= now}
        refused = _kept_back(connection, rows, now) | refused
        failed = [row for row in rows if row.state == "failed" and key_of(row) not in refused]
        old = {key_of(row): "is too old to be news" for row in failed if row.composed_at < now - _TOO_OLD}
        refused |= old | _take_papers(connection, [row for row in failed if key_of(row) not in old])
    return refused


def _kept_back(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> _Said:
    """Return the digests of readers who may not be mailed now, and why."""
    readers, said = {row.subscriber for row in rows}, _Said()
    for table, why in _KEPT_BACK:
        holds = among(table.c.subscriber, readers), or_(table.c.until.is_(None), table.c.until > now)
        away = set(connection.scalars(select(table.c.subscriber).where(*holds)))
        said |= {key_of(row): why for row in rows if row.subscriber in away}
    return said


def _take_papers(connection: Connection, rows: Sequence[Row[Any]]) -> _Said:
    """Let failed digests tell their papers again; return those that cannot, for another digest tells some."""
    tells = {key_of(row): documents.read(key_of(row), row.message_id, row.document).tells for row in rows}
    current = current_names(connection, {paper for papers in tells.values() for paper in papers})
    pairs = {(key.subscriber, current[paper]): key for key, papers in tells.items() for paper in papers}
    teller = _tellers(connection, pairs)
    taken: _Said = {}
    for key, papers in tells.items():
        mine = {(key.subscriber, current[paper]) for paper in papers}
        others = {teller[pair] for pair in mine if teller.get(pair, key.period) != key.period}
        if others:
            taken[key] = f"gave its papers to {min(others)}"
            continue
        put(connection, told, [(who, paper, key.period) for who, paper in sorted(mine)])
        teller |= dict.fromkeys(mine, key.period)
    return taken


def _tellers(connection: Connection, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the period whose digest tells a reader a paper, where one does."""
    asked = given((told.c.subscriber, told.c.paper), pairs)
    same = (told.c.subscriber == asked.c.subscriber) & (told.c.paper == asked.c.paper)
    return {(row.subscriber, row.paper): row.period for row in connection.execute(select(told).join(asked, same))}


def _change(connection: Connection, rows: Sequence[Row[Any]], verb: _Verb, now: datetime) -> None:
    mine = _turns(map(key_of, rows))
    values = {"state": verb.state, "next_at": now if verb.due else None}
    connection.execute(outbox.update().where(turns_are_one(outbox, mine)).values(values))


def _read_again(connection: Connection, keys: Sequence[DigestKey]) -> Mapping[DigestKey, Row[Any]]:
    mine = _turns(keys)
    return {key_of(row): row for row in connection.execute(digests().join(mine, turns_are_one(outbox, mine)))}


def _turns(keys: Iterable[DigestKey]) -> Any:
    return given((outbox.c.subscriber, outbox.c.period), [(key.subscriber, key.period) for key in keys])
