"""Readers' files: a broken one disables that reader alone."""

import tomllib
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from digestd.config import Complaint, Defaults, bundled, parse_profiles, parse_subscriber, read_roster
from digestd.config.subscribers import ProfileKeys, ScheduleKeys, SubscriberKeys
from digestd.model.period import Schedule
from digestd.model.subscriber import Profile, Subscriber
from tests.support.site import ADA

DEFAULTS = Defaults(Schedule(), 20)
BEN = ADA.replace("ada@", "ben@").replace('"Ada"', '"Ben"')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "subscribers.d"
    made.mkdir()
    (made / "ada.toml").write_text(ADA, encoding="utf-8")
    (made / "ben.toml").write_text(BEN, encoding="utf-8")
    return made


def emails(folder: Path, last_good: dict[str, str] | None = None) -> list[str]:
    return [reader.email for reader in read_roster(folder, DEFAULTS, last_good or {}).subscribers]


def test_a_file_is_a_reader() -> None:
    reader = parse_subscriber(ADA, "ada.toml", DEFAULTS)

    assert isinstance(reader, Subscriber)
    assert (reader.email, reader.name, reader.max_papers) == ("ada@example.org", "Ada", 20)
    assert reader.schedule == Schedule("day", time(7, 30), "Europe/Berlin")
    assert reader.profiles[0].keywords == ("lantern*",)


def test_a_file_may_begin_with_a_byte_order_mark(folder: Path) -> None:
    (folder / "ada.toml").write_text(ADA, encoding="utf-8-sig")

    assert emails(folder) == ["ada@example.org", "ben@example.org"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param(
            '"07:30"', '"25:00"', 'ada.toml:3 schedule.at: "25:00" is not a time of day (00:00–23:59)', id="time_of_day"
        ),
        pytest.param("Europe/Berlin", "Europe/Berln", "did you mean 'Europe/Berlin'?", id="zone"),
        pytest.param('name = "Ada"', 'nmae = "Ada"', "ada.toml:2 nmae: unknown key – did you mean 'name'?", id="key"),
        pytest.param("ada@example.org", "ada@", 'ada.toml:1 email: "ada@" is not an e-mail address', id="address"),
        pytest.param(
            'keywords = ["lantern*"]', 'keyword = ["x"]', "ada.toml:7 profiles[0].keyword: unknown key", id="key_of_a_profile"
        ),
        pytest.param("lantern*", "lantern AND", "ada.toml:7 profiles[0].keywords[0]: column ", id="query"),
        pytest.param(
            "[[profiles]]",
            '[[profiles]]\ndislike = ["2613.00001", "a paper on tides"]',
            'ada.toml:6 profiles[0].dislike[1]: "a paper on tides" names no paper: write an id such as "arXiv:2401.01234"',
            id="example",
        ),
        pytest.param(
            'name = "Ada"',
            'language = "frz"',
            'ada.toml:2 language: "frz" is none of the languages there are, "de", "en", "fr" – did you mean \'fr\'?',
            id="language",
        ),
        pytest.param("[[profiles]]", "[[profile]]", "ada.toml profiles: is missing", id="no_profile"),
        pytest.param(
            'every = "day"',
            'every = "dya"',
            'ada.toml:3 schedule.every: must be "day", "weekday", "week" or "month", not "dya"',
            id="every",
        ),
    ],
)
def test_a_fault_is_said_with_file_line_and_key(old: str, new: str, complaint: str) -> None:
    found = parse_subscriber(ADA.replace(old, new), "ada.toml", DEFAULTS)

    assert isinstance(found, tuple)
    assert complaint in "\n".join(map(str, found))


@pytest.mark.parametrize("key", ["keywords", "authors", "like", "categories"])
def test_a_list_in_a_readers_file_is_asked_for_as_a_list(key: str) -> None:
    found = parse_subscriber(
        ADA.replace("[[profiles]]", f'[[profiles]]\n{key} = "a"').replace("keywords = [", "mute = ["), "a", DEFAULTS
    )

    assert [one.problem for one in faults(found)] == [f'must be a list of strings, such as {key} = ["a"], not "a"']


@pytest.mark.parametrize("domain", ["straße.example", "βόλος.example"])
def test_an_address_that_no_envelope_carries_is_said_to_be_none(domain: str) -> None:
    found = parse_subscriber(ADA.replace("ada@example.org", f"ada@{domain}"), "ada.toml", DEFAULTS)

    (said,) = map(str, faults(found))
    assert said.startswith(f'ada.toml:1 email: "ada@{domain}" cannot be mailed')
    assert said.endswith("write it in its xn-- form")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ada@xn--strae-oqa.example", "ada@xn--strae-oqa.example"),
        ("ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("ada@bücher.example", "ada@bücher.example"),
    ],
)
def test_a_domain_is_kept_in_letters_that_can_be_mailed(written: str, kept: str) -> None:
    reader = parse_subscriber(ADA.replace("ada@example.org", written), "ada.toml", DEFAULTS)

    assert isinstance(reader, Subscriber)
    assert reader.email == kept


@pytest.mark.parametrize(("said", "spoken"), [("", "fr"), ('language = "de"\n', "de"), ('language = "en"\n', "en")])
def test_a_reader_has_a_language_or_that_of_the_installation(said: str, spoken: str) -> None:
    reader = parse_subscriber(said + ADA, "ada.toml", replace(DEFAULTS, language="fr"))

    assert isinstance(reader, Subscriber)
    assert reader.language == spoken


def test_a_complaint_is_one_line_whatever_was_written() -> None:
    strange = ADA.replace("ada@example.org", "ada@example.org\\r\\nBcc: ben@example.org") + '"a\\nb" = 1\n'
    found = parse_subscriber(strange, "ada.toml", DEFAULTS)

    said = list(map(str, faults(found)))
    assert len(said) == 2
    assert not any("\n" in one or "\r" in one for one in said)


def faults(found: object) -> list[Complaint]:
    return [one for one in found if isinstance(one, Complaint)] if isinstance(found, list | tuple) else []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('keywords = "tide"', 'keywords: must be a list of strings, such as keywords = ["tide"], not "tide"'),
        ("authors = 5", 'authors: must be a list of strings, such as authors = ["…"], not 5'),
        ("like = [1]", "like[0]: must be a string, in quotes, not 1"),
        ('min_score = "much"', 'min_score: must be a number, not "much"'),
        ("min_score = nan", "min_score: must be a number, not nan"),
        ("max_papers = 2.5", "max_papers: must be a whole number, not 2.5"),
        ("max_papers = true", "max_papers: must be a whole number, not true"),
        ("max_papers = -1", "max_papers: must be at least 0, not -1"),
        ("max_papers = [1]", "max_papers: must be a whole number, not a list"),
        ('name = ""', "name: must not be empty"),
        (f'name = "{"x" * 130}"', "name: must have at most 120 letters"),
        ("name = 2026-03-05", "name: must be a string, in quotes, not 2026-03-05"),
        ("profiles = 5", "profiles: must be tables, each below a line [[profiles]], not 5"),
        ("profiles = []", "profiles: must have at least one, below a line [[profiles]]"),
        ('profiles = ["a"]', 'profiles[0]: must be a table, such as { key = value }, not "a"'),
        ("paused = {}", "paused: must be true or false, not a table"),
        ('schedule = "daily"', 'schedule: must be a table, such as { key = value }, not "daily"'),
        ("schedule = {at = 7}", "schedule.at: 7 is not a time of day (00:00–23:59)"),
        (
            "schedule = {timezone = true}",
            'schedule.timezone: true is not a time zone of the IANA database, such as "Europe/Berlin"',
        ),
        ("schedule = {on = 2.5}", 'schedule.on: 2.5 is neither a weekday, such as "mon", nor a day of the month, from 1 to 31'),
        ("schedule = {on = 3}", 'schedule: on = 3 does not go with every = "day": take it away'),
    ],
)
def test_a_value_of_another_type_is_said_in_words(keys: str, said: str) -> None:
    of_reader = keys.startswith(("profiles", "paused", "schedule"))
    email, profiles = 'email = "ada@example.org"\n', "" if "profiles" in keys else '[[profiles]]\nname = "Tides"\n'
    found = (
        parse_subscriber(f"{email}{keys}\n{profiles}", "ada.toml", DEFAULTS)
        if of_reader
        else parse_profiles(keys, "tides.toml")
    )

    assert [f"{one.key}: {one.problem}" for one in faults(found)] == [said]


VALUES = [
    '"tide"',
    '""',
    "5",
    "-1",
    "2.5",
    "nan",
    "true",
    '["a"]',
    "[1]",
    "[[]]",
    "{a = 1}",
    "[{a = 1}]",
    "2026-03-05",
    "07:30:00",
    "[]",
]


@pytest.mark.parametrize("key", [*ProfileKeys.model_fields, *SubscriberKeys.model_fields, *ScheduleKeys.model_fields])
def test_no_message_speaks_of_how_files_are_read(key: str) -> None:
    tide, email, keyword = '[[profiles]]\nname = "Tides"\n', 'email = "ada@example.org"\n', 'keywords = ["tide"]\n'
    for value in VALUES:
        files = [
            parse_profiles(f"{'' if key == 'keywords' else keyword}{key} = {value}\n", "tides.toml"),
            parse_subscriber(
                f"{'' if key == 'email' else email}{key} = {value}\n{'' if key == 'profiles' else tide}", "a", DEFAULTS
            ),
            parse_subscriber(f"{email}schedule = {{{key} = {value}}}\n{tide}", "a", DEFAULTS),
        ]
        said = " ".join(one.problem for found in files for one in faults(found))
        assert not any(word in said for word in ("tuple", "dictionary", "valid", "parse", "input", "integer", "boolean"))


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = ADA.replace('"lantern*"', '"(", "tide", "fog AND"') + 'mute = [")"]\nlike = ["lantern", "tide"]\n'
    found = parse_subscriber(wrong, "ada.toml", DEFAULTS)

    keys = ["keywords[0]", "keywords[2]", "mute[0]", "like[0]", "like[1]"]
    assert [one.key for one in faults(found)] == [f"profiles[0].{key}" for key in keys]


def test_an_example_is_any_id_or_link_that_names_a_paper() -> None:
    written = ("arXiv:2613.00001", "2613.00001v2", "https://arxiv.org/abs/2613.00001", "doi:10.5555/a", "pmid:38000001")
    reader = parse_subscriber(f"{ADA}like = {list(written)}\n", "ada.toml", DEFAULTS)

    assert isinstance(reader, Subscriber)
    assert reader.profiles[0].like == written


def test_a_profile_for_a_file_of_papers_may_name_its_ids() -> None:
    (alone,) = parse_profiles('like = ["lantern 7"]', "tides.toml")
    (of_reader,) = parse_profiles(f'{ADA}like = ["lantern 7"]', "ada.toml")

    assert isinstance(alone, Profile)
    assert isinstance(of_reader, Profile)
    assert alone.like == of_reader.like == ("lantern 7",)


def test_the_documented_profile_file_sets_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs/reference.md").read_text(encoding="utf-8")
    _, sample = page.split("## A profile file\n")
    text = sample.split("```toml\n")[1].split("```")[0]

    (alone,) = parse_profiles(text, "tides.toml")

    assert isinstance(alone, Profile)
    assert alone.name == "Sparse attention"
    assert set(tomllib.loads(text)) == set(ProfileKeys.model_fields)


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000, f"0x{'f' * 5000}"], ids=["deep", "decimal", "hexadecimal"])
def test_what_nobody_writes_by_hand_is_not_toml(value: str) -> None:
    alone = parse_profiles(f"keywords = [{value}]", "tides.toml")
    of_reader = parse_subscriber(f"{ADA}like = [{value}]", "ada.toml", DEFAULTS)

    assert str(alone[0]).startswith("tides.toml not TOML: ")
    assert isinstance(of_reader, tuple)
    assert str(of_reader[0]).startswith("ada.toml not TOML: ")


def test_a_reader_has_at_most_a_thousand_profiles() -> None:
    more = "".join(f'[[profiles]]\nname = "Tide {number}"\nkeywords = ["tide"]\n' for number in range(999))

    full, over = ADA + more, ADA + more + '[[profiles]]\nname = "One more"\n'

    assert isinstance(parse_subscriber(full, "ada.toml", DEFAULTS), Subscriber)
    found = parse_subscriber(over, "ada.toml", DEFAULTS)
    assert isinstance(found, tuple)
    for faults in (found, parse_profiles(over, "ada.toml")):
        assert [str(one) for one in faults] == ["ada.toml:5 profiles: 1,001 profiles; a reader may have at most 1,000"]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"email = \n", id="not_toml"),
        pytest.param(b"\xff\xfe\x00", id="not_utf_8"),
        pytest.param(b"", id="empty"),
        pytest.param(ADA.replace("lantern*", "(").encode(), id="query"),
    ],
)
def test_a_broken_file_disables_that_reader_alone(folder: Path, broken: bytes) -> None:
    (folder / "ada.toml").write_bytes(broken)

    roster = read_roster(folder, DEFAULTS, {})

    assert [reader.email for reader in roster.subscribers] == ["ben@example.org"]
    assert {complaint.file for complaint in roster.complaints} == {"subscribers.d/ada.toml"}
    assert not any("codec" in complaint.problem for complaint in roster.complaints)
    assert roster.good == {"ben.toml": BEN}


def test_the_last_good_version_of_a_broken_file_stays_in_force(folder: Path) -> None:
    (folder / "ada.toml").write_text("email = ", encoding="utf-8")

    assert emails(folder, {"ada.toml": ADA}) == ["ada@example.org", "ben@example.org"]


def test_a_file_that_is_gone_is_gone(folder: Path) -> None:
    (folder / "ada.toml").unlink()

    assert emails(folder, {"ada.toml": ADA}) == ["ben@example.org"]


def test_one_address_is_one_reader(folder: Path) -> None:
    (folder / "zoe.toml").write_text(ADA.replace("ada@", "ADA@"), encoding="utf-8")

    roster = read_roster(folder, DEFAULTS, {})

    assert len(roster.subscribers) == 2
    assert str(roster.complaints[0]).startswith(
        "subscribers.d/zoe.toml:1 email: ADA@example.org is the reader of subscribers.d/ada.toml"
    )


def test_only_toml_files_are_readers(folder: Path) -> None:
    (folder / ".ada.toml.swp").write_bytes(b"\x00")
    (folder / "README").write_text("not a reader", encoding="utf-8")

    assert emails(folder) == ["ada@example.org", "ben@example.org"]


@pytest.mark.parametrize("name", ["subscribers.d", "demo/subscribers.d"])
def test_the_samples_are_right(name: str) -> None:
    roster = read_roster(bundled("config") / name, DEFAULTS, {})

    assert roster.complaints == ()
    assert roster.subscribers
