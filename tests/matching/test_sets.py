"""Sets of numbers as rows of bits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digestd.matching.sets import are_in, before, members, places, sets

ROWS, NUMBERS = 3, 130

cells = st.lists(st.tuples(st.integers(0, ROWS - 1), st.integers(0, NUMBERS - 1)))


@given(cells)
def test_sets_have_the_members_that_they_were_given(given: list[tuple[int, int]]) -> None:
    rows, numbers = np.asarray(sorted(given), np.int64).reshape(-1, 2).T
    table = sets(rows, numbers, ROWS, NUMBERS)

    row, number = members(table)
    every = [(row, number) for row in range(ROWS) for number in range(NUMBERS)]

    assert [*zip(row.tolist(), number.tolist(), strict=True)] == sorted(set(given))
    assert are_in(table, *np.asarray(every).T).tolist() == [each in given for each in every]
    assert places(table, before(table), row, number).tolist() == [*range(len(row))]
