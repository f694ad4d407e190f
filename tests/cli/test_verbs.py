"""The command line as its users call it: a process, its output, its exit code."""

import json
from pathlib import Path

import pytest

from tests.sources.documents import arxiv_item, daily_paper, item, rss
from tests.support.site import ADA, SETTINGS, Site, make_site
from tests.support.web import Site as Web

POLITE = "\n[poll]\nevery = 0\nper_host_gap = 0\nallow_private = true\n"
SOURCES = """
[[sources]]
kind = "arxiv"
url = "{web}"
categories = ["cs.LG"]

[[sources]]
kind = "huggingface"
url = "{web}"
"""
THURSDAY = "2026-03-05T12:00:00Z"
FRIDAY = "2026-03-06T12:00:00Z"


@pytest.fixture
def site(tmp_path: Path, web: Web) -> Site:
    """Return an installation whose two sources announce one paper on lanterns, together."""
    web.serve("/rss/cs.LG", rss(arxiv_item("2603.00001")), etag='"1"')
    web.serve("/api/daily_papers", json.dumps([daily_paper("2603.00001")]))
    return make_site(tmp_path / "site", SETTINGS + POLITE + SOURCES.format(web=web.url()))


def test_a_tick_does_the_whole_job_and_the_next_sends_nothing(site: Site) -> None:
    first, second = site.run("--now", THURSDAY, "tick"), site.run("--now", THURSDAY, "tick")

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.splitlines() == [
        "poll     2 sources asked, 1 new paper",
        "compose  1 reader due, 1 digest composed, 0 empty",
        "deliver  1 accepted",
    ]
    assert second.stdout.splitlines()[-1] == "deliver  nothing to send"
    assert len(site.mails()) == 1


def test_it_is_said_when_papers_are_left_out_of_the_list(site: Site, web: Web) -> None:
    web.serve("/rss/cs.LG", rss(arxiv_item("2603.00001"), arxiv_item("2603.00002")))
    site.run("--now", THURSDAY, "poll")

    one, both = site.run("papers", "--json", "--limit", "1"), site.run("papers", "--json", "--limit", "2")

    assert (len(one.stdout.splitlines()), one.stderr) == (
        1,
        "digestd: only the 1 paper seen last; `--limit N` lists more\n",
    )
    assert (len(both.stdout.splitlines()), both.stderr) == (2, "")


def test_a_preview_is_what_is_sent_but_for_the_date(site: Site, tmp_path: Path) -> None:
    site.run("--now", THURSDAY, "poll")
    site.run("--now", THURSDAY, "preview", "--out", str(tmp_path / "out"))
    assert site.mails() == []
    site.run("--now", THURSDAY, "compose")
    site.run_as_users_do("--now", FRIDAY, "deliver")  # another Python, whose sets have another order

    previewed = (tmp_path / "out" / "ada@example.org.eml").read_bytes()
    (sent,) = site.mails()
    assert without_date(previewed) == without_date(sent)
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".eml", ".html", ".txt"}


def without_date(mail: bytes) -> list[bytes]:
    return [line for line in mail.splitlines() if not line.startswith(b"Date:")]


def test_a_preview_that_polls_changes_nothing(site: Site) -> None:
    shown = site.run("--now", THURSDAY, "preview", "--poll", "ada@example.org")

    assert "Lanterns at low tide" in shown.stdout
    assert json.loads(site.run("sources", "--json").stdout)[0]["last_ok_at"] is None
    assert site.run("queue", "--json").stdout.strip() == "[]"


def test_a_failing_source_is_said_and_the_others_are_done(site: Site, web: Web) -> None:
    web.serve("/rss/cs.LG", "<html>Sorry</html>", status=503)

    done = site.run("--now", THURSDAY, "tick")

    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "poll     2 sources asked, 1 new paper, 1 failed"
    assert "poll.failed source=arxiv" in done.stderr
    assert len(site.mails()) == 1
    arxiv, huggingface = json.loads(site.run("--now", THURSDAY, "sources", "--json").stdout)
    assert (arxiv["health"], huggingface["health"]) == ("failing", "fresh")
    assert "503" in arxiv["last_error"]


def test_the_operator_sees_what_happened(site: Site) -> None:
    site.run("--now", THURSDAY, "tick")

    (queued,) = json.loads(site.run("queue", "--json").stdout)
    (logged,) = json.loads(site.run("log", "ada@example.org", "--json").stdout)
    (tried,) = logged["tries"]
    status = json.loads(site.run("status", "--json").stdout)
    (seen,) = [json.loads(line) for line in site.run("papers", "--json").stdout.splitlines()]

    assert (queued["state"], queued["attempts"], queued["papers"]) == ("accepted", 1, ["arXiv:2603.00001"])
    assert (tried["outcome"], tried["attempt"], logged["period"]) == ("accepted", 1, "daily/2026-03-05")
    assert status["outbox"] == {"accepted": 1}
    assert [stage["stage"] for stage in status["stages"]] == ["compose", "deliver", "poll", "prune"]
    assert (seen["id"], seen["sources"], seen["votes"]) == ("arXiv:2603.00001", ["arxiv", "huggingface"], 12)


def test_one_is_no_plural(tmp_path: Path) -> None:
    assert make_site(tmp_path).run("check").stdout.splitlines()[-1].endswith(": 1 reader, 0 sources; all is well")


@pytest.mark.parametrize("verb", ["status", "queue", "log", "papers", "sources", "check"])
def test_an_empty_installation_has_something_to_say(tmp_path: Path, verb: str) -> None:
    done = make_site(tmp_path).run(verb)

    assert done.returncode == 0
    assert done.stdout.strip()


def test_explain_tells_why_a_paper_is_in_a_digest(site: Site) -> None:
    site.run("--now", THURSDAY, "tick")

    told = site.run("explain", "ada@example.org", "2603.00001").stdout

    assert "shown for “Lanterns”" in told
    assert "lantern*" in told


def test_explain_of_a_paper_nobody_saw_is_wrong_usage(site: Site) -> None:
    done = site.run("explain", "ada@example.org", "arXiv:2603.99999")

    assert done.returncode == 2
    assert "has not been seen" in done.stderr


def test_a_stranger_is_wrong_usage_and_the_nearest_reader_is_named(site: Site) -> None:
    done = site.run("preview", "adda@example.org")

    assert done.returncode == 2
    assert "did you mean ada@example.org?" in " ".join(done.stderr.split())


def test_check_names_file_line_and_key(tmp_path: Path) -> None:
    site = make_site(tmp_path).writes("subscribers.d/ada.toml", ADA.replace("07:30", "25:00"))

    done = site.run("check")

    assert done.returncode == 78
    assert 'subscribers.d/ada.toml:3 schedule.at: "25:00" is not a time of day' in done.stderr


@pytest.mark.parametrize("verb", ["tick", "check", "preview", "status", "run"])
def test_a_wrong_configuration_is_78_and_says_where(tmp_path: Path, verb: str) -> None:
    site = make_site(tmp_path, "[smtp]\nhots = 'x'\n")

    done = site.run(verb)

    assert done.returncode == 78
    assert done.stderr.strip() == "digestd: digestd.toml:2 smtp.hots: unknown key – did you mean 'host'?"


def test_a_broken_template_is_named(tmp_path: Path) -> None:
    site = make_site(tmp_path, 'templates = "mine"\n' + SETTINGS).writes("mine/digest.txt.j2", "\n{% if %}\n")

    done = site.run("check")

    assert done.returncode == 78
    assert "digest.txt.j2:2" in done.stderr


def test_looking_makes_no_database(tmp_path: Path) -> None:
    site = make_site(tmp_path)

    for verb in ("check", "status", "queue", "log", "papers", "sources", "preview"):
        assert site.run(verb).returncode == 0
    assert not (tmp_path / "var").exists()


def test_the_database_is_the_same_for_the_daemon_and_for_its_operator(tmp_path: Path) -> None:
    site = make_site(tmp_path / "etc", f'database = "sqlite:///{tmp_path}/state/digestd.db"\n' + SETTINGS)
    site.run("compose", environment={"STATE_DIRECTORY": str(tmp_path / "state")})

    assert [stage["stage"] for stage in json.loads(site.run("status", "--json").stdout)["stages"]] == ["compose"]
    assert (tmp_path / "state" / "digestd.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param(
            '[smtp]\nhost = "192.0.2.1"\n', "digestd.toml:1 smtp.security: 192.0.2.1 is not this machine", id="in_the_clear"
        ),
        pytest.param('[smtp]\nsecurity = "tls"\nca_file = "nowhere"\n', "digestd.toml:3 smtp.ca_file:", id="no_ca_file"),
        pytest.param(
            '[smtp]\nhost = "mail.invalid"\n', "digestd.toml:1 smtp.security: mail.invalid is not found (", id="no_host"
        ),
        pytest.param('templates = "nowhere"\n', "digestd.toml:1 templates: the folder ", id="no_templates"),
    ],
)
def test_check_refuses_what_a_tick_would(tmp_path: Path, settings: str, says: str) -> None:
    site = make_site(tmp_path, settings)

    checked, ticked = site.run("check"), site.run("tick")

    assert (checked.returncode, ticked.returncode) == (78, 78)
    assert f"digestd: {says}" in checked.stderr


def test_check_notes_what_looks_odd(tmp_path: Path) -> None:
    odd = ADA + 'sources = ["nowhere"]\nlike = ["doi:10.5555/a"]\n'
    site = make_site(tmp_path, '[smtp]\nusername = "ada"\nsecurity = "tls"\n', {"ada.toml": odd})

    done = site.run("check", environment={"DIGESTD_SMPT__HOST": "x"})

    assert done.returncode == 0
    for words in (
        "no source is called 'nowhere'",
        "is not an arXiv id",
        "no password is visible",
        "DIGESTD_SMPT__HOST",
        "digestd@localhost",
    ):
        assert words in done.stdout


def test_a_broken_readers_file_is_on_record(tmp_path: Path) -> None:
    site = make_site(tmp_path, SETTINGS, {"ada.toml": ADA, "ben.toml": "email = "})

    ticked, status = site.run("tick"), json.loads(site.run("status", "--json").stdout)

    assert ticked.returncode == 1
    assert status["readers"]["in_force"] == 1
    assert status["readers"]["complaints"][0].startswith("subscribers.d/ben.toml:1 not TOML")


def test_explain_tells_why_a_paper_is_not_news(site: Site, web: Web) -> None:
    web.serve("/rss/cs.LG", rss(arxiv_item("2603.00007", version=2, way="replace")))
    web.serve("/api/daily_papers", "[]")
    site.run("--now", THURSDAY, "tick")

    assert "Back catalogue, which is never mailed" in site.run("explain", "ada@example.org", "2603.00007").stdout


def test_a_paused_reader_is_said_to_be(tmp_path: Path) -> None:
    site = make_site(tmp_path, SETTINGS, {"ada.toml": ADA.replace("[[", "paused = true\n[[", 1)})

    assert (
        site.run("preview").stdout.strip()
        == "ada@example.org: paused or suppressed, as `digestd subscribers` says; nothing is sent"
    )


def test_no_configuration_at_all_says_how_to_begin(tmp_path: Path) -> None:
    done = Site(tmp_path / "nowhere").run("check")

    assert done.returncode == 78
    assert "digestd init DIR" in done.stderr


def test_a_database_that_is_none_is_78(tmp_path: Path) -> None:
    site = make_site(tmp_path).writes("var/digestd.db", "a shopping list " * 100)

    done = site.run("status")

    assert done.returncode == 78
    assert "digestd.db" in done.stderr


def test_plaintext_to_a_stranger_is_refused(tmp_path: Path) -> None:
    site = make_site(tmp_path, '[smtp]\nhost = "192.0.2.1"\nsecurity = "none"\n')

    done = site.run("deliver")

    assert done.returncode == 78
    assert "loopback" in done.stderr


def test_a_server_that_is_away_keeps_the_digests(site: Site) -> None:
    settings = (site.folder / "digestd.toml").read_text(encoding="utf-8").replace('kind = "maildir"', 'kind = "smtp"')
    site.writes("digestd.toml", settings + '\n[smtp]\nhost = "127.0.0.1"\nport = 1\n')

    done = site.run("--now", THURSDAY, "tick")

    assert done.returncode == 1
    assert "The digests wait and are tried again" in done.stderr
    (entry,) = json.loads(site.run("queue", "--json").stdout)
    assert (entry["state"], entry["attempts"]) == ("queued", 1)


def test_a_reader_with_a_broken_file_keeps_the_last_good_one(site: Site) -> None:
    site.run("--now", THURSDAY, "tick")
    site.writes("subscribers.d/ada.toml", "email = ")

    done = site.run("--now", FRIDAY, "tick")

    assert "compose  1 reader due" in done.stdout
    assert "subscribers.d/ada.toml" in done.stderr


def test_init_writes_a_configuration_that_is_right(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")

    assert site.run("init", str(site.folder)).returncode == 0
    assert site.run("check").returncode == 0
    again = site.run("init", str(site.folder))
    assert (again.returncode, "is there already" in again.stderr) == (78, True)


def test_source_try_reads_a_file(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(rss(item(title="Lanterns"), item(title="Tides", link="https://annals.example.org/2")), encoding="utf-8")

    done = Site(tmp_path).writes("digestd.toml", "").run("source", "try", "feed", str(feed), "--json")

    assert done.returncode == 0
    assert [json.loads(line)["title"] for line in done.stdout.splitlines()] == ["Lanterns", "Tides"]


def test_source_try_of_a_feed_needs_to_know_where(tmp_path: Path) -> None:
    assert Site(tmp_path).writes("digestd.toml", "").run("source", "try", "feed").returncode == 2


def test_source_try_says_what_is_wrong(tmp_path: Path, web: Web) -> None:
    web.serve("/feed", "<html>Sorry</html>")
    site = Site(tmp_path).writes("digestd.toml", "")

    failed, unknown, missing = (
        site.run("source", "try", "feed", web.url("/feed")),
        site.run("source", "try", "fed", "x"),
        site.run("source", "try", "feed", "nowhere.xml"),
    )

    assert (failed.returncode, unknown.returncode, missing.returncode) == (1, 2, 2)
    assert failed.stderr.startswith("digestd: feed http")


def test_match_reads_a_profile_and_papers(tmp_path: Path) -> None:
    lines = [{"id": "1", "title": "A lantern"}, {"id": "2", "title": "Mud"}, {"title": "no id"}]
    papers = tmp_path / "papers.jsonl"
    papers.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    site = Site(tmp_path).writes("lanterns.toml", 'keywords = ["lanterns"]\n').writes("ada.toml", ADA)

    for profile in ("lanterns.toml", "ada.toml"):
        done = site.run("match", "--profile", str(tmp_path / profile), "--papers", str(papers), "--json")
        (found,) = [json.loads(line) for line in done.stdout.splitlines()]
        assert found["paper_id"] == "1"
        assert found["evidence"][0]["field"] == "title"
        assert f"{papers}:3: not a paper" in done.stderr
        assert done.returncode == 1


def test_logs_are_events(site: Site) -> None:
    text = site.run("--now", THURSDAY, "--log-format", "text", "poll").stderr
    lines = [json.loads(line) for line in site.run("--now", THURSDAY, "--log-format", "json", "poll").stderr.splitlines()]

    assert "info poll.source source=arxiv papers=1 news=" in text
    assert [line["event"] for line in lines] == ["poll.source", "poll.source", "poll.done"]


def test_a_poor_terminal_is_no_trouble(site: Site) -> None:
    site.run("--now", THURSDAY, "poll")

    done = site.run_as_users_do("--now", THURSDAY, "preview", environment={"PYTHONIOENCODING": "ascii"})

    assert done.returncode == 0
    assert "Lanterns at low tide" in done.stdout


def test_quiet_is_quiet(site: Site) -> None:
    assert site.run("--now", THURSDAY, "-q", "tick").stderr == ""


@pytest.mark.parametrize("words", [["--now", "yesterday", "status"], ["dance"], ["preview", "--as-of", "soon"]])
def test_wrong_usage_is_2(tmp_path: Path, words: list[str]) -> None:
    assert make_site(tmp_path).run(*words).returncode == 2


@pytest.mark.parametrize("words", [["--now", "9999-12-31", "tick"], ["preview", "--as-of", "0001-01-01"]])
def test_an_instant_at_the_end_of_the_calendar_is_wrong_usage(tmp_path: Path, words: list[str]) -> None:
    done = make_site(tmp_path).run(*words)

    assert done.returncode == 2
    assert "is not in the years from 1970 to 8999" in done.stderr


@pytest.mark.parametrize("now", ["1970-01-01", "8999-12-31"])
def test_all_stages_go_at_the_edge_of_the_years(tmp_path: Path, now: str) -> None:
    assert make_site(tmp_path, SETTINGS + "[retention]\npapers = '36500d'\n").run("--now", now, "tick").returncode == 0


def test_the_demo_sends_once_whatever_the_environment_says(tmp_path: Path) -> None:
    elsewhere = {"DIGESTD_SMTP__HOST": "mail.example.org", "STATE_DIRECTORY": str(tmp_path / "state")}
    first = Site(tmp_path).run("demo", "--out", str(tmp_path / "demo"), environment=elsewhere)
    second = Site(tmp_path).run("demo", "--out", str(tmp_path / "demo"))

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert len(list((tmp_path / "demo" / "mail").glob("*.eml"))) == 3
    assert first.stdout.count("  To ") == 3
    assert second.stdout.count("  To ") == 0
    assert "0 hidden" not in first.stdout
    assert "0 more matched" not in first.stdout
    assert not (tmp_path / "state").exists()


def test_a_named_source_is_polled_alone(site: Site) -> None:
    done = site.run("--now", THURSDAY, "poll", "huggingface")
    assert (done.returncode, done.stdout) == (0, "poll     1 source asked, 1 new paper\n")

    unknown = site.run("poll", "nobody")
    assert unknown.returncode == 2
    assert "no source is called 'nobody'" in " ".join(unknown.stderr.split())
