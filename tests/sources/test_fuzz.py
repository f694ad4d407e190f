"""Documents spoilt at random, of every kind: none is too broken to answer, and no answer is too broken to store."""

import gzip
import json
import pickle
import random
import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestd.model.shapes import paper_to_json
from digestd.model.source import Failed, Fetched
from digestd.sources.document import Body
from digestd.sources.kinds import KINDS
from tests.sources.arxiv_documents import found as arxiv_found
from tests.sources.arxiv_documents import harvest, record, row
from tests.sources.documents import arxiv_atom_entry, arxiv_item, atom, daily_paper, daily_papers, item, json_feed, rss
from tests.sources.service_documents import first_form, note, notes, posting, postings, rdf, rdf_item, twisted, work, works
from tests.sources.test_pubmed import article, records
from tests.support.shared import FOLDER

SECONDS = 2  # of CPU for one document of a few thousand bytes
CAPTURES = 20_000  # bytes: larger ones take long and show no more

MADE_UP: dict[str, Sequence[str]] = {
    "arxiv": [
        rss(arxiv_item(), arxiv_item("2603.00002", way="cross")),
        atom(arxiv_atom_entry()),
        arxiv_found(row(), row("2603.00002")),
        harvest(record(), record("2603.00002")),
    ],
    "arxiv_api": [arxiv_found(row(), row("2603.00002"))],
    "huggingface": [daily_papers(daily_paper(), daily_paper("2603.00002"))],
    "biorxiv": [postings(posting(), posting(2)), rdf(rdf_item(), rdf_item(2))],
    "medrxiv": [postings(posting(), posting(2))],
    "pubmed": [
        records(article(), article(99000002, article="<Abstract><AbstractText>We <i>light</i> one.</AbstractText></Abstract>")),
        json.dumps({"result": {"uids": ["1"], "1": {"uid": "1", "title": "Tide", "authors": [{"name": "Quill A"}]}}}),
        rss(item(guid="pubmed:99000001")),
    ],
    "crossref": [
        works(work(2, relation={"has-preprint": [{"id-type": "doi", "id": "10.5555/x"}]}, link=[{"URL": "https://x.example"}]))
    ],
    "openreview": [notes(note(), first_form(note(2)))],
    "feed": [
        rss(item(guid="1", dc_creator="A B, C D", pubDate="Thu, 05 Mar 2026 12:00:00 GMT"), item(title="<b>T</b>", guid="2")),
        atom("<entry><id>tag:1</id><title type='html'>&lt;b&gt;T</title><updated>2026-03-05T12:00:00Z</updated></entry>"),
        rdf(rdf_item()),
        json_feed({"id": "1", "title": "Tide", "content_html": "<p>x</p>", "authors": [{"name": "Ada Quill"}]}),
    ],
}
FOLDERS = {
    "arxiv": ("arxiv_announce", "arxiv_api"),
    "arxiv_api": ("arxiv_api",),
    "huggingface": ("hf_daily",),
    "biorxiv": ("biorxiv_medrxiv",),
} | {kind: (kind,) for kind in ("pubmed", "crossref", "openreview")}
SPLINTERS = [
    *(
        b"<",
        b">",
        b"&",
        b"]]>",
        b"<![CDATA[",
        b"<!--",
        b"-->",
        b"</item>",
        b"<item>",
        b"<entry>",
        b"<?xml",
        b"\x00",
        b"\x1b",
        b"\xff",
    ),
    *(
        b"&#1114112;",
        b"&#xD800;",
        b"&#0;",
        b"&lantern;",
        b"&#",
        b"&amp",
        b"\xed\xa0\x80",
        b"\xc3",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
    ),
    *(
        b"<!DOCTYPE x [<!ENTITY a 'C:\\d'>]>",
        b'<!ENTITY p "C:\\data">',
        b"<title>",
        b"<link>",
        b"<sup>",
        b"xmlns:a=''",
        b"mode='base64'",
    ),
    *(b'"', b"'", b"{", b"[", b"}", b"]", b":", b",", b"null", b"1e999", b"-1", b"9" * 400, b"\\ud800", b"\\u0000", b"NaN"),
    *("\u202e\u200b".encode(), "😀".encode("utf-16"), b"9999-99-99", b"0000-00-00T00:00:00+99:99", b"10.1234/", b"http://[::1"),
]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    spoil=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 80), st.sampled_from([*SPLINTERS, b"", None])), min_size=1, max_size=6
    ),
    which=st.integers(0),
)
def test_a_document_spoilt_anywhere_is_answered(kind: str, which: int, spoil: list[tuple[float, int, bytes | None]]) -> None:
    known = documents(kind)
    document = known[which % len(known)]
    for where, span, splinter in spoil:
        at = int(where * len(document))
        document = document[:at] + (document[at : at + span] * 2 if splinter is None else splinter) + document[at + span :]

    assert_is_an_answer(kind, document)


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_with_flipped_bits_is_answered(kind: str) -> None:
    chance = random.Random(kind)
    for document in documents(kind):
        flipped = bytearray(document)
        for _ in range(chance.randint(1, 30)):
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)

        assert_is_an_answer(kind, bytes(flipped))


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_cut_anywhere_is_answered(kind: str) -> None:
    for document in MADE_UP[kind]:
        content = document.encode()
        for end in range(0, len(content), max(1, len(content) // 40)):
            assert_is_an_answer(kind, content[:end])


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_of_another_kind_is_answered(kind: str) -> None:
    for document in chain.from_iterable(MADE_UP.values()):
        assert_is_an_answer(kind, document.encode())


@pytest.mark.parametrize("kind", KINDS)
def test_json_with_strange_values_is_answered(kind: str) -> None:
    for document in MADE_UP[kind]:
        if document.startswith(("{", "[")):
            for strange in twisted(document):
                assert_is_an_answer(kind, strange.encode())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "swollen",
    [
        pytest.param(lambda: b"<!--" * 50_000, id="comments_that_do_not_end"),
        pytest.param(lambda: b"<![CDATA[" * 50_000, id="sections_that_do_not_end"),
        pytest.param(lambda: rss(item(title="TIDE")).encode().replace(b"TIDE", b"&#9" * 50_000), id="references"),
        pytest.param(lambda: rss(item(title="<" * 100_000, description="<p " * 60_000)).encode(), id="tags_begun"),
        pytest.param(lambda: rss(item(dc_creator=", ".join("AB"[n % 2] for n in range(60_000)))).encode(), id="authors"),
        pytest.param(lambda: rss(item(category=" " * 200_000 + "x")).encode(), id="white_space"),
        pytest.param(lambda: b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * 100_000, id="lists"),
        pytest.param(lambda: records("<a>" * 20_000).encode(), id="elements"),
    ],
)
def test_a_swollen_document_takes_no_longer_than_others(kind: str, swollen: Callable[[], bytes]) -> None:
    assert_is_an_answer(kind, swollen(), seconds=6)


def assert_is_an_answer(kind: str, document: bytes, seconds: float = SECONDS) -> None:
    begun = time.process_time()
    told = KINDS[kind].read(Body(document, address="https://annals.example.org/feed"), "tides")
    spent = time.process_time() - begun

    assert isinstance(told, Fetched | Failed)
    pickle.dumps(told)
    assert spent < seconds, f"{spent:.1f} s"
    if isinstance(told, Failed):
        assert told.reason.isprintable()
        return
    assert all(complaint.isprintable() for complaint in told.complaints)
    for paper in told.papers:
        assert 0 < len(paper.id) <= 300
        assert 0 < len(paper.title) <= 500
        assert len(json.dumps(shape := paper_to_json(paper), ensure_ascii=False).encode()) < 60_000
        assert all(map(is_fit, strings(shape)))


def is_fit(text: str) -> bool:
    """Say whether text may stand in a mail and in a database."""
    return "\x00" not in text and "\x1b" not in text and "\n" not in text


def strings(value: Any) -> list[str]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [value] if isinstance(value, str) else [text for part in parts for text in strings(part)]


@cache
def documents(kind: str) -> Sequence[bytes]:
    """Return what we made up, and the smaller real responses where they are at hand."""
    folders = [FOLDER / "data" / "feeds" / folder for folder in FOLDERS.get(kind, ("generic", "journals"))]
    captured = [path for folder in folders for path in sorted(folder.rglob("*.*")) if path.stat().st_size < CAPTURES]
    return [document.encode() for document in MADE_UP[kind]] + [_content(path) for path in captured]


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
