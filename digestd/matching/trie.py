"""Many phrases as one trie of arrays: all their places in a stream of words are found in one walk."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digestd.matching.arrays import Bools, Ints, spread

_SHIFT = 32  # a node's number above, a word's below
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Chains:
    """Rows of numbers, one after the other in *numbers*: the nth has those from starts[n] to starts[n + 1]."""

    numbers: Ints
    starts: Ints

    def of(self, rows: Ints) -> "Chains":
        """Return some of the rows."""
        lengths = np.diff(self.starts)[rows]
        return Chains(self.numbers[spread(self.starts[rows], lengths)], np.append(0, np.cumsum(lengths)))


def grown(phrases: Chains) -> tuple[Ints, Ints]:
    """Return the node of each phrase, given the numbers of its words, and the edges that lead to nodes, sorted.

    A node stands for the words on the way to it; words and nodes count from 1, nodes in the order of their edges.
    """
    lengths, live = np.diff(phrases.starts), np.arange(len(phrases.starts) - 1)
    node, levels, count, depth = np.zeros_like(live), [np.zeros(0, np.int64)], 0, 0
    while len(live):
        edges, own = np.unique(node[live] << _SHIFT | phrases.numbers[phrases.starts[live] + depth], return_inverse=True)
        node[live] = own + count + 1
        levels.append(edges)
        count, depth = count + len(edges), depth + 1
        live = live[lengths[live] > depth]
    return node, np.concatenate(levels)


def followed(edges: Ints, words: Iterable[int]) -> int:
    """Return the node of a phrase that is there."""
    node = 0
    for word in words:
        node = int(np.searchsorted(edges, node << _SHIFT | word)) + 1
    return node


def trie(words: dict[str, int], edges: Ints) -> "Trie":
    """Return the trie of sorted edges that lead to the nodes from 1 on."""
    return Trie(words, edges, np.arange(1, len(edges) + 1), _sieve(edges))


@dataclass(frozen=True, slots=True)
class Trie:
    """The edges of a trie, sorted, and the nodes that they lead to; a *sieve* of bits keeps most strangers out."""

    words: dict[str, int]
    edges: Ints
    nodes: Ints
    sieve: Bools

    def walk(self, stream: Ints) -> tuple[Ints, Ints]:
        """Return every node that words of *stream* lead to, and where the first of them stands."""
        node = self._first()[stream]
        place = np.flatnonzero(node)
        node = node[place]
        found, places = [node], [place]
        while len(place):
            node, kept = self._step(node, stream[place + len(found)])
            place = place[kept]
            found.append(node)
            places.append(place)
        return np.concatenate(found), np.concatenate(places)

    def _first(self) -> Ints:
        """Return the node of each word that a phrase starts with, by its number, 0 for the others."""
        count = np.searchsorted(self.edges, 1 << _SHIFT)
        first = np.zeros(len(self.words) + 1, np.int64)
        first[self.edges[:count]] = self.nodes[:count]
        return first

    def _step(self, node: Ints, word: Ints) -> tuple[Ints, Ints]:
        """Return the nodes that edges of the trie lead to, and which of the pairs are such edges."""
        edge = node << _SHIFT | word
        kept = np.flatnonzero(self.sieve[_sifted(edge, len(self.sieve))])
        kept = kept[np.argsort(edge[kept])]  # those side by side are found four times faster
        edge = edge[kept]
        at = np.searchsorted(self.edges, edge)
        at[at == len(self.edges)] = 0
        right = self.edges[at] == edge if len(self.edges) else np.zeros(len(edge), np.bool_)
        return self.nodes[at[right]], kept[right]


def _sieve(edges: Ints) -> Bools:
    """Return a table, some thirty times as large as there are edges, of where their hashes fall."""
    sieve = np.zeros(1 << max(len(edges), 1).bit_length() + 5, np.bool_)
    sieve[_sifted(edges, len(sieve))] = True
    return sieve


def _sifted(edges: Ints, size: int) -> NDArray[np.uint64]:
    return (edges.view(np.uint64) * _MIX) >> np.uint64(65 - size.bit_length())
