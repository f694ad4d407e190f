"""What cleaning keeps, and what it takes away."""

from datetime import UTC, datetime
from time import gmtime, struct_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.model.paper import canonical
from digestd.sources.clean import address, markup, moment, names, plain


def test_text_is_one_line_and_tex_stays_tex() -> None:
    assert plain("  When $O(n<k)$ &\n <b>bold \t\u2028 Andr\\'e ", 500) == "When $O(n<k)$ & <b>bold Andr\\'e"


@pytest.mark.parametrize(
    "hidden",
    [
        "\x00",
        "\x1b",
        "\u200b",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\xad",
        "\ud800",
        "\U000e0041",
        "\x9f",
        "\u3164",
        "\uffa0",
        "\u115f",
    ],
)
def test_what_cannot_be_seen_is_taken_out(hidden: str) -> None:
    assert plain(f"tid{hidden}al lan{hidden}tern", 500) == "tidal lantern"


def test_letters_are_composed() -> None:
    assert plain("Erdo\u030bs", 500) == "Erdős"


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert plain("tide " * 9, 10) == "tide tide…"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        pytest.param("<p>One &amp; <i>two</i></p><p>three</p>", "One & two three", id="paragraphs_keep_their_distance"),
        pytest.param("H<i>2</i>O<br/>tides", "H2O tides", id="inline_tags_do_not"),
        pytest.param("10<sup>5</sup> H<SUB>2</SUB>O", "10$^{5}$ H$_{2}$O", id="what_stands_higher_or_lower_says_so_in_tex"),
        pytest.param("x<sup><i>n</i></sup> CO<sub><b>2</b></sub>", "x$^{n}$ CO$_{2}$", id="whatever_its_looks"),
        pytest.param("x<sup>n<sub>i</sub></sup> 5<sup>$</sup>", "xn$_{i}$ 5$", id="unless_it_holds_more_than_text"),
        pytest.param("<jats:p>10<jats:sup>5</jats:sup></jats:p>", "10$^{5}$", id="in_jats_too"),
        pytest.param(
            "<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math> up",
            "x$^{2}$ up",
            id="in_mathml_too",
        ),
        pytest.param("if n<k and $O(n<k)$ hold", "if n<k and $O(n<k)$ hold", id="less_than_is_no_tag"),
        pytest.param("a < b <i>c</i> > d &lt;e&gt;", "a < b c > d <e>", id="entities"),
        pytest.param("tide<script>alert(1)</script><style>p{}</style>", "tide", id="scripts_go_whole"),
        pytest.param('<a href="https://example.org" onclick="x()">tide</a> & co', "tide & co", id="bare_ampersand"),
        pytest.param("<jats:p>Tides</jats:p><jats:p>rise</jats:p>", "Tides rise", id="jats"),
        pytest.param("tide <!-- unseen --> high", "tide high", id="comments"),
        pytest.param("tide <b", "tide <b", id="a_tag_cut_short"),
        pytest.param("tide <i>\ud800</i> high", "tide high", id="half_a_pair"),
        pytest.param("tide<sup> </sup>", "tide", id="nothing_that_stands_higher"),
        pytest.param("tide<scr\u200bipt>alert(1)</scr\u200bipt> high", "tide high", id="a_script_with_a_sign_of_no_width"),
        pytest.param("tide<sup>&nbsp;</sup>", "tide", id="a_blank_that_stands_higher"),
        pytest.param('tide<link href="x"> <frameset></frameset>high', "tide high", id="what_is_no_text"),
    ],
)
def test_markup_becomes_words(html: str, words: str) -> None:
    assert markup(html, 500) == words


@given(st.text())
def test_cleaned_text_can_always_be_stored_and_is_clean_already(text: str) -> None:
    once = plain(text, 50)

    assert len(once) <= 50
    assert plain(once, 50) == once
    assert once.encode("utf-8") == once.encode("utf-8", "surrogatepass")


@given(st.text(alphabet="<>/!-&;#x0a bip\"'=\ud800\x00"))
def test_no_markup_is_too_broken_to_read(text: str) -> None:
    assert len(markup(text, 50)) <= 50


def test_names_are_told_once_and_at_most_five_hundred() -> None:
    assert names(["Ada Quill", " Ada  Quill ", "", "Bo <b>Reed</b>,"]) == ("Ada Quill", "Bo Reed")
    assert len(names(str(number) for number in range(1_000))) == 500


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("\n  https://annals.example.org/a?rss=1 \n", "https://annals.example.org/a?rss=1"),
        ("https://annals.example.org/low tide", "https://annals.example.org/low%20tide"),
        ("/papers/1", "https://annals.example.org/papers/1"),
        ("javascript:alert(1)", ""),
        ("file:///etc/hostname", ""),
        ("http://[::1", ""),
    ],
)
def test_a_link_is_a_web_address_or_nothing(text: str, link: str) -> None:
    assert address(text, "https://annals.example.org/feed") == link


@pytest.mark.parametrize("link", ["http://x.org/1?rss=1", "https://X.org/1/", "https://x.org/1?utm_source=mail&utm_medium=a b"])
def test_links_that_differ_in_tracking_are_one(link: str) -> None:
    assert canonical(link) == canonical("https://x.org/1")


def test_links_that_differ_in_what_they_ask_or_point_at_are_several() -> None:
    assert len({canonical(f"https://x.org/1{rest}") for rest in ("", "?p=1", "?p=2", "#a")}) == 4


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-03-05T12:00:00.000Z", datetime(2026, 3, 5, 12, tzinfo=UTC)),
        ("2026-03-05T12:00:00+02:00", datetime(2026, 3, 5, 10, tzinfo=UTC)),
        ("2026-03-05", datetime(2026, 3, 5, tzinfo=UTC)),
        (gmtime(0), datetime(1970, 1, 1, tzinfo=UTC)),
        (struct_time((2026, 2, 30, 0, 0, 0, 0, 0, 0)), None),
        ("0001-01-01T00:00:00+23:00", None),
        (" 2026-3-5 ", datetime(2026, 3, 5, tzinfo=UTC)),
        ("2026/03/05 9:23:28", datetime(2026, 3, 5, tzinfo=UTC)),
        ("2026/13/05", None),
        ("2026-03-055", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_aware_and_in_utc_or_none(told: struct_time | str | None, meant: datetime | None) -> None:
    assert moment(told) == meant
