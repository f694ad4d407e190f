"""What is odd about a profile is said once, with figures and with what to do; what is as it should be is left alone."""

import gc
from collections.abc import Callable, Container, Sequence
from itertools import product
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.matching.corpus import Corpus
from digestd.matching.habits import Gravity
from digestd.matching.lint import Remark, remarks
from digestd.matching.page import Page
from digestd.matching.parser import parse
from digestd.matching.spelling import distance
from digestd.matching.tally import Tally
from digestd.model.paper import Paper, PaperId
from digestd.model.subscriber import Profile
from tests.matching.queries import papers
from tests.support.builders import paper, profile


def month(count: int = 400) -> list[Paper]:
    """Return papers on the sea: each tenth is of a harbour, each hundredth a survey of wicks by Tri Dao, in cs.CL."""
    return [_paper(number, tenth=number % 10 == 0, hundredth=number % 100 == 0) for number in range(1, count + 1)]


def _paper(number: int, *, tenth: bool, hundredth: bool) -> Paper:
    abstract = f"We watch the sea.{' A harbour.' * tenth}{' A survey of wicks and oil.' * hundredth}"
    labels = {"authors": ("Tri Dao",), "categories": ("cs.CL",)} if hundredth else {}
    return paper(number, f"Sea notes {number}", abstract=abstract, **labels)


def lint(*profiles: Profile, seen: Sequence[Paper] | None = None, known: Container[PaperId] = ()) -> list[Remark]:
    return [*remarks(profiles, Corpus(month() if seen is None else seen), 28, known)]


def said(*keywords: str, **fields: Any) -> list[str]:
    """Return what is said of a profile."""
    return [str(remark) for remark in lint(profile(*keywords, **fields))]


@pytest.mark.parametrize(
    ("keyword", "remark"),
    [
        pytest.param(
            "sea", "“sea” matched 400 of 400 papers of the last 28 days; add a word to it", id="a_word_of_every_paper"
        ),
        pytest.param("harbours", "“harbours” matched 40 of 400 papers of the last 28 days; add", id="a_word_of_one_in_ten"),
        pytest.param("oil OR harbour", "“oil OR harbour” matched 40 of 400 papers", id="the_sides_of_an_or_once_each"),
        pytest.param("title:sea", "“title:sea” matched 400 of 400 papers", id="a_word_of_every_title"),
        pytest.param("fog", "“fog” matched none of the 400 papers of the last 28 days; try another word", id="a_word_of_none"),
        pytest.param(
            "sea fog", "matched none of the 400 papers of the last 28 days; its words stand side by side", id="a_phrase"
        ),
        pytest.param(
            "fog AND harbour", "matched none of the 400 papers of the last 28 days; take one of its parts", id="an_and"
        ),
        pytest.param("title:oil", "“title:oil” matched none of the 400 papers", id="a_word_of_no_title"),
        pytest.param("category:q-bio", "“category:q-bio” matched none of the 400 papers", id="a_category_of_none"),
    ],
)
def test_a_keyword_that_finds_too_much_or_nothing_is_told_with_its_figures(keyword: str, remark: str) -> None:
    (told,) = said(keyword)

    assert remark in told


@pytest.mark.parametrize("keyword", ["oil", "wick AND oil", "survey of wicks", "oil NOT harbour OR wick", "author:Nobody"])
def test_a_keyword_that_finds_some_is_left_alone(keyword: str) -> None:
    assert said(keyword) == []


def test_one_paper_in_twenty_is_not_too_much() -> None:
    some = [paper(number, "Fog" if number <= 15 else "Sea") for number in range(1, 301)]

    assert lint(profile("fog"), seen=some) == []
    assert lint(profile("fog"), seen=[*some, paper(301, "Fog")]) != []


def test_what_categories_and_sources_leave_out_is_not_counted() -> None:
    assert said("sea", categories=("cs.CL",)) == []
    assert said("harbour", sources=("fogbank",)) == [
        (
            "“harbour” matched none of the 400 papers of the last 28 days that the profile's categories and sources let pass;"
            " 40 of other categories or sources have it"
        )
    ]


def test_few_papers_say_nothing() -> None:
    profiles = profile("sea", "fog", "harbuor"), profile("sea", mute=("notes",))

    assert lint(*profiles, seen=month(199)) == []
    assert len(lint(*profiles, seen=month(200))) == 4


@pytest.mark.parametrize(
    ("keyword", "mute", "is_hidden"),
    [
        pytest.param("survey of wicks", "survey", True, id="its_words_have_the_mute"),
        pytest.param("harbour surveys", "survey", True, id="in_the_plural"),
        pytest.param("harbour AND survey", "survey", True, id="as_a_part_of_an_and"),
        pytest.param("title:harbour survey", "survey", True, id="in_a_title"),
        pytest.param("survey^2 OR harbour survey", "survey", True, id="on_each_side_of_an_or"),
        pytest.param("survey", "review OR survey", True, id="one_side_of_the_mute"),
        pytest.param("surveyed*", "survey*", True, id="a_start_that_starts_like_the_mute"),
        pytest.param("surveys", "survey*", True, id="a_word_that_starts_like_the_mute"),
        pytest.param("studies", "stud*", True, id="a_word_of_which_all_numbers_start_like_the_mute"),
        pytest.param("matrix", "matri*", True, id="a_word_of_which_an_irregular_plural_starts_so_too"),
        pytest.param('"study"', "study*", True, id="an_exact_word_that_starts_like_the_mute"),
        pytest.param("large wick surveys", "wick* survey", True, id="a_start_and_a_word"),
        pytest.param("RAGE", "RAG*", True, id="an_acronym_that_starts_like_the_mute"),
        pytest.param('"Surveys at sea"', "survey", True, id="exact_words_that_the_mute_finds"),
        pytest.param("RAG survey", "rag", True, id="an_acronym_that_the_mute_finds"),
        pytest.param("survey", "any:survey", True, id="a_mute_of_all_fields"),
        pytest.param("survey", "survey of wicks", False, id="the_mute_says_more"),
        pytest.param("survey", "title:survey", False, id="the_mute_is_for_titles"),
        pytest.param("survey", '"surveys"', False, id="the_mute_is_exact"),
        pytest.param("survey*", "survey", False, id="the_keyword_is_a_start"),
        pytest.param("study", "study*", False, id="studies_do_not_start_like_the_mute"),
        pytest.param("analysis", "analysis*", False, id="analyses_do_not_start_like_the_mute"),
        pytest.param("matrix", "matrix*", False, id="matrices_do_not_start_like_the_mute"),
        pytest.param("mouse", "mous*", False, id="mice_do_not_start_like_the_mute"),
        pytest.param("size", "size*", False, id="the_mute_is_longer_than_what_is_known_of_the_word"),
        pytest.param("wick survey", "survey wick", False, id="the_mute_has_the_words_in_another_order"),
        pytest.param("wick OR oil", "wick", False, id="no_mute_hides_both_sides"),
        pytest.param("survey OR harbour", "survey", False, id="the_other_side_is_not_hidden"),
        pytest.param("harbour NOT survey", "survey", False, id="under_a_not"),
        pytest.param("harbour", "harbour NOT sea", False, id="the_mute_has_an_exception"),
        pytest.param("rag survey", "RAG", False, id="the_mute_is_an_acronym"),
        pytest.param("author:Survey", "survey", False, id="a_name"),
    ],
)
def test_a_keyword_is_always_hidden_where_each_of_its_sides_has_the_words_of_a_mute(
    keyword: str, mute: str, *, is_hidden: bool
) -> None:
    told = [remark.what for remark in lint(profile(keyword, mute=(mute,)), seen=[])]

    assert told == [f"is always hidden: it has the words of the mute “{mute}”"] * is_hidden


def test_the_first_mute_that_hides_all_sides_is_told() -> None:
    (told,) = lint(profile("wick survey OR survey of oil", mute=("wick", "oil", "surv*", "survey")), seen=[])

    assert told.what.endswith("the mute “surv*”")


def test_a_keyword_and_a_mute_of_thousands_of_words_are_held_against_each_other() -> None:
    long = " ".join(f"wick{number}" for number in range(3_000))

    assert len(lint(profile(long, mute=(long,)), seen=[])) == 1


STEMS = ["stud", "study", "analys", "matri", "survey", "siz", "hero", "cris", "wol", "key", "mous", "vert", "gen", "corp"]
ENDINGS = ["", "y", "ies", "is", "es", "x", "ces", "s", "e", "f", "ves", "us", "era", "ora", "ex", "ices"]


@pytest.mark.parametrize("stem", STEMS)
def test_what_is_said_to_be_always_hidden_finds_nothing_that_the_mute_does_not(stem: str) -> None:
    numbers = [stem + ending for ending in ENDINGS if (stem[-1], ending) not in {("i", "ies"), ("o", "ies")}]  # no English
    pages = [Page(paper(1, number)) for number in numbers]

    for keyword, length in product(numbers, range(2, 9)):
        mute = f"{keyword[:length]}*"
        if lint(profile(keyword, mute=(mute,)), seen=[]):
            found = [page for page in pages if page.answer(parse(keyword))]
            assert found
            assert all(page.answer(parse(mute)) for page in found)


def taken(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that *work* takes, without a search for garbage among what other tests left."""
    gc.disable()
    try:
        start = process_time()
        work()
        return process_time() - start
    finally:
        gc.enable()


@pytest.mark.parametrize("form", ["wick{} oil", "deep wick{}", "deep wick{} *", "deep lamp{}*", "wick OR lamp{}"])
def test_the_time_for_keywords_and_mutes_grows_with_their_number(form: str) -> None:
    def seconds(count: int) -> float:
        keywords = [f"deep fog{number} oil" for number in range(count)]
        mutes = [form.replace("{}", f"{number}x").replace(" *", "*") for number in range(count)]
        return taken(lambda: lint(profile(*keywords, mute=tuple(mutes)), seen=[]))

    seconds(50)
    assert min(seconds(4_000) for _ in range(2)) < 100 * max(min(seconds(250) for _ in range(3)), 0.003)  # 16 × as many


def test_the_time_for_what_mutes_hide_grows_with_their_number() -> None:
    def seconds(count: int) -> float:
        one = profile(
            *(f"sea AND oil{number}" for number in range(count)), mute=tuple(f"fog{number}" for number in range(count))
        )
        seen = [paper(number, f"Sea {' '.join(f'oil{each}' for each in range(count))}") for number in range(1, 4)]
        tally = Tally([one], Corpus(seen))
        hiding: list[str | None] = []
        needed = taken(lambda: hiding.extend(tally.hiding(one, keyword) for keyword in one.keywords))
        assert hiding == [None] * count
        return needed

    seconds(10)
    assert min(seconds(1_600) for _ in range(2)) < 100 * max(min(seconds(100) for _ in range(3)), 0.001)  # 16 × as many


def test_a_keyword_of_which_one_mute_hides_all_that_it_found_is_told_with_the_mute() -> None:
    (told,) = said("wick", mute=("fog", "survey AND oil"))

    assert told.startswith("“wick” matched 4 of 400 papers of the last 28 days, and the mute “survey AND oil” hides them all;")


def test_a_mute_that_hides_one_or_two_papers_does_so_by_chance() -> None:
    assert lint(profile("wick", mute=("survey",)), seen=month(299)) == []


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param("LLM", "LLMs", id="plural_of_an_acronym"),
        pytest.param("sparse-attention", "Sparse attention", id="hyphen_and_case"),
        pytest.param("Erdős graph", "Erdos graphs", id="accents"),
        pytest.param("tide", "tide^2", id="weight"),
        pytest.param("tide AND lantern", "lanterns AND tides", id="order_of_an_and"),
        pytest.param("tide NEAR/3 lantern", "lantern NEAR/3 tides", id="sides_of_near"),
        pytest.param("author:Dao^2", "author:Dao", id="an_author"),
    ],
)
def test_a_keyword_that_stands_twice_is_told_with_the_earlier_one(earlier: str, later: str) -> None:
    (told,) = lint(profile("fog", earlier, later), seen=[])

    assert told.place == ("keywords", 2)
    assert told.what == f"finds the same as keywords[1], “{earlier}”: it counts once"


def test_a_side_of_an_or_that_stands_in_another_keyword_is_told() -> None:
    (told,) = lint(profile("tide", "lantern OR tides"), seen=[])

    assert told.what == "finds in part the same as keywords[0], “tide”: it counts once"


@pytest.mark.parametrize("keyword", ["LLM OR LLMs", "oil AND (LLM OR sea OR LLMs)", "(LLM OR LLMs) NEAR/3 sea"])
def test_two_sides_of_an_or_that_ask_for_the_same_are_told(keyword: str) -> None:
    (told,) = lint(profile(keyword), seen=[])

    assert told.what == "has “LLM” OR “LLMs”, and either finds what the other does"


def test_what_only_looks_alike_is_no_repetition() -> None:
    different = ["tide", "title:ebb", '"tide"', "tide*", "RAG", "rag", "tide AND sea", "tide NOT sea", "tide NEAR/2 sea"]

    assert lint(profile(*different), profile(*different), seen=[]) == []


@pytest.mark.parametrize(
    ("keyword", "slip", "meant"),
    [
        pytest.param("harbuor", "harbuor", "harbour", id="letters_swapped"),
        pytest.param("Harbor", "harbor", "harbour", id="a_letter_lost"),
        pytest.param("harrbours AND sea", "harrbours", "harbour", id="a_letter_too_many_and_a_plural"),
        pytest.param("title:Lighthuose keper", "lighthuose", "lighthouse", id="a_long_word"),
        pytest.param("lihgthose", "lihgthose", "lighthouse", id="two_slips_in_a_long_word"),
        pytest.param('"lighthose"', "lighthose", "lighthouse", id="exact"),
        pytest.param("sea NOT harbuor", "harbuor", "harbour", id="under_a_not"),
    ],
)
def test_a_word_that_no_paper_has_may_be_a_slip_for_a_frequent_one(keyword: str, slip: str, meant: str) -> None:
    seen = [*month(), *(paper(number, "A lighthouse") for number in range(500, 510))]
    told = [remark for remark in lint(profile(keyword), seen=seen) if "did you mean" in remark.advice]

    assert [(one.what, one.advice) for one in told] == [
        (f"asks for the word “{slip}”, which is in none of the 410 papers of the last 28 days", f"did you mean “{meant}”?")
    ]


@pytest.mark.parametrize("keyword", ["harboured", "HARBO", "harbour2", "harbo*", "harbr", "reharbour", "author:Harbuor"])
def test_forms_acronyms_starts_names_and_what_is_far_are_no_slips(keyword: str) -> None:
    assert not any("did you mean" in one for one in said(keyword))


@pytest.mark.parametrize("letters", [31, 300, 9_990])
def test_a_very_long_word_is_not_judged(letters: int) -> None:
    long = ("lantern" * letters)[:letters]

    (told,) = lint(profile(f"{long}x"), seen=[*month(), *(paper(number, long) for number in range(500, 510))])

    assert "matched none" in told.what


def test_a_word_that_some_paper_has_is_no_slip() -> None:
    assert not any("did you mean" in str(one) for one in lint(profile("harbuor"), seen=[*month(), paper(500, "Harbuor")]))


def test_the_likeliest_word_is_meant() -> None:
    seen = [paper(number, "barn" if number < 100 else "barge") for number in range(1, 301)]

    assert [one.advice for one in lint(profile("bargn"), seen=seen)] == ["did you mean “barge”?"]


def test_a_category_that_no_paper_carries_is_told() -> None:
    told = lint(profile(categories=("cs.LG", "cs.CLL", "cs", "biology")))

    assert [(one.place, one.advice) for one in told] == [
        (("categories", 1), "did you mean “cs.CL”?"),
        (("categories", 3), "`digestd papers --json` tells which there are"),
    ]
    assert "is a category of none of the 400 papers of the last 28 days" in told[0].what
    assert not lint(profile("harbour", categories=("cs.CLL",)), seen=[])


def test_acronyms_side_by_side_are_left_alone() -> None:
    assert not any("capitals" in one for one in said("RAG LLM", "RNA-SEQ", "GPT-4", "TIDES"))


def test_an_example_that_stands_twice_is_told() -> None:
    examples = profile(
        like=("arXiv:2601.00001", "arXiv:2601.00002", "https://arxiv.org/abs/2601.00001v2"),
        dislike=("arXiv:2601.00003", "10.48550/arXiv.2601.00002", "2601.00003"),
    )

    assert [(one.place, one.what) for one in lint(examples, seen=[])] == [
        (("like", 2), "is the paper of like[0], so it counts once"),
        (("dislike", 1), "is the paper of like[1], so it counts as liked"),
        (("dislike", 2), "is the paper of dislike[0], so it counts once"),
    ]


def test_an_example_that_nobody_can_look_up_is_told() -> None:
    examples = profile(like=("arXiv:2601.00001", "doi:10.5555/a"), dislike=("pmid:38000001", "doi:10.5555/b"))

    told = lint(examples, seen=[], known={PaperId("doi:10.5555/b")})

    assert [(one.place, one.entry) for one in told] == [
        (("like", 1), "doi:10.5555/a"),
        (("dislike", 0), "pmid:38000001"),
    ]
    assert told[0].what == "is not an arXiv id: it counts once a source has announced it"


def test_remarks_name_the_profile() -> None:
    told = lint(profile("oil"), profile("oil", "fog"), profile("sea", mute=("oil",)))

    assert [(one.profile, one.place) for one in told] == [(1, ("keywords", 1)), (2, ("keywords", 0))]


@pytest.mark.parametrize("one", [profile(categories=("cs.LG",)), profile(authors=("Dao",)), profile(like=("2601.00001",))])
def test_a_profile_without_keywords_has_nothing_odd(one: Profile) -> None:
    assert lint(one) == []


@pytest.mark.parametrize("one", [profile(), profile(mute=("sea",)), profile(dislike=("2601.00001",))])
def test_a_profile_that_asks_for_nothing_is_told(one: Profile) -> None:
    (told,) = lint(one, seen=[])

    assert str(told).startswith("“Lanterns” asks for nothing; give it keywords, authors")
    assert (told.place, told.gravity) == ((), Gravity.NOTHING_SHOWN)


def test_a_profile_that_shows_nothing_is_told() -> None:
    (told,) = lint(profile("oil", max_papers=0))

    assert str(told).startswith("“Lanterns” has max_papers = 0: it shows no paper, and only counts them; write how many")
    assert told.place == ("max_papers",)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        pytest.param("Quill et al.", 'write "Quill"', id="and_others"),
        pytest.param("Ada Quill, et al", 'write "Ada Quill"', id="and_others_after_a_comma"),
        pytest.param("Ada Quill; Oar, B.", 'write entries of their own: "Ada Quill", "Oar, B."', id="semicolon"),
        pytest.param("Ada Quill and Ben Oar", 'write entries of their own: "Ada Quill", "Ben Oar"', id="and"),
        pytest.param("Quill, A., and Oar, B.", 'write entries of their own: "Quill, A.", "Oar, B."', id="comma_and"),
        pytest.param("Ada Quill & Ben  Oar", 'write entries of their own: "Ada Quill", "Ben Oar"', id="ampersand"),
        pytest.param("Ada Quill, Ben Oar, Cy Ebb", "write each as an entry of its own", id="commas"),
    ],
)
def test_an_author_who_is_not_one_name_is_told_with_what_to_write(name: str, advice: str) -> None:
    (told,) = lint(profile(authors=("Dao", name)), seen=[])

    assert told.what.startswith("is read as one name")
    assert (told.place, told.advice, told.gravity) == (("authors", 1), advice, Gravity.NOTHING_FOUND)


@pytest.mark.parametrize(
    "name", ["Quill, Ada", "Quill, Ada, Jr.", "Anderson, A. N. D.", "Al Etan", "Ferdinand Oar", "Oar-and Ebb"]
)
def test_one_name_is_left_alone(name: str) -> None:
    assert lint(profile(authors=(name,)), seen=[]) == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        pytest.param(
            "'low tide'", "has single quotes, which do nothing; for exactly these words write '\"low tide\"'", id="quotes"
        ),
        pytest.param("harbour And oil", "has “And” for a word of its phrase; write AND, in capitals", id="capitalized"),
        pytest.param("sea Near/3 oil", "has “Near/3” for a word of its phrase; write NEAR/3", id="capitalized_near"),
        pytest.param("SEA HARBOUR", "are found in capitals only; write sea harbour", id="shouted"),
        pytest.param("‘low tide’ AND oil", "has single quotes, which do nothing", id="curly_quotes"),
        pytest.param("oil OR 'low tide'", "has single quotes, which do nothing", id="quotes_after_an_operator"),
        pytest.param("title:'tide'", "has single quotes, which do nothing", id="quotes_after_a_field"),
        pytest.param("tide, lantern oil", 'write entries of their own: "tide", "lantern oil"', id="commas"),
        pytest.param("tide,lantern,oil", 'write entries of their own: "tide", "lantern", "oil"', id="commas_without_blanks"),
        pytest.param("tide; oil", 'write entries of their own: "tide", "oil"', id="semicolons"),
    ],
)
def test_signs_that_do_nothing_are_told_in_keywords_and_mutes(entry: str, said: str) -> None:
    (keyword,), (mute,) = lint(profile(entry), seen=[]), lint(profile("wick", mute=(entry,)), seen=[])

    assert said in str(keyword)
    assert str(mute) == str(keyword)
    assert (keyword.place, mute.place, mute.gravity) == (("keywords", 0), ("mute", 0), Gravity.LESS_FOUND)


@pytest.mark.parametrize(
    "entry",
    ['"tide, lantern"', "author:Quill, A.", "1,2-dioxin", "1,000", "N,N-dimethyl", "Parkinson's tide's", "rock 'n' roll"],
)
def test_commas_and_apostrophes_that_mean_something_are_left_alone(entry: str) -> None:
    assert lint(profile(entry), seen=[]) == []


@pytest.mark.parametrize(
    ("entry", "instead"),
    [("source:arxiv", 'sources = ["arxiv"]'), ('cat:"cancer biology"', 'categories = ["cancer biology"]')],
    ids=["source", "category"],
)
def test_a_source_or_category_beside_other_keywords_is_told(entry: str, instead: str) -> None:
    (told,) = lint(profile("oil", entry), seen=[])

    assert told.what.startswith("asks for every paper of ")
    assert told.advice == f"to let only these pass, write {instead} instead"
    assert lint(profile(entry), profile(f"oil AND {entry}"), seen=[]) == []


@pytest.mark.parametrize(
    ("entries", "where"),
    [
        (("LSTM", "title:LSTMs^2"), "titles"),
        (("abs:LSTM", "LSTM"), "abstracts"),
        (("any:LSTM", "LSTM"), "titles and abstracts"),
        (("oil OR LSTM", "ti:LSTM OR wick"), "titles"),
    ],
    ids=["title", "abstract", "any", "sides_of_an_or"],
)
def test_a_term_of_which_two_entries_count_one_field_is_told(entries: tuple[str, ...], where: str) -> None:
    (told,) = lint(profile(*entries), seen=[])

    assert told.what == f"is looked for in {where}, and so is keywords[0], “{entries[0]}”: there the points of both count"
    assert (told.place, told.gravity) == (("keywords", 1), Gravity.REPEATED)


ENTRIES = ["tide", "lantern", "RAG", "lant*", "tide OR RAG", "tide AND lantern", "tide NOT lantern", '"tides"', "GPT-4 OR é"]


@given(st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=4), st.sampled_from(ENTRIES), st.lists(papers, max_size=5))
def test_figures_are_those_of_reading_each_paper(keywords: list[str], mute: str, seen: list[Paper]) -> None:
    one = profile(*keywords, mute=(mute,))
    tally = Tally([one], Corpus(seen))

    for keyword in keywords:
        found = [Page(each) for each in seen if Page(each).answer(parse(keyword)) is not None]
        hidden = [page for page in found if page.answer(parse(mute)) is not None]
        assert (tally.found(one, keyword), tally.anywhere(one, keyword)) == (len(found), len(found))
        assert tally.hiding(one, keyword) == (mute if found and found == hidden else None)


words = st.text("abc", min_size=1, max_size=8)


@given(words, words)
def test_a_distance_is_the_same_from_both_sides(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))
    assert (distance(one, other) == 0) == (one == other)


@pytest.mark.parametrize(
    ("one", "other", "slips"), [("tide", "tied", 1), ("tide", "tdie", 1), ("ebb", "web", 2), ("", "sea", 3)]
)
def test_a_distance_counts_slips(one: str, other: str, slips: int) -> None:
    assert distance(one, other) == slips
