"""Authors strung together, in the ways in which feeds do it."""

import time

import pytest

from digestd.sources.authors import apart, writes_family_first

STRUNG = {
    "one": ("Ada Quill", ["Ada Quill"]),
    "one_family_first": ("Quill, Ada", ["Quill, Ada"]),
    "one_family_first_with_initials": ("Quill, A. B.", ["Quill, A. B."]),
    "one_with_a_particle": ("van der Lamp, Jan Peter", ["van der Lamp, Jan Peter"]),
    "full_names": ("Ada Quill, Bo Reed", ["Ada Quill", "Bo Reed"]),
    "full_names_one_of_one_word": ("Lumen, Ada Quill, Bo Reed", ["Lumen", "Ada Quill", "Bo Reed"]),
    "semicolons": ("Quill, A.; Reed, B.", ["Quill, A.", "Reed, B."]),
    "pairs": ("Quill, A., Reed, B.-C., Ålund, Å.B.", ["Quill, A.", "Reed, B.-C.", "Ålund, Å.B."]),
    "pairs_of_whole_names": ("Quill, Ada, Reed, Bo M.", ["Quill, Ada", "Reed, Bo M."]),
    "pairs_and": ("Quill, A., Reed, B. and Cook, C.", ["Quill, A.", "Reed, B.", "Cook, C."]),
    "initials_after": ("Lamp-Quill A, de Reed B, Cook C, et al.", ["Lamp-Quill A", "de Reed B", "Cook C"]),
    "initials_before_and": ("A. Quill and B. Reed", ["A. Quill", "B. Reed"]),
    "a_last_comma": ("Ada Quill, Bo Reed, & Cy Cook", ["Ada Quill", "Bo Reed", "Cy Cook"]),
    "others": ("Ada Quill et al. (17 more)", ["Ada Quill"]),
    "a_body": ("Ministry of Tides and Lanterns", ["Ministry of Tides and Lanterns"]),
    "degrees": ("Ada Quill, PhD, Bo Reed, MD", ["Ada Quill", "Bo Reed"]),
    "a_given_name_like_a_degree": ("Reed, Md.", ["Reed, Md."]),
    "the_younger": ("Quill, A., Jr., Reed, B.", ["Quill, A. Jr.", "Reed, B."]),
    "without_spaces": ("潮汐,灯笼,月光", ["潮汐", "灯笼", "月光"]),
    "nobody": (" , ", []),
}


@pytest.mark.parametrize("scenario", STRUNG)
def test_authors_strung_together_are_taken_apart(scenario: str) -> None:
    strung, authors = STRUNG[scenario]

    assert [name.strip() for name in apart([strung])] == authors


def test_authors_given_one_by_one_are_left_alone() -> None:
    assert apart(["Quill, Ada", "Reed, Bo"]) == ["Quill, Ada", "Reed, Bo"]


def test_a_source_that_writes_the_family_name_first_is_believed() -> None:
    assert writes_family_first([["Ada Quill"], ["Quill, Ada", "Reed, Bo"]])
    assert not writes_family_first([["Ada Quill", "Bo Reed, Jr."], ["Quill, Ada"]])
    assert apart(["Reyes Lamp, Ana Maria"], family_first=True) == ["Reyes Lamp, Ana Maria"]


@pytest.mark.parametrize("strung", [", " * 100_000, " " * 200_000 + "and", "A. " * 70_000, "and " * 50_000, ";" * 200_000])
def test_no_string_takes_long(strung: str) -> None:
    begun = time.process_time()
    apart([strung])

    assert time.process_time() - begun < 1
