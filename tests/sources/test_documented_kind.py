"""The kind of source that docs/sources.md teaches, as it stands there."""

import re
from pathlib import Path

import pytest

from digestd.model.source import Failed, Fetched
from digestd.sources.document import Body
from digestd.sources.kinds import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")

TABLE = """\
title,authors,doi,link
Lanterns at low tide,Ada Quill; Bo Reed,10.5555/TABLE.1,https://annals.example.org/1
,Nobody,,
Bells in fog,Chi Ndo,,javascript:alert(1)
"""


@pytest.fixture(scope="module")
def module() -> dict[str, object]:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {"__name__": "table"}
    exec(compile(code, "docs/sources.md", "exec"), names)
    return names


def test_the_kind_on_the_page_reads_a_table(module: dict[str, object]) -> None:
    read = module["read"]
    assert callable(read)
    told = read(Body(TABLE.encode()), "tables")

    assert isinstance(told, Fetched)
    assert [(paper.title, paper.authors, paper.ids.doi, paper.links.abstract) for paper in told.papers] == [
        ("Lanterns at low tide", ("Ada Quill", "Bo Reed"), "10.5555/table.1", "https://annals.example.org/1"),
        ("Bells in fog", ("Chi Ndo",), None, ""),
    ]
    assert told.complaints == ("row 2 has no title",)
    assert isinstance(read(Body(b"\xef\xbb\xbf" + TABLE.encode()), "tables"), Fetched)
    for broken in (b"<html>", b"", b"title,doi\n,\n", b"title\n" + b"x" * 200_000):
        assert isinstance(read(Body(broken), "tables"), Failed)


def test_the_page_names_every_kind() -> None:
    table = PAGE.partition("## Manners")[0]

    assert {kind for kind in KINDS if f"`{kind}`" not in table} == set()
