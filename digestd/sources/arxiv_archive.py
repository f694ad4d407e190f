"""arXiv's API asked for papers by id, https://info.arxiv.org/help/api/user-manual.html#id_list-v-search_query.

A sound id that no paper has is left out of the answer; a malformed one may spoil the whole of it, so such an answer is asked
for again in halves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from urllib.parse import quote

from digestd.model.paper import Paper, PaperId
from digestd.model.source import Cursor, Failed
from digestd.sources.arxiv_api import SERVICE, Rows, page
from digestd.sources.arxiv_paper import TURN
from digestd.sources.document import Body, Client, SourceSettings, answered

_PREFIX = "arXiv:"
_REQUESTS = 40  # of one look-up: two malformed ids among a hundred take 27
_MANY = 10  # so many ids that readers wrote are not all wrong


def archive(entries: Sequence[SourceSettings], web: Client) -> "ArxivArchive":
    """Return arXiv's archive: at the address that the first of its sources with a `url` is asked at, else the public one."""
    given = next((one for one in entries if one.kind in {"arxiv", "arxiv_api"} and one.url), None)
    if given is None:
        return ArxivArchive(web)
    return ArxivArchive(web, (given.url or "").rstrip("/"), allow_private=given.allow_private)


@dataclass(frozen=True, slots=True)
class ArxivArchive:
    """The port Archive on arXiv's API."""

    web: Client
    service: str = SERVICE
    allow_private: bool = False

    @property
    def name(self) -> str:
        return "(arXiv, by id)"  # no source may be called so

    def keeps(self, paper: PaperId) -> bool:
        return paper.startswith(_PREFIX)

    async def find(self, ids: Sequence[PaperId], now: datetime) -> Sequence[Paper] | Failed:
        found: list[Paper] = []
        pieces = [wanted] if (wanted := [one for one in ids if self.keeps(one)]) else []
        asked = 0
        while pieces and asked < _REQUESTS:
            told = await self._ask(piece := pieces.pop())
            asked += 1
            if not isinstance(told, Failed):
                found += told
            elif told.status != 400:
                return told
            elif len(piece) > 1:
                pieces += [piece[len(piece) // 2 :], piece[: len(piece) // 2]]
        return Failed(f"arXiv refuses too many of the ids from {wanted[0]} to {wanted[-1]}") if pieces else found

    async def _ask(self, ids: Sequence[PaperId]) -> tuple[Paper, ...] | Failed:
        listed = quote(",".join(one.removeprefix(_PREFIX) for one in ids), safe=",/")
        address = f"{self.service}/api/query?id_list={listed}&max_results={len(ids)}"
        told = await self.web.get(address, Cursor(), allow_private=self.allow_private, service=TURN)
        return await answered(self.web, told, partial(read, ids=tuple(ids)))


def read(body: Body, *, ids: Collection[PaperId]) -> tuple[Paper, ...] | Failed:
    """Return the papers of an answer that were asked for. No source has announced them, so they carry no badge."""
    told = page(body, rows=Rows("", {}, ""))
    if isinstance(told, Failed):
        return told
    if told.then is not None:
        return Failed("the answer holds fewer papers than it says were found")
    papers = tuple(replace(paper, sources=()) for paper in told.papers if paper.id in ids)
    if len(ids) >= _MANY and not papers:
        return Failed(f"none of {len(ids)} papers came, as from a service in trouble")
    return papers
