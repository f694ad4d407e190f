"""The arrays that matching counts in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digestd.matching.arrays import gathered, order

COLUMNS, PAPERS = 4, 3

numbers = st.one_of(st.lists(st.integers(0, 99), unique=True), st.lists(st.integers(0, (1 << 63) - 1), unique=True))
cells = st.lists(st.tuples(st.integers(0, COLUMNS - 1), st.integers(0, PAPERS - 1), st.integers(1, 9)))


@given(numbers)
def test_numbers_are_put_in_order_whether_or_not_they_have_room_for_their_places(given: list[int]) -> None:
    found = order(np.asarray(given, np.int64))

    assert [given[place] for place in found.tolist()] == sorted(given)


@given(cells, cells)
def test_what_is_given_of_the_same_column_and_paper_is_added_up(
    some: list[tuple[int, ...]], more: list[tuple[int, ...]]
) -> None:
    table = np.zeros((COLUMNS, PAPERS))
    for column, paper, value in some + more:
        table[column, paper] += value

    points = gathered([_arrays(some), _arrays(more)], COLUMNS)

    assert len(points.starts) == COLUMNS + 1
    assert np.stack([points.columns, points.papers]).tolist() == np.stack(table.nonzero()).tolist()
    assert points.values.tolist() == table[table > 0].tolist()


def _arrays(cells: list[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    column, paper, value = np.reshape(np.asarray(cells, np.int64), (-1, 3)).T
    return column, paper, value.astype(float)
