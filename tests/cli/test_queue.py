"""`digestd queue` and `digestd log` as the operator calls them."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from digestd.model.delivery import Accepted, Deferred, Patience
from digestd.model.source import Cursor, Fetched
from digestd.model.traffic import Pause
from digestd.storage import OutboxStore, PaperStore, TrafficStore, open_database
from tests.support.builders import DAY, NOON, digest, paper
from tests.support.outbox import claim_from, settle_in
from tests.support.site import Site, make_site

THURSDAY = NOON.isoformat()
MAILDIR = '[transport]\nkind = "maildir"\n'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return an installation with two digests: Ada's was deferred, Ben's is due."""
    site = make_site(tmp_path)
    with open_database(tmp_path / "var" / "digestd.db", NOON) as database:
        PaperStore(database).record("arxiv", Fetched((paper(1), paper(2)), Cursor()), NOON)
        outbox = OutboxStore(database)
        outbox.enqueue([digest("ada", paper(1))], NOON - DAY)
        claims = claim_from(outbox, NOON, DAY, 1)
        settle_in(outbox, [(claim, Deferred("451 4.7.1 come back later")) for claim in claims], NOON)
        outbox.enqueue([digest("ben", paper(2))], NOON)
    return site


def test_digests_are_held_and_released(site: Site) -> None:
    held = site.run("--now", THURSDAY, "queue", "hold", "--all")
    sent = site.run("--now", THURSDAY, "deliver")
    released = site.run("--now", THURSDAY, "queue", "release", "BEN@example.org", "--json")

    assert held.stdout.splitlines() == [
        "held      ben@example.org daily/2026-03-05",
        "held      ada@example.org daily/2026-03-05",
    ]
    assert sent.stdout.splitlines()[-1] == "deliver  nothing to send"
    (shape,) = json.loads(released.stdout)
    assert (shape["email"], shape["state"], shape["refused"]) == ("ben@example.org", "queued", None)
    assert shape["next_attempt_at"] == "2026-03-05T12:00:00Z"


def test_what_cannot_be_done_is_said_and_nothing_done_is_1(site: Site) -> None:
    again = site.run("--now", THURSDAY, "queue", "retry", "ben@example.org")
    nobody = site.run("--now", THURSDAY, "queue", "release", "cleo@example.org")

    assert (again.returncode, nobody.returncode) == (1, 1)
    assert again.stderr.strip() == "digestd: ben@example.org daily/2026-03-05 is due already: it stays as it is, queued"
    assert nobody.stderr.strip() == "digestd: no digest of cleo@example.org is on record"


@pytest.fixture
def paused(site: Site) -> Site:
    """Return the same installation, whose mail server takes nothing for a while."""
    with open_database(site.folder / "var" / "digestd.db", NOON) as database:
        TrafficStore(database).pause(Pause(NOON, NOON + timedelta(minutes=2), 1, "421 4.3.2 shutting down."))
    return site


@pytest.mark.parametrize(("verb", "code"), [("deliver", 75), ("tick", 1)])
def test_while_the_way_out_is_paused_nothing_is_sent_and_the_code_says_so(paused: Site, verb: str, code: int) -> None:
    done = paused.run("--now", THURSDAY, verb)

    assert done.returncode == code
    assert "no mail goes out now: paused until 2026-03-05 12:02 UTC: 421 4.3.2 shutting down. The digests wait" in done.stderr
    assert paused.mails() == []


def test_a_pause_without_digests_that_wait_is_no_trouble(paused: Site) -> None:
    paused.run("--now", THURSDAY, "queue", "hold", "--all")

    assert paused.run("--now", THURSDAY, "deliver").returncode == 0


def test_to_retry_all_ends_a_pause_and_to_retry_one_does_not(paused: Site) -> None:
    one = paused.run("--now", THURSDAY, "queue", "retry", "ada@example.org")
    assert "Paused" in paused.run("--now", THURSDAY, "status").stdout

    every = paused.run("--now", THURSDAY, "queue", "retry", "--all", "--json")

    assert (one.returncode, every.returncode) == (0, 0)
    assert isinstance(json.loads(every.stdout), list)
    assert "The way out is not paused any more" in every.stderr
    assert "Paused" not in paused.run("--now", THURSDAY, "status").stdout
    assert paused.run("--now", THURSDAY, "deliver").stdout.splitlines()[-1] == "deliver  2 accepted"


@pytest.mark.parametrize("words", [(), ("ada@example.org", "--all")], ids=["nobody_is_named", "some_and_all"])
def test_whose_digests_are_meant_must_be_said_once(site: Site, words: tuple[str, ...]) -> None:
    assert site.run("queue", "drop", *words).returncode == 2


def test_the_list_is_filtered_and_says_how_many_more_there_are(site: Site) -> None:
    one = site.run("queue", "list", "--limit", "1").stdout.splitlines()
    ada = json.loads(site.run("queue", "list", "--reader", "ada@example.org", "--state", "queued", "--json").stdout)

    assert one[0] == "The newest digest; 1 more is on record (--limit)"
    assert [line.split()[0] for line in one[1:]] == ["READER", "ben@example.org"]
    assert [(shape["email"], shape["papers"]) for shape in ada] == [("ada@example.org", [paper(1).id])]
    assert json.loads(site.run("queue", "list", "--state", "failed", "--json").stdout) == []


def test_the_log_of_a_reader_has_papers_and_the_servers_words(site: Site) -> None:
    told = site.run("log", "ada@example.org").stdout
    (shape,) = json.loads(site.run("log", "ada@example.org", "--json").stdout)

    assert f"{paper(1).id}  {paper(1).title}" in told
    assert "451 4.7.1 come back later" in told
    assert shape["papers"] == [{"id": paper(1).id, "title": paper(1).title}]
    assert [(one["attempt"], one["outcome"]) for one in shape["tries"]] == [(1, "deferred")]


def test_the_log_of_all_has_a_line_for_each_try(site: Site) -> None:
    (tried,) = json.loads(site.run("log", "--since", "2026-03-05", "--json").stdout)

    assert (tried["email"], tried["reply"]) == ("ada@example.org", "451 4.7.1 come back later")
    assert json.loads(site.run("log", "--since", "2026-03-06", "--json").stdout) == []
    assert site.run("log", "--since", "yesterday").returncode == 2


def test_what_stands_otherwise_is_said_with_what_can_be_done(site: Site) -> None:
    site.run("--now", THURSDAY, "queue", "hold", "ada@example.org")
    with open_database(site.folder / "var" / "digestd.db", NOON) as database:
        outbox = OutboxStore(database)
        settle_in(outbox, [(claim, Accepted("250 ok")) for claim in claim_from(outbox, NOON, DAY, 1)], NOON)

    again = site.run("--now", THURSDAY, "queue", "retry", "ada@example.org", "ben@example.org")
    every = site.run("--now", THURSDAY, "queue", "hold", "--all", "--json")

    assert (again.returncode, every.returncode, json.loads(every.stdout)) == (1, 1, [])
    assert again.stderr.splitlines() == [
        "digestd: ada@example.org daily/2026-03-05 is held: `digestd queue release` sends it, `digestd queue drop` ends it",
        "digestd: ben@example.org daily/2026-03-05 is accepted: it was sent",
    ]
    assert every.stderr.strip() == "digestd: no digest to do that with: the outbox has 1 accepted, 1 held"


def test_a_digest_is_shown_with_its_papers_each_on_a_line(site: Site) -> None:
    told = site.run("queue", "show", "ada@example.org").stdout.splitlines()
    (shape,) = json.loads(site.run("queue", "show", "ada@example.org", "--json").stdout)

    assert told[0].startswith("daily/2026-03-05  queued, composed 2026-03-04 12:00 UTC, next try 2026-03-05 12:")
    assert told[1:] == [
        f"    {paper(1).id}  {paper(1).title}",
        "  try 1  2026-03-05 12:00 UTC  deferred  451 4.7.1 come back later",
    ]
    assert shape["papers"] == [paper(1).id]


@pytest.fixture
def in_doubt(tmp_path: Path) -> Site:
    """Return an installation that died on a try, where the operator wants to decide about what may have arrived."""
    site = make_site(tmp_path, '[digest]\non_uncertain = "hold"\n[sender]\naddress = "d@example.org"\n' + MAILDIR)
    with open_database(tmp_path / "var" / "digestd.db", NOON) as database:
        outbox = OutboxStore(database, Patience(on_uncertain="hold"))
        outbox.enqueue([digest("ada")], NOON - DAY)
        claim_from(outbox, NOON - DAY, timedelta(minutes=10), 1)
    return site


def test_what_may_have_arrived_is_said_with_what_can_be_done(in_doubt: Site) -> None:
    before = in_doubt.run("--now", THURSDAY, "log").stdout
    delivered = in_doubt.run("--now", THURSDAY, "deliver")
    again = in_doubt.run("--now", THURSDAY, "deliver")
    told = in_doubt.run("--now", THURSDAY, "status").stdout
    shape = json.loads(in_doubt.run("--now", THURSDAY, "status", "--json").stdout)

    words = (
        "1 digest may have arrived or not, and is held: `digestd queue list --state held` shows which, `digestd queue release"
    )
    assert "digestd died on it" in before
    assert (delivered.returncode, again.returncode, again.stderr) == (1, 0, "")
    assert f"digestd: {words}" in delivered.stderr
    assert f"In doubt  {words}" in told
    assert shape["may_have_arrived"] == 1


def test_a_try_that_died_is_no_more_under_way(in_doubt: Site) -> None:
    in_doubt.run("--now", THURSDAY, "deliver")
    (shape,) = json.loads(in_doubt.run("log", "ada@example.org", "--json").stdout)
    (tried,) = json.loads(in_doubt.run("log", "--json").stdout)

    assert (shape["may_have_arrived"], [one["outcome"] for one in shape["tries"]], tried["outcome"]) == (True, ["died"], "died")


def test_while_the_way_out_is_paused_what_waits_is_said_to(paused: Site) -> None:
    told = paused.run("--now", THURSDAY, "deliver").stdout

    assert "deliver  nothing to send now; 2 wait: the way out is paused until 2026-03-05 12:02 UTC" in told
    assert "stopped until 2026-03-05 12:02 UTC: 421 4.3.2" in paused.run("--now", THURSDAY, "status").stdout


def test_status_tells_the_age_of_what_waits_and_what_is_kept(site: Site) -> None:
    told = site.run("--now", THURSDAY, "status").stdout
    shape = json.loads(site.run("--now", THURSDAY, "status", "--json").stdout)

    assert "Outbox    2 queued; the oldest that waits was composed 24 hours ago" in told
    assert "Kept      papers for 90 days (now from 2026-03-05 on), digests and tries for 400 (now from 2026-03-04 on)" in told
    assert (shape["outbox"], shape["oldest_waiting"]) == ({"queued": 2}, "2026-03-04T12:00:00Z")
    assert shape["kept"]["papers_since"] == "2026-03-05T12:00:00Z"
    assert shape["readers"] == {"in_force": 1, "suppressed": 0, "complaints": []}


def test_prune_shortens_old_papers_and_says_so(site: Site) -> None:
    site.run("--now", THURSDAY, "queue", "drop", "--all")
    later = (NOON + 500 * DAY).isoformat()
    site.run("--now", later, "compose")
    site.run("--now", later, "queue", "drop", "--all")

    first, second = site.run("--now", later, "prune"), site.run("--now", later, "prune")

    assert (first.returncode, second.returncode) == (0, 0)
    assert second.stdout.strip() == "prune    nothing is old enough"
    assert first.stdout.startswith("prune    2 papers shortened")
