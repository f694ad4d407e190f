"""Which paper a record is of: records that share names become one paper, whatever order they come in."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from digestd.model.paper import Paper, PaperId
from digestd.model.union import are_one, is_strong, merge


class Catalogue:
    """The papers that some records may be of, and who goes by which name. Records are added one by one.

    *papers* grow and change; *named* are the names that are new; *heirs* say which paper took the place of one that is gone.
    """

    def __init__(self, papers: Mapping[PaperId, Paper], owners: Mapping[str, PaperId]) -> None:
        self._owners = dict(owners)  # of names, the ids of papers among them
        self.papers = dict(papers)
        self.named: dict[str, PaperId] = {}
        self.heirs: dict[PaperId, PaperId] = {}

    def add(self, told: Paper, known_as: Sequence[str]) -> PaperId:
        """Return the id of the paper that *told*, *known_as* all these names, is of: it now says what both say."""
        whole, kin = told, []
        for one, shared in self._akin(known_as):
            if are_one(self.papers[one], whole, shared):
                whole = merge(self.papers[one], whole)
                kin.append(one)
        for one in kin:
            self._replace(one, whole.id)
        self._place(whole, known_as)
        return whole.id

    def heir(self, name: PaperId) -> PaperId:
        """Return the paper that stands for *name* now."""
        while name in self.heirs:
            name = self.heirs[name]
        return name

    def _akin(self, known_as: Sequence[str]) -> Sequence[tuple[PaperId, AbstractSet[str]]]:
        """Return the papers that go by some of these names, and by which: those with a strong one first, for it decides."""
        shared: dict[PaperId, set[str]] = {}
        for name in known_as:
            if name in self._owners:
                shared.setdefault(self.heir(self._owners[name]), set()).add(name)
        return sorted(shared.items(), key=lambda one: not any(map(is_strong, one[1])))

    def _place(self, paper: Paper, known_as: Sequence[str]) -> None:
        self.papers[paper.id] = paper
        for name in (paper.id, *known_as):
            if name not in self._owners:
                self._owners[name] = self.named[name] = paper.id

    def _replace(self, old: PaperId, heir: PaperId) -> None:
        if old != heir:
            del self.papers[old]
            self.heirs[old] = self.named[old] = heir
