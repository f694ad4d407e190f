"""The languages of digests: the catalogues are whole, and what a digest says is in its reader's language."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from digestd.config import catalogues
from digestd.model.digest import BY_EXAMPLE, Digest, Evidence, Match, Section
from digestd.model.paper import Links, Paper, PaperId
from digestd.model.period import Schedule
from digestd.rendering import ENGLISH, Editions, Language, Languages, Page, Renderer, TemplateError, words
from tests.house import messages
from tests.support.builders import NOON, digest, match, paper
from tests.support.mails import KEY, TEMPLATES, letterhead, read

LANGUAGES = Languages(catalogues())
GERMAN, FRENCH = LANGUAGES.of("de"), LANGUAGES.of("fr")
PLACE = re.compile(r"%\(\w+\)s|%%|%")  # the last is a mistake: what follows is taken for a place

FOUND = (
    Evidence("q", "title", 0, 1, 1.0, "Q"),
    *(Evidence(word, "abstract", 0, 1, 1.0, word) for word in "rstuv"),
    Evidence("author:X", "author", 0, 1, 1.0, "X"),
    Evidence("cs.LG", "category", 0, 1, 1.0, "cs.LG"),
    Evidence("Y", "source", 0, 1, 1.0, "Y"),
    Evidence(BY_EXAMPLE, "title", 0, 1, 1.0, "Q", "Z"),
    Evidence(BY_EXAMPLE, "title", 0, 1, 1.0, "R"),
)
PAPERS = (
    Paper(
        PaperId("1"), "Q", "R", ("X",) * 20, links=Links("https://example.org/1", "https://example.org/1.pdf"), published=NOON
    ),
    Paper(PaperId("2"), "S", "T", ("X",), links=Links("https://example.org/2")),
)


def made(told: Digest, *shown: Paper, languages: Languages = LANGUAGES, max_bytes: int = 90_000) -> Page:
    return renderer(languages, max_bytes).page(told, {one.id: one for one in shown})


def renderer(languages: Languages = LANGUAGES, max_bytes: int = 90_000, **templates: str) -> Renderer:
    named = {f"{name}.{kind}.j2": text for name, text in templates.items() for kind in ("txt", "html")}
    return Renderer(Editions(TEMPLATES | named, languages), letterhead(), KEY, max_bytes)


@pytest.fixture(scope="module")
def template() -> Catalog:
    return messages.extracted()


@pytest.fixture(scope="module")
def strange() -> Languages:
    return in_brackets()


def in_brackets() -> Languages:
    """Return a language that says everything as English does, in brackets."""
    template = messages.extracted()
    for one in template:
        one.string = tuple(f"⟦{text}⟧" for text in texts(one.id)) if one.pluralizable else f"⟦{one.id}⟧"
    return Languages({"de": messages.written(template).decode()})


def test_the_template_of_the_catalogues_holds_all_that_is_said(template: Catalog) -> None:
    assert messages.TEMPLATE.read_bytes() == messages.written(template), "run `make messages`"


every_catalogue = pytest.mark.parametrize("path", messages.catalogues(), ids=lambda path: path.parts[-3])


@every_catalogue
def test_a_catalogue_is_up_to_date(path: Path, template: Catalog) -> None:
    assert path.read_bytes() == messages.written(messages.updated(path, template)), "run `make messages`"


@every_catalogue
def test_a_catalogue_is_whole(path: Path) -> None:
    catalogue = messages.read(path)

    assert not catalogue.obsolete
    assert [one.id for one in catalogue if one.id and one.fuzzy] == []
    assert [one.id for one in catalogue if one.id and not all(texts(one.string))] == []
    assert [one.id for one in catalogue if one.pluralizable and len(texts(one.string)) != catalogue.num_plurals] == []


@every_catalogue
def test_a_translation_has_the_places_of_its_text(path: Path) -> None:
    assert [one.id for one in messages.read(path) if one.id and not has_its_places(one)] == []


COUNTED = ("%(count)s paper for %(profile)s", "%(count)s papers for %(profile)s")


@pytest.mark.parametrize(
    ("said", "told", "whole"),
    [
        pytest.param(COUNTED, ("%(count)s zu %(profile)s", "%(count)s Artikel zu %(profile)s"), True, id="all"),
        pytest.param(COUNTED, ("%(count)s zu %(profil)s", "%(count)s Artikel zu %(profil)s"), False, id="other_in_all_forms"),
        pytest.param(COUNTED, ("%(count)s zu %(profile)s", "%(count)s Artikel zu %(profil)s"), False, id="other_in_one_form"),
        pytest.param(COUNTED, ("%(count)s zu %(profile)s", "Artikel zu %(profile)s"), False, id="none_in_one_form"),
        pytest.param(("one paper", "%(count)s papers"), ("ein Artikel", "%(count)s Artikel"), True, id="no_count_of_one"),
        pytest.param("For %(reader)s", "Für %s", False, id="without_a_name"),
        pytest.param("For %(reader)s", "Für 100% %(reader)s", False, id="a_percent_sign"),
        pytest.param("Unsubscribe", "Weg damit", True, id="no_places"),
    ],
)
def test_a_place_that_is_not_that_of_its_text_is_found(
    said: str | tuple[str, str], told: str | tuple[str, str], whole: bool
) -> None:
    assert has_its_places(Message(said, told)) == whole


def has_its_places(one: Message) -> bool:
    return places(one.string) == places(one.id)


def places(said: object) -> set[frozenset[str]]:
    return {frozenset(PLACE.findall(text)) for text in texts(said)}


def texts(one: object) -> tuple[str, ...]:
    return tuple(map(str, one)) if isinstance(one, tuple | list) else (str(one),)


SECTIONS = (
    Section(
        "A", (Match(PAPERS[0].id, "A", 1.0, FOUND), match(PAPERS[1])), (PaperId("3"), *(PaperId(f"4{n}") for n in range(20)))
    ),
    Section("B", overflow=(PAPERS[1].id,), hidden=(PaperId("5"),)),
)


@pytest.mark.parametrize("max_bytes", [90_000, 11_000, 8_000], ids=["whole", "cut", "short"])
@pytest.mark.parametrize(
    "told",
    [
        pytest.param(digest("ada", sections=SECTIONS, failing=("F",), stale=("G", "H")), id="papers"),
        pytest.param(digest("ada", sections=(Section("A"), Section("B"))), id="nothing"),
        pytest.param(digest("ada", failing=("F",)), id="trouble"),
        pytest.param(digest("ada", schedule=Schedule("month", time(7, 30), "UTC", 31)), id="monthly"),
    ],
)
def test_nothing_is_said_that_no_catalogue_can_say(told: Digest, max_bytes: int, strange: Languages) -> None:
    page = made(replace(told, language="de", name="N"), *PAPERS, languages=strange, max_bytes=max_bytes)

    for text in (page.subject, page.text, re.sub(r"<[^>]*>", " ", page.html.partition("</head>")[2])):
        assert unsaid(text) <= {"digestd", "digest", "ada", "example", "org", "cs", "LG", "Donnerstag", "März"}


def unsaid(text: str) -> set[str]:
    """Return the words of *text* that stand in no brackets."""
    while (inner := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = inner
    return set(re.findall(r"[^\W\d_]{2,}", re.sub(r"https://\S+", "", text)))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            GERMAN,
            ["täglich", "montags bis freitags", "jeden Freitag", "am 1. jedes Monats", "am 31. jedes Monats oder an dessen"],
        ),
        (
            FRENCH,
            ["chaque jour", "du lundi au vendredi", "chaque vendredi", "le 1er de chaque mois", "le 31 de chaque mois, ou le"],
        ),
    ],
    ids=["de", "fr"],
)
def test_a_schedule_is_said_in_the_readers_language(language: Language, told: list[str]) -> None:
    schedules = [
        *(Schedule("day"), Schedule("weekday"), Schedule("week", on=4)),
        *(Schedule("month", on=1), Schedule("month", on=31)),
    ]

    said = [words.schedule(language, one) for one in schedules]

    assert [one.startswith(begin) for one, begin in zip(said, told, strict=True)] == [True] * 5
    assert all(one.endswith(("07:30 Uhr, UTC", "à 07:30, UTC")) for one in said)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (ENGLISH, "1 paper for “A”, 1 for “B” · 1,212 looked at"),
        (GERMAN, "1 Artikel zu „A“, 1 zu „B“ · 1.212 durchgesehen"),
        (FRENCH, "1 article pour «\u202fA\u202f», 1 pour «\u202fB\u202f» · 1\u202f212 parcourus"),
    ],
    ids=["en", "de", "fr"],
)
def test_a_digest_is_summed_up_in_the_readers_language(language: Language, told: str) -> None:
    sections = tuple(Section(name, (match(paper(1)),)) for name in "AB")

    assert words.summary(language, digest(sections=sections, looked_at=1212)) == told


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (GERMAN, "passt zu „q“ im Titel; „r“, „s“, „t“, „u“ und noch 1 im Abstract; von X, eingeordnet unter cs.LG, aus Y; "),
        (
            FRENCH,
            "correspond à «\u202fq\u202f» dans le titre\u202f; «\u202fr\u202f», «\u202fs\u202f», «\u202ft\u202f», ",
        ),
    ],
    ids=["de", "fr"],
)
def test_a_match_says_why_in_the_readers_language(language: Language, told: str) -> None:
    assert words.why(language, FOUND).startswith(told)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (ENGLISH, ("Friday, 6 March 2026", "6\u00a0Mar\u00a02026")),
        (GERMAN, ("Freitag, 6. März 2026", "6.\u00a0März\u00a02026")),
        (FRENCH, ("vendredi 6 mars 2026", "6\u00a0mars\u00a02026")),
    ],
    ids=["en", "de", "fr"],
)
def test_a_date_is_written_as_the_language_does(language: Language, told: tuple[str, str]) -> None:
    at = datetime(2026, 3, 5, 22, tzinfo=UTC)

    assert (words.long_date(language, at, "Asia/Tokyo"), words.short_date(language, datetime(2026, 3, 6, tzinfo=UTC))) == told


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 article"), (1, "1 article"), (2, "2 articles"), (1203, "1\u202f203 articles")]
)
def test_a_plural_is_that_of_the_language(count: int, told: str) -> None:
    assert words.papers(FRENCH, count) == told


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_mail_says_its_language(language: str) -> None:
    told = replace(digest("ada", paper(1)), language=language)
    content = renderer().message(told, {paper(1).id: paper(1)}, NOON).content

    assert read(content)["Content-Language"] == language
    assert f'<html lang="{language}" dir="ltr"' in made(told, paper(1)).html


def test_a_digest_in_a_language_that_is_gone_is_in_english() -> None:
    told = digest("ada", paper(1))

    assert made(replace(told, language="tlh"), paper(1)) == made(told, paper(1))


def test_what_is_not_translated_for_certain_is_said_in_english() -> None:
    half = Language("de", '#, fuzzy\nmsgid "every day"\nmsgstr "nie"\n\nmsgid "every weekday"\nmsgstr ""\n')

    assert [half.gettext(text) for text in ("every day", "every weekday", "by chance")] == [
        "every day",
        "every weekday",
        "by chance",
    ]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(("%(count)s zu %(profil)s", "%(count)s Artikel zu %(profile)s"), id="unknown_in_one_form"),
        pytest.param(("%(count)s zu %(profile)s", "%(profiles)s"), id="unknown_in_all"),
        pytest.param(("100% zu %(profile)s", "%(count)s"), id="a_percent_sign"),
        pytest.param(("%s zu %(profile)s", "%(count)s"), id="without_a_name"),
        pytest.param(("zu %(profile)d", "%(count)s"), id="a_number"),
        pytest.param(("%(count)s zu %(profile)s", ""), id="a_form_is_lacking"),
    ],
)
def test_what_has_a_place_for_no_value_is_said_in_english(told: tuple[str, str]) -> None:
    assert [counted(told, count) for count in (1, 2)] == ["1 paper for A", "2 papers for A"]


def test_a_form_that_leaves_a_place_out_is_said() -> None:
    assert [counted(("ein %%", "%(count)s zu %(profile)s"), count) for count in (1, 2)] == ["ein %", "2 zu A"]


def counted(told: tuple[str, str], count: int) -> str:
    """Return what a catalogue with those two forms of one text says of so many papers."""
    one, many = COUNTED
    forms = "".join(f'msgstr[{at}] "{form}"\n' for at, form in enumerate(told))
    header = 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=n != 1;\\n"\n\n'
    return Language("de", f'{header}msgid "{one}"\nmsgid_plural "{many}"\n{forms}').ngettext(one, many, count, profile="A")


def test_readers_of_several_languages_do_not_mix() -> None:
    both, told = renderer(), digest("ada", paper(1, authors=("Ada Quill",) * 20))
    papers = {one: paper(1, authors=("Ada Quill",) * 20) for one in [paper(1).id]}

    pages = [both.page(replace(told, language=name), papers) for name in ("de", "en", "fr", "de")]

    alone = [renderer().page(replace(told, language=name), papers) for name in ("de", "en", "fr")]
    assert pages == [*alone, alone[0]]
    assert "1 Artikel" in pages[0].text
    assert "1 paper" in pages[1].text


@pytest.mark.parametrize(
    ("template", "told"),
    [
        pytest.param("{{ _('Unsubscribe') }}", "Abbestellen", id="fixed"),
        pytest.param("{{ _('For %(reader)s', reader=reader) }}", "Für A &amp; B", id="with_a_value"),
        pytest.param("{{ _('For %(reader)s', reader='<b>' | safe) }}", "Für <b>", id="with_a_value_that_is_safe"),
        pytest.param("{{ _('Unsubscribe') ~ '!' }}", "Abbestellen!", id="joined"),
        pytest.param("{{ _('Unsubscribe') | upper }}", "ABBESTELLEN", id="turned"),
        pytest.param("{{ _('Un' ~ 'subscribe') }}", "Abbestellen", id="made_up_as_it_is_rendered"),
        pytest.param("{{ _('For ' ~ '%(reader)s', reader=reader) }}", "Für A &amp; B", id="made_up_with_a_value"),
        pytest.param("{{ ngettext('%(count)s paper', '%(count)s papers', 1203) }}", "1.203 Artikel", id="counted"),
        pytest.param("{{ _('at 100%% of %(reader)s', reader=reader) }}", "at 100% of A &amp; B", id="not_translated"),
    ],
)
def test_a_template_says_things_in_the_readers_language(template: str, told: str) -> None:
    made_up = renderer(digest=template).page(replace(digest("ada"), language="de", name="A & B"), {})

    assert made_up.html == told
    assert made_up.text == told.replace("&amp;", "&") + "\n"


def test_a_text_that_lacks_a_value_is_named_with_its_line() -> None:
    with pytest.raises(TemplateError, match=r"^digest\.html\.j2:2: KeyError: 'reader'"):
        renderer(digest="\n{{ _('For %(reader)s') }}").page(digest("ada"), {})


def test_the_name_and_direction_of_a_language_are_those_of_html() -> None:
    assert Language("pt_BR").tag == "pt-BR"
    assert [Language(name).direction for name in ("en", "ar")] == ["ltr", "rtl"]
