"""Papers in their table: looked up by any of their names, written with them, and joined when two prove to be one."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, literal, select

from digestd.model.paper import Paper, PaperId
from digestd.model.shapes import paper_from_json, paper_to_json
from digestd.model.union import names as names_of
from digestd.storage.bulk import among, insert, put
from digestd.storage.catalogue import Catalogue
from digestd.storage.schema import appearances, names, papers, told

_NO_IDS = ("guid:", "link:", "title:")  # names that are never a paper's id


class Shelf:
    """The papers of a transaction that writes, and that makes its news *now*."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._documents: dict[PaperId, str] = {}
        self._known: set[PaperId] = set()

    def put(self, told: Sequence[Paper], old: AbstractSet[PaperId]) -> Sequence[PaperId]:
        """Store what records say, and return the id of the paper that each is of. A new one is news, unless it is *old*."""
        known_as = [names_of(paper) for paper in told]
        catalogue = self._look_up({name for names in known_as for name in names})
        placed = [catalogue.add(paper, names) for paper, names in zip(told, known_as, strict=True)]
        stored = [catalogue.heir(name) for name in placed]
        self._write(catalogue, {name for name, paper in zip(stored, told, strict=True) if paper.id not in old})
        return stored

    def write_news(self, ids: AbstractSet[PaperId]) -> AbstractSet[PaperId]:
        """Store that these papers are news, and return those that were not before."""
        known = ids & self._known
        query = papers.update().where(among(papers.c.id, known), papers.c.news_at.is_(None)).values(news_at=self._now)
        return (ids - known) | (set(self._connection.scalars(query.returning(papers.c.id))) if known else set())

    def _look_up(self, wanted: Collection[str]) -> Catalogue:
        """Return the papers that records with these names may be of."""
        owners = current_names(self._connection, wanted)
        self._documents = _documents(self._connection, {owner for owner in owners.values() if not owner.startswith(_NO_IDS)})
        self._known = set(self._documents)
        found = {name: read_paper(document) for name, document in self._documents.items()}
        return Catalogue(found, {name: PaperId(owner) for name, owner in owners.items() if owner in found})

    def _write(self, catalogue: Catalogue, news: AbstractSet[PaperId]) -> None:
        """Store what *catalogue* has come to say; a paper that another absorbed leaves it all that it had."""
        at = self._now
        rows = [(name, at, at if name in news else None, document) for name, document in self._changed(catalogue)]
        put(self._connection, papers, rows, renew=["document"])
        for old in catalogue.heirs.keys() & self._documents.keys():
            _hand_over(self._connection, old, heir := catalogue.heir(old), is_new=heir not in self._known)
            self._known.add(heir)
        named = [(name, owner) for name, owner in catalogue.named.items() if name != owner]
        put(self._connection, names, named, renew=["paper"])

    def _changed(self, catalogue: Catalogue) -> Iterator[tuple[PaperId, str]]:
        for name, paper in catalogue.papers.items():
            document = write_paper(paper)
            if self._documents.get(name) != document:
                yield name, document


def current_names(connection: Connection, wanted: Collection[str]) -> dict[str, str]:
    """Return the id of the paper that goes by each name now: the name itself, unless another paper answers to it."""
    current = {name: name for name in wanted}
    while owners := _owners(connection, set(current.values())):
        current = {name: owners.get(owner, owner) for name, owner in current.items()}
    return current


def read_papers(connection: Connection, ids: Iterable[str]) -> dict[str, Paper]:
    """Return the papers with these ids; unknown ids are left out."""
    return {name: read_paper(document) for name, document in _documents(connection, ids).items()}


def read_paper(document: str) -> Paper:
    """Return the paper of a stored document."""
    return paper_from_json(orjson.loads(document))


def write_paper(paper: Paper) -> str:
    """Return the document of *paper*, without the names that have a table of their own."""
    return orjson.dumps(paper_to_json(paper)).decode()


def _owners(connection: Connection, wanted: Collection[str]) -> dict[str, str]:
    return {row.name: row.paper for row in connection.execute(select(names).where(among(names.c.name, wanted)))}


def _documents(connection: Connection, ids: Iterable[str]) -> dict[PaperId, str]:
    query = select(papers.c.id, papers.c.document).where(among(papers.c.id, ids))
    return {row.id: row.document for row in connection.execute(query)}


def _hand_over(connection: Connection, old: PaperId, heir: PaperId, *, is_new: bool) -> None:
    """Give all that is known of *old* to its heir, which may be but a new name, and forget it.

    Who was told of either was told of the paper. It became news when the later of them did: no reader's window misses it.
    """
    both = select(func.min(papers.c.first_at), func.max(papers.c.news_at))
    ids = [old] if is_new else [old, heir]
    first_at, news_at = connection.execute(both.where(papers.c.id.in_(ids))).one()
    connection.execute(papers.update().where(papers.c.id == heir).values(first_at=first_at, news_at=news_at))
    for table in (appearances, told):
        columns: list[Any] = [literal(heir) if column.name == "paper" else column for column in table.c]
        copied = select(*columns).where(table.c.paper == old)
        copy = insert(connection, table).from_select([column.name for column in table.c], copied)
        connection.execute(copy.on_conflict_do_nothing())
        connection.execute(table.delete().where(table.c.paper == old))
    connection.execute(papers.delete().where(papers.c.id == old))
