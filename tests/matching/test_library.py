"""What profiles ask for is the same whether they are read all at once or one entry at a time."""

import numpy as np
import pytest

from digestd.matching.library import asked, compile_profiles
from digestd.model.subscriber import Profile

ENTRIES = {
    "plain": "tide table",
    "capitals": "Tide TABLES",
    "hyphen": "tide-table maker",
    "acronym": "GPU memory",
    "acronym_of_two_letters": "AI tide",
    "number": "tide 2",
    "digits_in_a_word": "3D tide",
    "acronym_and_number": "COVID-19 tide",
    "small_and": "ebb and flow",
    "and": "tide AND table maker",
    "and_not": "GPU AND NOT tide AND snow",
    "or": "tide OR GPU memory OR tide",
    "and_with_or": "tide AND (snow OR GPU memory)",
    "or_of_both": "tide AND snow OR table",
    "operator_behind_a_hyphen": "tide AND-snow",
    "two_blanks": "tide  AND  snow",
    "quotes": '"tide tables" AND snow',
    "prefix": "tid* table",
    "fields": "title:tide OR any:snow",
    "weight": "tide^3 OR snow^0",
    "near": "tide NEAR/3 (snow OR GPU)",
    "other_field": "author:Smith AND category:cs.LG",
    "twice_not": "tide AND NOT NOT snow",
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_row_has_the_columns_of_what_its_profile_asks_for(entry: str) -> None:
    others = Profile("Others", tuple(ENTRIES.values()))
    one = Profile("One", ("GPU memory", entry, "tides", entry), authors=("Smith, J.",))

    library = compile_profiles([others, one])

    start, end = library.wanted.starts[1:]
    assert library.wanted.columns[start:end].tolist() == [library.column(query) for query in asked(one)]
    assert asked(one, end - start) == asked(one)


def test_every_profile_has_a_row_of_what_it_asks_for() -> None:
    profiles = [
        Profile("All", tuple(ENTRIES.values())),
        Profile("None", ()),
        *(Profile("", (one,)) for one in ENTRIES.values()),
    ]

    library = compile_profiles(profiles)

    assert np.diff(library.wanted.starts).tolist() == [len(asked(one)) for one in profiles]


def test_a_thing_is_as_heavy_as_where_it_is_heaviest() -> None:
    library = compile_profiles([Profile("All", ("tide", "snow^0.5", "tides^2", "tide^0.1"))])

    assert library.wanted.weights.tolist() == [2.0, 0.5]


def test_what_two_readers_ask_for_alike_is_one_column() -> None:
    one, other = (
        Profile("One", ("tide-table", "GPUs")),
        Profile("Other", ("(tide AND snow)", "Tide tables OR GPU", "tide AND snow")),
    )

    library = compile_profiles([one, other])

    own, [joined, *same] = np.split(library.wanted.columns, library.wanted.starts[1:2])
    assert own.tolist() == same
    assert joined == library.width - 1


def test_nobody_asks_for_nothing() -> None:
    assert compile_profiles([]).count == 0
    assert compile_profiles([Profile("None", ())]).wanted.columns.tolist() == []
