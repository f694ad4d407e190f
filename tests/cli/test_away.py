"""What is queued for a reader who was paused or taken out since."""

from pathlib import Path

import pytest

from digestd.model.source import Cursor, Fetched
from digestd.storage import OutboxStore, PaperStore, open_database
from tests.support.builders import NOON, digest, paper
from tests.support.site import Site, make_site

LATER = "2026-03-05T13:00:00Z"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path)
    with open_database(tmp_path / "var" / "digestd.db", NOON) as database:
        PaperStore(database).record("arxiv", Fetched((paper(1),), Cursor()), NOON)
        OutboxStore(database).enqueue([digest("ada", paper(1))], NOON)
    return site


@pytest.mark.parametrize("how", ["paused", "removed"])
def test_a_digest_waits_until_its_reader_is_back(site: Site, how: str) -> None:
    (file,) = (site.folder / "subscribers.d").iterdir()
    text = file.read_text(encoding="utf-8")
    if how == "paused":
        file.write_text(f"paused = true\n{text}", encoding="utf-8")
    else:
        file.unlink()

    away = site.run("--now", NOON.isoformat(), "tick")
    file.write_text(text, encoding="utf-8")
    back = site.run("--now", LATER, "tick")

    assert away.stdout.splitlines()[-1] == "deliver  nothing to send now; 1 waits: it is due at 2026-03-05 12:30 UTC"
    assert "1 accepted" in back.stdout
