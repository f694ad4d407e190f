"""Lines of the text part: by columns, as terminals show them."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.rendering.templates import wrapped
from digestd.rendering.wrap import columns

LETTERS = [letter for letter in map(chr, range(0x30000)) if unicodedata.category(letter) != "Cn"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("灯笼" * 20, ["灯笼" * 17, "灯笼" * 3], id="chinese"),
        pytest.param("灯" * 33 + "笼。光", ["灯" * 33, "笼。光"], id="a_line_begins_with_no_full_stop"),
        pytest.param("我们 " + "王" * 40, ["我们 " + "王" * 31, "王" * 9], id="chinese_after_a_blank"),
        pytest.param("O(n log n)次。" * 9, None, id="mixed"),
        pytest.param("x" * 100, ["x" * 68, "x" * 32], id="a_long_word"),
        pytest.param(
            "see https://example.org/" + "x" * 90 + " there", ["see", "https://example.org/" + "x" * 90, "there"], id="a_link"
        ),
        pytest.param("e\u0301" * 68, ["e\u0301" * 68], id="marks_take_no_room"),
        pytest.param("🏮 " * 30, ["🏮" + " 🏮" * 22, "🏮" + " 🏮" * 6], id="emoji"),
        pytest.param("✅ " * 30, ["✅" + " ✅" * 22, "✅" + " ✅" * 6], id="emoji_among_signs"),
        pytest.param("ab⭐" * 20, ["ab⭐" * 17, "ab⭐" * 3], id="emoji_in_a_word"),
        pytest.param("a" + "✔\ufe0f" * 40, ["a" + "✔\ufe0f" * 33, "✔\ufe0f" * 7], id="signs_as_emoji"),
        pytest.param("x" * 66 + " tide\u00a0…", ["x" * 66, "tide\u00a0…"], id="dots_that_are_not_alone"),
        pytest.param("灯" * 34 + "\u00a0…", ["灯" * 33, "灯\u00a0…"], id="dots_after_chinese"),
        pytest.param("ก" * 67 + "ที่นี่", ["ก" * 67, "ที่นี่"], id="marks_of_thai"),
        pytest.param("x" * 66 + "👍🏽👍🏽", ["x" * 66, "👍🏽👍🏽"], id="a_hand_and_its_skin"),
        pytest.param("x" * 67 + "葛\U000e0100城", ["x" * 67, "葛\U000e0100城"], id="how_a_letter_looks"),
        pytest.param("ב\u05bc" * 68, ["ב\u05bc" * 68], id="marks_of_hebrew"),
    ],
)
def test_lines_are_as_wide_as_a_terminal(text: str, lines: list[str] | None) -> None:
    told = wrapped(text, 4).splitlines()

    assert all(columns(line) <= 72 for line in told if "://" not in line)
    assert lines is None or [line[4:] for line in told] == lines


def test_every_wide_letter_takes_two_columns() -> None:
    wide = [letter for letter in LETTERS if unicodedata.east_asian_width(letter) in "WF" and not unicodedata.combining(letter)]

    assert [letter for letter in wide if columns(letter) != 2] == []


def test_every_mark_takes_none() -> None:
    assert [letter for letter in LETTERS if unicodedata.combining(letter) and columns(letter)] == []


@given(
    st.text(alphabet="x-é王。（e\u0301🏮✅⭐ ", max_size=300),
    st.sampled_from([(0, ""), (4, "1.  "), (4, "1000. "), (4, "    Why: ")]),
)
def test_no_letter_is_lost_and_no_line_too_long(text: str, margins: tuple[int, str]) -> None:
    told = wrapped(text, *margins)

    assert re.sub(r"\s", "", told) == re.sub(r"\s", "", margins[1] + text)
    assert all(columns(line) <= 72 for line in told.splitlines())
