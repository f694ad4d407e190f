"""Many phrases as one trie of arrays: all their places in a stream of words are found in one walk."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digestd.matching.arrays import Bools, Ints

_SHIFT = 32  # a node's number above, a word's below
_MIX = np.uint64(0x9E3779B97F4A7C15)


class TrieBuilder:
    """Phrases, word by word. A node stands for the words on the way to it; words and nodes count from 1."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self._nodes: dict[int, int] = {}

    def word(self, word: str) -> int:
        """Return the number of a word, folded and singular."""
        return self.words.setdefault(word, len(self.words) + 1)

    def node(self, words: Iterable[int]) -> int:
        """Return the node of a phrase, given the numbers of its words."""
        nodes, node = self._nodes, 0
        for word in words:
            edge = node << _SHIFT | word
            node = nodes.get(edge, 0) or nodes.setdefault(edge, len(nodes) + 1)
        return node

    def trie(self) -> "Trie":
        edges = np.fromiter(self._nodes, np.int64, len(self._nodes))
        order = np.argsort(edges)
        return Trie(self.words, edges[order], (order + 1).astype(np.int64), _sieve(edges))


@dataclass(frozen=True, slots=True)
class Trie:
    """The edges of a trie, sorted, and the nodes that they lead to; a *sieve* of bits keeps most strangers out."""

    words: dict[str, int]
    edges: Ints
    nodes: Ints
    sieve: Bools

    def walk(self, stream: Ints) -> tuple[Ints, Ints]:
        """Return every node that words of *stream* lead to, and where the first of them stands."""
        found, places = [], []
        place, node = np.flatnonzero(stream), np.zeros(np.count_nonzero(stream), np.int64)
        length = 0
        while len(place):
            word = stream[place + length]
            node, kept = self._step(node, word)
            place = place[kept]
            found.append(node)
            places.append(place)
            length += 1
        return np.concatenate([*found, _NOTHING]), np.concatenate([*places, _NOTHING])

    def _step(self, node: Ints, word: Ints) -> tuple[Ints, Ints]:
        """Return the nodes that edges of the trie lead to, and which of the pairs are such edges."""
        edge = node << _SHIFT | word
        kept = np.flatnonzero(self.sieve[_sifted(edge, len(self.sieve))])
        edge = edge[kept]
        at = np.searchsorted(self.edges, edge)
        at[at == len(self.edges)] = 0
        right = self.edges[at] == edge if len(self.edges) else np.zeros(len(edge), np.bool_)
        return self.nodes[at[right]], kept[right]


_NOTHING: Ints = np.zeros(0, np.int64)


def _sieve(edges: Ints) -> Bools:
    """Return a table, some thirty times as large as there are edges, of where their hashes fall."""
    sieve = np.zeros(1 << max(len(edges), 1).bit_length() + 5, np.bool_)
    sieve[_sifted(edges, len(sieve))] = True
    return sieve


def _sifted(edges: Ints, size: int) -> NDArray[np.uint64]:
    return (edges.view(np.uint64) * _MIX) >> np.uint64(65 - size.bit_length())
