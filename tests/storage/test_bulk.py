"""What both databases say in their own words, and that it comes to the same."""

from sqlalchemy import select

from digestd.model.records import Beat, Mark
from digestd.model.source import Cursor, Failed
from digestd.storage import Database, MarkStore, PaperStore, RecordStore
from digestd.storage.bulk import add_each, given, put
from digestd.storage.schema import lookups, marks, outbox, rates
from tests.support.builders import DAY, NOON


def test_of_rows_with_one_key_the_last_stays(database: Database) -> None:
    with database.writing() as connection:
        put(connection, rates, [("", "2026-03-05", 1)])
        put(connection, rates, [("", "2026-03-05", 2), ("", "2026-03-05", 3)], renew=["tries"])
        put(connection, rates, [("", "2026-03-05", 4), ("a.org", "2026-03-05", 5)])

        assert connection.execute(select(rates).order_by(rates.c.scope)).all() == [
            ("", "2026-03-05", 3),
            ("a.org", "2026-03-05", 5),
        ]


def test_given_rows_come_back_as_they_are(database: Database) -> None:
    columns = (outbox.c.subscriber, outbox.c.next_at, outbox.c.last_reply, outbox.c.attempt)
    rows = [("a", NOON, None, 2**30), ('"}\\', None, 'ü%s:x"', -1), ("\U0001f3ee", NOON, "", 0)]
    with database.reading() as connection:
        for some in ([], rows):
            assert connection.execute(select(given(columns, some))).all() == some


def test_listed_texts_are_a_row_each(database: Database) -> None:
    with database.writing() as connection:
        add_each(connection, lookups, [], lookups.c.name)
        add_each(connection, lookups, [(['a"', "\0ü"], NOON), ([], NOON), (("🏮",), NOON + DAY)], lookups.c.name)

        assert set(connection.execute(select(lookups)).all()) == {
            ('a"', NOON),
            ("\ufffdü", NOON),
            ("🏮", NOON + DAY),
        }


def test_text_is_sorted_by_its_code_points(database: Database) -> None:
    names = ["B", "a", "_", "Ä", "aa", "Z", "-a", "\U0001f3ee", "é"]
    with database.writing() as connection:
        put(connection, marks, [(name, NOON, None, "") for name in names])

        assert list(connection.scalars(select(marks.c.name).order_by(marks.c.name))) == sorted(names)


def test_a_nul_becomes_a_sign_that_can_be_kept(database: Database) -> None:
    PaperStore(database).failed("quay", Failed("550 \0 no"), Cursor(etag="\0"))
    RecordStore(database).beat(Beat("poll", NOON, "\0"))

    assert PaperStore(database).sources()["quay"].last_error == "550 \ufffd no"
    assert RecordStore(database).beats() == [Beat("poll", NOON, "\ufffd")]


def test_a_mark_is_set_and_cleared(database: Database) -> None:
    store = MarkStore(database)
    store.set(Mark("transport", NOON))
    store.set(Mark("transport", NOON, NOON + DAY, "421"))

    assert store.get("transport") == Mark("transport", NOON, NOON + DAY, "421")
    store.clear("transport")
    assert store.get("transport") is None
