"""Readers' files: a broken one disables that reader alone."""

from datetime import time
from pathlib import Path

import pytest

from digestd.config import Defaults, bundled, parse_profiles, parse_subscriber, read_roster
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
        pytest.param("[[profiles]]", "[[profile]]", "ada.toml profiles: is missing", id="no_profile"),
        pytest.param('every = "day"', 'every = "dya"', "ada.toml:3 schedule.every: 'dya': input should be", id="every"),
    ],
)
def test_a_fault_is_said_with_file_line_and_key(old: str, new: str, complaint: str) -> None:
    found = parse_subscriber(ADA.replace(old, new), "ada.toml", DEFAULTS)

    assert isinstance(found, tuple)
    assert complaint in "\n".join(map(str, found))


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = parse_subscriber(ADA.replace("lantern*", "(") + 'like = ["lantern", "tide"]\n', "ada.toml", DEFAULTS)

    assert isinstance(found, tuple)
    assert [one.key for one in found] == ["profiles[0].keywords[0]", "profiles[0].like[0]", "profiles[0].like[1]"]


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
