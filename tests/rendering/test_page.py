import re
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from digestd.model.digest import Digest, Evidence, Match, Section
from digestd.model.paper import Identifiers, Links, Paper, PaperId
from digestd.model.period import Schedule
from digestd.rendering import Page
from tests.support.builders import digest, match, paper
from tests.support.mails import renderer


def page(told: Digest, *papers: Paper, max_bytes: int = 90_000) -> Page:
    return renderer(max_bytes).page(told, {one.id: one for one in papers})


def seen(html: str) -> str:
    """Return what a reader sees of *html*, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<body")[2]))


def many(count: int) -> list[Paper]:
    abstract = "We light sparse lanterns along the quay and wait. " * 100
    return [paper(number, abstract=abstract, authors=("Ada Quill",) * 20) for number in range(1, count + 1)]


def test_a_paper_is_shown_with_all_that_is_known_of_it() -> None:
    shown = paper(
        1,
        "Tidal lanterns",
        authors=tuple(f"Author {number}" for number in range(1, 15)),
        categories=("cs.LG", "cs.CL", "stat.ML", "math.ST"),
        sources=("arxiv", "hf daily"),
        version=2,
        votes=1203,
        links=Links("https://arxiv.org/abs/2603.00001", "https://arxiv.org/pdf/2603.00001"),
    )

    made = page(digest("ada", shown), shown)

    for text in (seen(made.html), re.sub(r"\s+", " ", made.text)):
        for told in (
            "Author 6 et al. (14)",
            "▲ 1,203 · cs.LG · cs.CL · stat.ML · v2 · 5 Mar 2026",
            "hf daily",
            "watch the tide",
        ):
            assert told in text.replace("\u00a0", " ")
    for link in (shown.links.abstract, shown.links.pdf):
        assert f'href="{link}"' in made.html
        assert f"\n    {link}\n" in made.text


def test_an_author_whom_the_reader_follows_is_marked_and_never_cut() -> None:
    one = paper(1, authors=tuple(f"Author {number}" for number in range(1, 15)))
    found = tuple(Evidence(f"author:{name}", "author", 0, 9, 1.0, name) for name in ("Author 2", "Author 11"))
    told = digest("ada", sections=(Section("Lanterns", (Match(one.id, "Lanterns", 1.0, found),)),))

    made = page(told, one)

    assert "Author 1, <b>Author 2</b>, Author 3" in made.html
    assert "Author 6, <b>Author 11</b> et\u00a0al.\u00a0(14)" in made.html
    assert "Author 6, Author 11 et al. (14)" in re.sub(r"\s+", " ", made.text)


def test_the_terms_that_matched_are_marked_and_named() -> None:
    shown = paper(1, "Tidal lanterns at sea")
    told = digest("ada", sections=(Section("Lanterns", (match(shown, "Tidal lanterns", "watch"),)),))

    made = page(told, shown)

    assert re.findall(r"<mark[^>]*>(.*?)</mark>", made.html) == ["Tidal lanterns", "watch"]
    assert "matches “Tidal lanterns” in title; “watch” in abstract" in seen(made.html)


def test_markup_of_strangers_is_text() -> None:
    shown = paper(1, "<script>alert(1)</script> & co", abstract='<img src=x onerror="x">', links=Links('https://x.org/"><b>'))

    made = page(digest("ada", shown), shown)

    assert "<script" not in made.html
    assert "<img" not in made.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in made.html
    assert 'href="https://x.org/%22%3E%3Cb%3E"' in made.html
    assert "<script>alert(1)</script> & co" in made.text


def test_what_was_over_the_limit_is_counted_and_named_as_far_as_known() -> None:
    shown, *over = (paper(number) for number in range(1, 20))
    overflow = tuple(one.id for one in over)
    told = digest("ada", sections=(Section("Lanterns", (match(shown),), overflow=overflow),))

    made = page(told, shown, *over[:4])

    assert "18 more matched" in seen(made.html)
    assert "and 14 more" in seen(made.html)
    assert f"  - {over[3].title}\n    {over[3].links.abstract}\n" in made.text


def test_at_most_fifteen_titles_stand_in_short() -> None:
    over = [paper(number) for number in range(1, 31)]
    told = digest("ada", sections=(Section("Lanterns", overflow=tuple(one.id for one in over)),))

    assert page(told, *over).html.count("<li") == 16


def test_muted_papers_are_counted() -> None:
    told = digest("ada", sections=(Section("Lanterns", hidden=(PaperId("a"), PaperId("b"))),))

    made = page(told)

    assert "2 hidden by your mutes" in seen(made.html)
    assert "2 hidden by your mutes" in made.text


def test_sources_that_failed_are_named() -> None:
    made = page(digest("ada", failing=("arXiv cs.LG",)))

    assert "arXiv cs.LG could not be read" in seen(made.html)
    assert "arXiv cs.LG could not be read" in made.text


def test_an_empty_digest_says_that_nothing_is_new() -> None:
    made = page(digest("ada", sections=(Section("Lanterns"),), looked_at=212))

    assert made.subject == "Nothing new – Thursday, 5 March 2026"
    assert "Nothing new for “Lanterns” 212 papers were looked at" in seen(made.html)


@pytest.mark.parametrize(
    ("looked_at", "told"),
    [
        (0, "There were no new papers. The next digest comes as planned."),
        (1, "1 paper was looked at; it was not what you asked for."),
        (212, "212 papers were looked at; none was what you asked for."),
    ],
)
def test_an_empty_digest_says_how_many_papers_there_were(looked_at: int, told: str) -> None:
    made = page(digest("ada", sections=(Section("Lanterns"),), looked_at=looked_at))

    assert told in seen(made.html)
    assert told in re.sub(r"\s+", " ", made.text)
    assert " 0 " not in seen(made.html)


@pytest.mark.parametrize(
    ("failing", "stale", "told"),
    [
        (("journal",), (), "A source could not be read"),
        (("journal", "arxiv"), (), "Sources could not be read"),
        ((), ("journal",), "A source announced nothing"),
        ((), ("journal", "arxiv"), "Sources announced nothing"),
    ],
    ids=["one_broken", "two_broken", "one_stale", "two_stale"],
)
def test_an_empty_digest_of_troubled_sources_does_not_look_like_a_quiet_day(
    failing: tuple[str, ...], stale: tuple[str, ...], told: str
) -> None:
    made = page(digest("ada", sections=(Section("Lanterns"),), failing=failing, stale=stale, looked_at=0))

    assert made.subject == f"{told} – Thursday, 5 March 2026"
    assert "No papers could be looked at." in seen(made.html)
    assert "No papers could be looked at." in made.text
    assert made.text.count("could not be read") == (2 if failing else 0)
    assert made.text.count("announced nothing") == (2 if stale else 0)
    assert "Nothing new" not in made.text
    assert "as planned" not in made.text


def test_the_footer_says_why_and_how_to_leave() -> None:
    told = digest("ada", schedule=Schedule("weekday", time(7, 30), "Europe/Berlin"))

    made = renderer(postal_address="1 Quay, Tidetown").page(told, {})

    foot = made.text.partition("\n-- \n")[2]
    for told_there in (
        "as ada@example.org",
        "every weekday at 07:30, Europe/Berlin",
        "https://digest.example.org/u/",
        "1 Quay",
    ):
        assert told_there in re.sub(r"\s+", " ", foot)
        assert told_there in re.sub(r"\s+", " ", made.html)


def test_without_pages_a_reader_leaves_by_mail() -> None:
    made = renderer(base_url=None).page(digest("ada"), {})

    assert re.search(r"mailto:admin@example\.org\?subject=unsubscribe%20[a-z2-7]{26}\n", made.text)
    assert "write to admin@example.org" in re.sub(r"\s+", " ", made.text)


def test_the_subject_names_the_first_paper_and_is_not_long() -> None:
    shown = paper(1, "A lantern for every tide " * 9)

    subject = page(digest("ada", shown), shown).subject

    assert subject.startswith("1 new paper: A lantern for every tide")
    assert len(subject) <= 78


@pytest.mark.parametrize("title", ["\u3164\u3164", "\u2800", "\u115f\uffa0", "\U0001d173", "\ufe0f"])
def test_the_subject_does_not_name_a_paper_whose_title_cannot_be_seen(title: str) -> None:
    shown = paper(1, title)

    assert page(digest("ada", shown), shown).subject == "1 new paper – Thursday, 5 March 2026"


def test_a_paper_without_a_link_is_led_to_by_its_name() -> None:
    shown = paper(1, links=Links(""), ids=Identifiers(doi="10.1101/2026.03.02.1"))

    assert 'href="https://doi.org/10.1101/2026.03.02.1"' in page(digest("ada", shown), shown).html


def test_a_bare_paper_is_shown() -> None:
    shown = Paper(PaperId("id:1"), "Lanterns", sources=("journal",))

    made = page(digest("ada", shown), shown)

    assert "1. Lanterns" in seen(made.html)
    assert "\n 1. Lanterns\n    journal\n" in made.text
    assert "None" not in made.html + made.text


@pytest.mark.parametrize("max_bytes", [90_000, 60_000, 30_000, 12_000, 7_000])
def test_sixty_long_papers_keep_to_max_bytes_and_none_is_forgotten(max_bytes: int) -> None:
    shown = many(60)

    made = page(digest("ada", *shown), *shown, max_bytes=max_bytes)

    assert len(made.html.encode()) <= max_bytes
    named = made.html.count("<h3") + len(re.findall(r"<li[^>]*><a", made.html))
    unnamed = re.search(r"(?:and )?(\d+) (?:more|for which there was no room)", seen(made.html))
    assert named + int(unnamed[1] if unnamed else 0) == 60


def test_a_mail_that_was_cut_says_so() -> None:
    shown = many(60)

    assert "by title alone, and abstracts are left out so that this mail arrives whole" in page(
        digest("ada", *shown), *shown, max_bytes=40_000
    ).text.replace("\n", " ")


def test_abstracts_give_way_before_papers_do() -> None:
    shown = many(60)

    made = page(digest("ada", *shown), *shown)

    assert made.html.count("<h3") == 60
    assert "and wait.\u00a0…" in made.text


def test_the_text_stands_on_its_own() -> None:
    shown = paper(1, "A title of some length on tidal lanterns and the quays of the northern towns", abstract="We light. " * 90)
    told = digest("ada", sections=(Section("Lanterns", (match(shown, "light"),), (paper(2).id,)),))

    text = page(told, shown, paper(2)).text

    assert all(len(line) <= 72 for line in text.splitlines())
    assert [line for line in text.splitlines() if line != line.rstrip()] == ["-- "]
    assert "<" not in text
    assert "\n\n\n\n" not in text


def test_the_same_digest_makes_the_same_page() -> None:
    shown = paper(1)

    assert page(digest("ada", shown), shown) == page(digest("ada", shown), shown)


def test_evidence_beyond_the_text_does_no_harm() -> None:
    shown = paper(1)
    stale = Match(shown.id, "Lanterns", 1.0, (Evidence("x", "abstract", 900, 910, 1.0, "elsewhere!"),))

    assert "<mark" not in page(digest("ada", sections=(Section("Lanterns", (stale,)),)), shown).html


def test_the_date_is_that_of_the_readers_zone() -> None:
    told = replace(digest("ada"), until=datetime(2026, 3, 5, 22, tzinfo=UTC), schedule=Schedule(timezone="Asia/Tokyo"))

    assert "For Ada · Friday, 6 March 2026" in page(told).text
