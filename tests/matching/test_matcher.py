"""All readers at once find what each alone would, whatever their order and however they came to be kept."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.matching.corpus import Corpus
from digestd.matching.labels import is_category, is_source
from digestd.matching.library import asked
from digestd.matching.matcher import Matcher
from digestd.matching.page import Page
from digestd.matching.profile import compile_profile
from digestd.matching.query import Scope, Term, says_what
from digestd.matching.weights import rarity, share
from digestd.model.digest import Evidence, Match
from digestd.model.paper import Paper, PaperId
from digestd.model.subscriber import Profile, Subscriber
from tests.matching import queries
from tests.support.builders import DAY, NOON, paper, profile, subscriber
from tests.support.finding import find, looks, matches

ROUNDED = 0.0011

entries = queries.queries.filter(says_what).map(str)
near = st.builds(
    lambda left, right, distance: f"{left} NEAR/{distance} ({right} OR tide^2)",
    st.sampled_from(["tide", "lant*^0", '"RAG"', "(tide^3 OR and)"]),
    st.sampled_from(["lantern", "tides", "C++", "RAG^0.5"]),
    st.integers(1, 9),
)
many = partial(st.lists, st.one_of(entries, near))


def tuples(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2).map(tuple)


profiles = st.builds(
    Profile,
    st.just("Lanterns"),
    keywords=many(max_size=4).map(tuple),
    mute=many(max_size=2).map(tuple),
    authors=tuples("Quill, A.", "Ben Oar", "Oar"),
    categories=st.one_of(st.just(()), tuples("cs", "cs.LG", "math.*")),
    sources=st.one_of(st.just(()), tuples("arxiv", "daily")),
    min_score=st.sampled_from([None, None, 0.0, 1.2, 3.3]),
)
papers = st.builds(
    replace,
    queries.papers,
    authors=tuples("Ada Quill", "A. Quill", "Oar, Ben"),
    categories=tuples("cs.LG", "cs", "math.CO"),
    sources=tuples("arxiv", "arxiv:cs.LG", "daily"),
    votes=st.sampled_from([None, 0, 7, 1000]),
    published=st.sampled_from([None, NOON, NOON - DAY, NOON + DAY]),
)
some_papers = st.lists(papers, max_size=5, unique_by=lambda one: one.id)


@dataclass(frozen=True)
class Told:
    """What a match tells, but for its score."""

    paper: PaperId
    evidence: tuple[Evidence, ...]
    hidden_by: str | None


def alone(wanted: Profile, one: Paper, recent: Sequence[Paper]) -> tuple[Told, float] | None:
    """Return what a profile finds in a paper when a Page answers one query after the other; None where it is not for it."""
    page = Page(one)
    held = [query for query in asked(wanted) if page.answer(query) is not None]
    score = round(sum(page.worth(query, partial(rare, recent)) for query in held), 3)
    if not held or not passes(wanted, one) or score < (wanted.min_score or 0):
        return None
    found = (evidence for query in held for evidence in page.answer(query) or ())
    hidden = (mute.written for mute in compile_profile(wanted).mutes if page.answer(mute.query) is not None)
    return Told(one.id, tuple(dict.fromkeys(found)), next(hidden, None)), score


def rare(recent: Sequence[Paper], term: Term) -> float:
    fields: Scope = "text" if term.scope == "any" else term.scope
    found = sum(1 for one in recent if Page(one).find(Term(term.written, fields)))
    return float(rarity(np.asarray(share(float(found), len(recent)))))


def passes(wanted: Profile, one: Paper) -> bool:
    right = any(is_category(name, label) for name in wanted.categories for label in one.categories)
    read = any(is_source(name, label) for name in wanted.sources for label in one.sources)
    return (right or not (wanted.categories and one.categories)) and (read or not wanted.sources)


@settings(deadline=None)
@given(st.lists(profiles, min_size=1, max_size=4), some_papers, some_papers)
def test_in_bulk_each_profile_finds_what_it_finds_alone(wanted: list[Profile], read: list[Paper], recent: list[Paper]) -> None:
    look = looks([subscriber("ada", *wanted)], read, recent=recent)

    for one, found in zip(wanted, matches(look, subscriber("ada").id), strict=True):
        expected = {each.id: told for each in read if (told := alone(one, each, recent))}
        assert {match.paper: Told(match.paper, match.evidence, match.hidden_by) for match in found} == {
            name: told for name, (told, _) in expected.items()
        }
        assert {match.paper: match.score for match in found} == pytest.approx(
            {name: score for name, (_, score) in expected.items()}, rel=1e-6, abs=ROUNDED
        )
        assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)


@settings(deadline=None)
@given(profiles, some_papers)
def test_evidence_stands_where_it_says(wanted: Profile, read: list[Paper]) -> None:
    by_id = {one.id: one for one in read}

    for match in find([wanted], read):
        for evidence in match.evidence:
            assert text_of(by_id[match.paper], evidence)[evidence.start : evidence.end] == evidence.words != ""


def text_of(one: Paper, evidence: Evidence) -> str:
    joined = {"author": one.authors, "category": one.categories, "source": one.sources}
    plain = {"title": one.title, "abstract": one.abstract}
    return plain.get(evidence.field) or "; ".join(joined[evidence.field])


@settings(max_examples=50, deadline=None)
@given(st.lists(profiles, min_size=2, max_size=5), some_papers, st.randoms(use_true_random=False))
def test_no_order_changes_what_is_found(wanted: list[Profile], read: list[Paper], chance: Random) -> None:
    readers = [subscriber(f"reader{number}", one) for number, one in enumerate(wanted)]
    plain = looks(readers, read)

    shuffled = [replace(one, keywords=tuple(chance.sample(one.keywords, len(one.keywords)))) for one in wanted]
    others = [replace(reader, profiles=(one,)) for reader, one in zip(readers, shuffled, strict=True)]
    mixed = looks(chance.sample(others, len(others)), chance.sample(read, len(read)))

    for reader in readers:
        [before], [after] = matches(plain, reader.id), matches(mixed, reader.id)
        assert [match.paper for match in before] == [match.paper for match in after]
        assert [match.score for match in before] == pytest.approx([match.score for match in after], abs=ROUNDED)
        assert [{*match.evidence} for match in before] == [{*match.evidence} for match in after]


def all_found(readers: Iterable[Subscriber], matcher: Matcher, read: Sequence[Paper]) -> dict[str, list[list[Match]]]:
    kept = list(readers)
    look = looks(kept, read, recent=read, matcher=matcher)
    return {reader.id: matches(look, reader.id) for reader in kept}


@settings(max_examples=8, deadline=None)
@given(st.lists(profiles, min_size=1, max_size=3), some_papers, st.integers(0, 229))
def test_a_matcher_that_knew_other_readers_finds_what_a_new_one_does(
    wanted: list[Profile], read: list[Paper], changed: int
) -> None:
    """Of 230 readers, enough for damping and for a base that stays, one goes, one comes and one changes its mind, twice."""
    pool = [*wanted, profile("tide"), profile("lantern*", mute=("RAG",)), profile("RAG", "tide AND NOT lantern")]
    many = {f"reader{number}": subscriber(f"reader{number}", pool[number % len(pool)]) for number in range(230)}
    matcher = Matcher()
    all_found(many.values(), matcher, read)

    for keyword in ("tides", "C++ OR tide^2"):
        many[f"reader{changed}"] = subscriber(f"reader{changed}", profile(keyword), *wanted)
        many[f"new{keyword[0]}"] = subscriber(f"new{keyword[0]}", profile("tide AND lantern", keyword))
        many.pop(f"reader{(changed + len(many)) % 230}", None)

        assert all_found(many.values(), matcher, read) == all_found(many.values(), Matcher(), read)


def test_a_reader_who_comes_back_is_found_again() -> None:
    many = [subscriber(f"reader{number}", profile("tide")) for number in range(300)]
    tide, matcher = paper(1, "Tide", abstract=""), Matcher()

    first = all_found(many, matcher, [tide])
    fewer = all_found(many[1:], matcher, [tide])

    assert many[0].id not in fewer
    assert all_found(many, matcher, [tide]) == first


def test_more_profiles_than_are_ranked_at_once_find_what_a_few_find() -> None:
    words = ["tide", "lantern", "sea", "wick", "ebb"]
    pool = [profile(one, f"{other}^2") for one in words for other in words if one != other]
    read = [paper(number, " ".join(words[:number]), abstract=" ".join(words[number - 1 :])) for number in range(1, 6)]

    few, great = (
        looks([subscriber(f"reader{number}", pool[number % 20], pool[number % 20]) for number in range(count)], read)
        for count in (200, 10_000)
    )

    expected = [matches(few, subscriber(f"reader{number}").id) for number in range(20)]
    found = great.findings(subscriber(f"reader{number}").id for number in range(10_000))
    assert len(found) == 10_000
    for number, candidates in enumerate(found[subscriber(f"reader{number}").id] for number in range(10_000)):
        assert [[(great.id(one), one.score) for one in each] for each in candidates] == [
            [(match.paper, match.score) for match in each] for each in expected[number % 20]
        ]


def test_what_is_no_news_to_a_reader_is_found_by_others_alone() -> None:
    ada, bo = subscriber("ada", profile("tide"), profile("lantern")), subscriber("bo", profile("tide"))
    look = looks([ada, bo], [paper(n, title, abstract="Mud.") for n, title in enumerate(["Tide", "Tide lantern", "Lantern"])])

    found = look.findings([bo.id, ada.id], [b"\1\0\1", b"\0\1\1"])

    assert found.matches == 4
    assert [{one.paper for one in each} for each in found[bo.id]] == [{0}]
    assert [{one.paper for one in each} for each in found[ada.id]] == [{1}, {1, 2}]


def test_rarity_is_learned_once_for_an_instant() -> None:
    matcher, asked_for = Matcher(), []

    def recent() -> Corpus:
        asked_for.append(1)
        return Corpus([])

    for until in (NOON, NOON, NOON + DAY):
        matcher.learn(until, recent)

    assert len(asked_for) == 2


@pytest.mark.parametrize(
    ("readers", "read"),
    [
        pytest.param([], [paper(1)], id="no_readers"),
        pytest.param([subscriber()], [], id="no_papers"),
        pytest.param([replace(subscriber(), profiles=())], [paper(1)], id="no_profiles"),
        pytest.param([subscriber("ada", profile())], [paper(1)], id="a_profile_without_anything"),
        pytest.param([subscriber("ada", profile(like=("arXiv:1",)))], [], id="examples_and_no_papers"),
        pytest.param([subscriber("ada", profile("snow NEAR/3 tide", mute=("ice",)))], [paper(1)], id="strange_words"),
        pytest.param([subscriber("ada", profile("tide", '"RAG"', "lant*"))], [paper(1, " ", abstract="")], id="an_empty_paper"),
    ],
)
def test_nothing_to_find_is_no_trouble(readers: list[Subscriber], read: list[Paper]) -> None:
    look = looks(readers, read)

    found = look.findings(reader.id for reader in readers)

    assert found == {reader.id: [[]] * len(reader.profiles) for reader in readers}


def test_an_abstract_of_a_megabyte_is_read_in_seconds() -> None:
    long = paper(1, abstract="The tide tables of a lantern's keeper, and so on. " * 20_000)
    asked_for = ["tide table", "lant*", '"keeper"', "keeper NEAR/2 lantern", "tide AND NOT moon", "any:so on"]
    start = time.thread_time()

    [match] = find([profile(*asked_for)], [long])

    assert len({one.term for one in match.evidence}) == 7
    assert time.thread_time() - start < 10


def test_a_paper_of_five_thousand_authors_is_found_by_one_of_them() -> None:
    crowd = paper(1, authors=(*(f"A{number}nn Q{number}uay" for number in range(5000)), "Ada Quill"))

    [match] = find([profile(authors=("Quill, A.",))], [crowd])

    assert [one.words for one in match.evidence] == ["Ada Quill"]
