"""`digestd subscribers`: who reads, who does not, and how readers come and go."""

import json
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest

from digestd.model.period import OwnSchedule
from digestd.model.subscriber import SubscriberId
from digestd.storage import StandingStore, open_database
from tests.support.site import ADA, Site, make_site

WHO = SubscriberId("ada@example.org")
NOW = "2026-03-05T12:00:00Z"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "site")


def listed(site: Site) -> dict[str, tuple[str, str]]:
    readers: list[dict[str, Any]] = json.loads(site.run("--now", NOW, "subscribers", "list", "--json").stdout)
    return {reader["email"]: (reader["state"], reader["why"]) for reader in readers}


def test_a_list_says_how_each_reader_stands(site: Site) -> None:
    site.writes("subscribers.d/ben.toml", ADA.replace("ada@", "ben@").replace('name = "Ada"', "paused = true"))
    site.writes("subscribers.d/cleo.toml", ADA.replace("ada@", "cleo@"))
    site.writes("subscribers.d/dora.toml", ADA.replace("ada@", "dora@"))
    site.run("subscribers", "suppress", "Cleo@example.org", "--note", "asked by phone")
    site.run("--now", NOW, "subscribers", "pause", "dora@example.org", "--until", "2026-03-08T00:00:00Z")

    assert listed(site) == {
        "ada@example.org": ("in force", ""),
        "ben@example.org": ("paused", "paused = true in the file"),
        "cleo@example.org": ("suppressed", "operator asked by phone"),
        "dora@example.org": ("paused", ""),
    }
    table = site.run("--now", NOW, "subscribers").stdout
    assert "asked by phone" in table
    assert "until 2026-03-08" in table


def test_a_suppressed_reader_gets_no_digest_until_restored(site: Site) -> None:
    site.run("subscribers", "suppress", "ada@example.org")

    kept_back = site.run("--now", NOW, "compose").stdout
    lifted = site.run("subscribers", "restore", "ada@example.org").stdout
    after = site.run("--now", NOW, "compose").stdout

    assert kept_back.startswith("compose  0 readers due")
    assert lifted == "ada@example.org may be mailed again.\n"
    assert after.startswith("compose  1 reader due")
    assert "was not suppressed" in site.run("subscribers", "restore", "ada@example.org").stdout


@pytest.mark.parametrize("address", ["", "not an address", "ada@", "a@b@example.org"])
def test_what_is_no_address_is_not_suppressed(site: Site, address: str) -> None:
    assert site.run("subscribers", "suppress", address).returncode == 2


def test_a_strangers_address_is_suppressed_and_said_and_listed(site: Site) -> None:
    done = site.run("subscribers", "suppress", "Adda@example.org")

    assert done.returncode == 0
    assert "no reader has the address Adda@example.org; did you mean ada@example.org?" in done.stderr
    assert listed(site) == {"ada@example.org": ("in force", ""), "adda@example.org": ("suppressed", "operator")}
    assert "adda@example.org" in site.run("subscribers").stdout
    exported = [json.loads(line) for line in site.run("subscribers", "export").stdout.splitlines()]
    assert [(one["subscriber"], one["suppression"] is not None) for one in exported] == [
        ("ada@example.org", False),
        ("adda@example.org", True),
    ]


@pytest.mark.parametrize("until", ["2026-03-05T11:59:00Z", "2026-13-01", ""])
def test_a_pause_ends_in_the_future(site: Site, until: str) -> None:
    assert site.run("--now", NOW, "subscribers", "pause", "ada@example.org", "--until", until).returncode == 2


def test_the_log_of_a_stranger_is_empty_and_says_so(site: Site) -> None:
    stranger, reader = (site.run("log", email, "--json") for email in ("adda@example.org", "ada@example.org"))

    assert (stranger.returncode, stranger.stdout) == (0, "[]\n")
    assert "did you mean ada@example.org" in stranger.stderr
    assert (reader.stdout, reader.stderr) == ("[]\n", "")


def test_a_pause_is_ended_by_resume(site: Site) -> None:
    site.run("subscribers", "pause", "ada@example.org")
    paused = listed(site)

    said = site.run("subscribers", "resume", "ada@example.org").stdout

    assert paused == {"ada@example.org": ("paused", "by command")}
    assert said == "ada@example.org is no longer paused.\n"
    assert listed(site) == {"ada@example.org": ("in force", "")}


def test_a_pause_in_the_file_is_the_operators_to_end(site: Site) -> None:
    site.writes("subscribers.d/ada.toml", ADA.replace('name = "Ada"', "paused = true"))

    assert "ada.toml says paused = true" in site.run("subscribers", "resume", "ada@example.org").stderr


@pytest.mark.parametrize(
    ("until", "told"),
    [
        pytest.param(["--until", "2026-03-08T12:00:00Z"], "paused until 2026-03-08", id="an_end_may_be_the_readers_own"),
        pytest.param([], "paused (by command). ", id="no_end_is_the_operators"),
    ],
)
def test_show_says_whose_a_pause_is_where_that_is_known(site: Site, until: list[str], told: str) -> None:
    site.run("--now", NOW, "subscribers", "pause", "ada@example.org", *until)

    said = site.run("--now", NOW, "subscribers", "show", "ada@example.org").stdout

    assert said.startswith(f"ada@example.org: {told}")
    assert ("by command" in said) == (not until)


def test_show_tells_the_standing_and_the_file(site: Site) -> None:
    said = site.run("subscribers", "show", "ada@example.org").stdout

    assert said.startswith("ada@example.org: in force. 0 papers told.\n")
    assert ADA in said
    assert json.loads(site.run("subscribers", "show", "ada@example.org", "--json").stdout)["text"] == ADA


@pytest.mark.parametrize("verb", ["show", "pause", "resume", "export"])
def test_a_stranger_is_named_with_the_nearest_reader(site: Site, verb: str) -> None:
    done = site.run("subscribers", verb, "adda@example.org")

    assert done.returncode == 2
    assert "did you mean ada@example.org" in " ".join(done.stderr.split())


TABLE = """\
email,name,every,at,timezone,max_papers,language,profile,keywords,mute
ben@example.org,"Quill, Ben",week,09:15,Europe/Berlin,5,de,Tides,"tide; ""low tide"" AND NOT moon",survey
cleo@example.org,Cleo,,,,,,Lanterns,lantern*,
ben@example.org,,,,,,,Boats,boat,
dora@example.org,,,25:00,,,,X,tide,
emil,,,,,,,X,tide,
finn@example.org,,,,,,,,"tide AND (",
gus@example.org,,,,,,,X,"a",b,c,d
"""


def test_a_table_is_imported_a_row_a_profile(site: Site, tmp_path: Path) -> None:
    table = tmp_path / "readers.csv"
    table.write_text(TABLE, encoding="utf-8")

    done = site.run("subscribers", "import", str(table), "--json")

    told = json.loads(done.stdout)
    assert (done.returncode, told["written"]) == (1, ["ben@example.org", "cleo@example.org"])
    assert [complaint.split(" ")[0] for complaint in told["complaints"]] == [f"readers.csv:{line}" for line in (5, 6, 7, 8)]
    assert '"25:00" is not a time of day' in told["complaints"][0]
    assert (site.folder / "subscribers.d" / "ben@example.org.toml").read_text(encoding="utf-8") == (
        'email = "ben@example.org"\nname = "Quill, Ben"\n'
        'schedule = { every = "week", at = "09:15", timezone = "Europe/Berlin" }\nmax_papers = 5\nlanguage = "de"\n'
        '\n[[profiles]]\nname = "Tides"\nkeywords = ["tide", "\\"low tide\\" AND NOT moon"]\nmute = ["survey"]\n'
        '\n[[profiles]]\nname = "Boats"\nkeywords = ["boat"]\n'
    )
    assert site.run("check").returncode == 0


@pytest.mark.parametrize(
    ("table", "said"),
    [
        pytest.param("name\nAda\n", "readers.csv:1 has no column email", id="no_address"),
        pytest.param("email,keyword\na@b.example,x\n", "readers.csv:1 unknown column 'keyword' – did you mean", id="misspelt"),
        pytest.param(
            'email,keywords\nb@b.example,x\n"a@b.example,x\nc@b.example,x\n', "readers.csv:3 has a quote", id="an_open_quote"
        ),
        pytest.param("Email,name,EMAIL\n", "readers.csv:1 has the column email twice", id="a_column_twice"),
        pytest.param("", "readers.csv:1 has no column email", id="nothing"),
        pytest.param(
            "email,name\na@b.example,A\nb@b.example,Zoë\n".encode("latin-1"),
            'readers.csv:3 is not in UTF-8: save it as "CSV UTF-8"',
            id="latin_1",
        ),
        pytest.param("email,name\n".encode("utf-16"), "readers.csv:1 is not in UTF-8", id="utf_16"),
        pytest.param("email,name\n".encode("utf-16-le"), "readers.csv:1 is not in UTF-8", id="utf_16_without_a_mark"),
    ],
)
def test_a_table_that_is_none_is_named(site: Site, tmp_path: Path, table: str | bytes, said: str) -> None:
    (tmp_path / "readers.csv").write_bytes(table.encode() if isinstance(table, str) else table)

    done = site.run("subscribers", "import", str(tmp_path / "readers.csv"))

    assert done.returncode == 1
    assert said in done.stderr


def imported(site: Site, tmp_path: Path, table: str) -> dict[str, Any]:
    (tmp_path / "readers.csv").write_text(table, encoding="utf-8")
    told: dict[str, Any] = json.loads(site.run("subscribers", "import", str(tmp_path / "readers.csv"), "--json").stdout)
    return told


def test_a_table_of_a_european_spreadsheet_is_imported(site: Site, tmp_path: Path) -> None:
    told = imported(site, tmp_path, 'Email;Name;Keywords\r\nben@example.org;Quill, Ben;"tide; moon"\r\n')

    text = (site.folder / "subscribers.d" / "ben@example.org.toml").read_text(encoding="utf-8")
    assert told["complaints"] == []
    assert 'name = "Quill, Ben"' in text
    assert 'keywords = ["tide", "moon"]' in text


@pytest.mark.parametrize("name", ["123", "1.5", "true", "No"])
def test_a_name_is_text_whatever_it_looks_like(site: Site, tmp_path: Path, name: str) -> None:
    assert imported(site, tmp_path, f"email,name,keywords\nben@example.org,{name},tide\n")["complaints"] == []
    assert json.loads(site.run("subscribers", "show", "ben@example.org", "--json").stdout)["name"] == name


@pytest.mark.parametrize(
    "address",
    [
        pytest.param('"ada@\nexample.org"', id="a_line_feed"),
        pytest.param(f"{'a' * 200_000}@example.org", id="very_long"),
    ],
)
def test_an_address_that_is_none_is_one_line_of_error_and_its_row_s_alone(site: Site, tmp_path: Path, address: str) -> None:
    told = imported(site, tmp_path, f"email,keywords\n{address},tide\nben@example.org,tide\n")

    (complaint,) = told["complaints"]
    assert told["written"] == ["ben@example.org"]
    assert complaint.startswith("readers.csv:2 email: ")
    assert "\n" not in complaint
    assert len(complaint) < 300


def test_the_name_of_a_reader_s_file_is_bounded(site: Site, tmp_path: Path) -> None:
    domain = ".".join(["d" * 60] * 3)
    long = [f"{letter * 60}@{domain}.eu" for letter in "ab"]

    told = imported(site, tmp_path, "email,keywords\n" + "".join(f"{one},tide\n" for one in long))

    names = {path.name for path in (site.folder / "subscribers.d").iterdir()} - {"ada.toml"}
    assert (told["written"], told["complaints"]) == (long, [])
    assert len(names) == 2
    assert max(map(len, names)) < 210


def test_a_table_that_is_not_there_is_a_mistake_of_the_caller(site: Site) -> None:
    assert site.run("subscribers", "import", "nowhere.csv").returncode == 2


def test_a_folder_is_imported_and_nobody_is_written_over(site: Site, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    changed = ADA.replace('name = "Ada"', 'name = "Ada Quill"')
    (other / "a.toml").write_text(changed, encoding="utf-8")
    (other / "b.toml").write_text(ADA.replace("ada@", "ben@"), encoding="utf-8")
    (other / "c.toml").write_text("email = 1\n", encoding="utf-8")
    ada = site.folder / "subscribers.d" / "ada.toml"

    first = site.run("subscribers", "import", str(other))
    kept = ada.read_text(encoding="utf-8")
    again = site.run("subscribers", "import", str(other), "--replace")

    assert (first.returncode, kept) == (1, ADA)
    assert "1 readers written." not in first.stdout
    assert "1 reader written" in first.stdout
    assert "--replace writes over" in first.stdout
    assert "other/c.toml:1 email" in first.stderr
    assert "2 readers written" in again.stdout
    assert ada.read_text(encoding="utf-8") == changed
    assert {path.name for path in ada.parent.iterdir()} == {"ada.toml", "ben@example.org.toml"}


def test_who_is_suppressed_stays_so_through_an_import(site: Site, tmp_path: Path) -> None:
    site.run("subscribers", "suppress", "ben@example.org")
    (tmp_path / "readers.csv").write_text("email,keywords\nBen@example.org,tide\n", encoding="utf-8")

    done = site.run("subscribers", "import", str(tmp_path / "readers.csv"))

    assert "Of them, 1 stays suppressed: Ben@example.org" in done.stdout
    assert listed(site)["Ben@example.org"] == ("suppressed", "operator")


def test_a_file_of_somebody_else_is_not_written_over(site: Site, tmp_path: Path) -> None:
    site.writes("subscribers.d/ben@example.org.toml", "broken = \n")
    (tmp_path / "readers.csv").write_text("email,keywords\nben@example.org,tide\n", encoding="utf-8")

    done = site.run("subscribers", "import", str(tmp_path / "readers.csv"))

    assert done.returncode == 1
    assert "readers.csv:2" in done.stderr
    assert "is there already" in done.stderr


def test_an_export_is_all_that_is_stored(site: Site) -> None:
    site.run("--now", NOW, "compose")
    site.run("--now", NOW, "subscribers", "suppress", "ada@example.org")

    whole = json.loads(site.run("--now", NOW, "subscribers", "export", "ada@example.org").stdout)
    (line,) = site.run("--now", NOW, "subscribers", "export").stdout.splitlines()

    assert whole.keys() == {"subscriber", "file", "suppression", "pause", "schedule", "bounces", "digests", "told", "attempts"}
    assert whole["file"] == {"name": "ada.toml", "text": ADA}
    assert whole["suppression"]["reason"] == "operator"
    assert json.loads(line) == whole


def test_a_schedule_that_the_reader_chose_is_shown_and_can_be_taken_back(site: Site) -> None:
    site.run("--now", NOW, "compose")
    with open_database(site.folder / "var" / "digestd.db", datetime.fromisoformat(NOW)) as database:
        StandingStore(database).reschedule(WHO, OwnSchedule("week", 4, time(18)), datetime.fromisoformat(NOW))
    chosen = json.loads(site.run("subscribers", "show", "ada@example.org", "--json").stdout)
    exported = json.loads(site.run("subscribers", "export", "ada@example.org").stdout)
    words = [site.run("subscribers", *verb).stdout for verb in (("list",), ("show", "ada@example.org"))]
    taken_back = [site.run("subscribers", "replan", "ada@example.org").stdout for _ in range(2)]
    after = json.loads(site.run("subscribers", "show", "ada@example.org", "--json").stdout)

    assert chosen["schedule"] == {"every": "week", "at": "18:00", "timezone": "Europe/Berlin", "on": 4}
    assert exported["schedule"] == {"since": NOW, "every": "week", "on": 4, "at": "18:00", "timezone": None}
    assert all("every Friday at 18:00, Europe/Berlin, as the reader chose" in text for text in words)
    assert [text.rstrip("\n") for text in taken_back] == [
        "ada@example.org gets digests as the file says.",
        "ada@example.org had not chosen another schedule.",
    ]
    assert (chosen["schedule_by"], after["schedule_by"]) == ("reader", "file")
    assert after["schedule"]["every"] == "day"


def test_forgetting_asks_first_and_then_leaves_nothing_but_a_hash(site: Site) -> None:
    site.run("--now", NOW, "compose")
    site.run("--now", NOW, "subscribers", "suppress", "ada@example.org")

    asked = site.run("subscribers", "forget", "ada@example.org")
    done = site.run("--now", NOW, "subscribers", "forget", "ada@example.org", "--yes")
    (site.folder / "subscribers.d" / "ada.toml").rename(site.folder / "ada.toml")
    gone = json.loads(site.run("subscribers", "export", "ada@example.org").stdout)
    site.writes("subscribers.d/again.toml", ADA)

    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert "ada.toml now, which is yours" in done.stdout
    assert (gone["file"], gone["digests"]) == (None, [])
    assert site.run("queue", "--json").stdout.strip() == "[]"
    assert listed(site) == {"ada@example.org": ("suppressed", "operator")}
