"""The catalogues: `python -m tests.house.messages` extracts what is said, and brings the translations up to date.

With names of languages behind it (`pt_BR`), it begins catalogues for these.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from operator import itemgetter
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "digestd" / "locale"
TEMPLATE = LOCALES / "digestd.pot"
_SAID = [("digestd/rendering", "**.py", "python"), ("digestd/web", "**.py", "python"), ("templates", "**.j2", "jinja2")]
_HINT = "Translators:"
_HEAD = """\
# What digestd says to readers. `make messages` writes this file: docs/languages.md tells how.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"

"""


def main(begun: list[str]) -> None:
    """Write the template, and the catalogues that there are or that are *begun*."""
    template = extracted()
    TEMPLATE.write_bytes(written(template))
    for path in {*catalogues(), *(LOCALES / name / "LC_MESSAGES" / "digestd.po" for name in begun)}:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(updated(path, template)))


def catalogues() -> list[Path]:
    """Return the files of the translations."""
    return sorted(LOCALES.glob("*/LC_MESSAGES/*.po"))


def extracted() -> Catalog:
    """Return the template: all that the code and the built-in templates say."""
    template = Catalog("en")
    for file, text, comments in sorted(_said(), key=itemgetter(0)):
        template.add(text, locations=[(file, 1)], auto_comments=comments)
    return template


def updated(path: Path, template: Catalog) -> Catalog:
    """Return a translation with every text of *template*: new ones empty, those that were reworded marked as fuzzy."""
    catalogue = read(path) if path.exists() else Catalog(path.parts[-3])
    catalogue.update(template)
    return catalogue


def read(path: Path) -> Catalog:
    """Return the translation in a file."""
    return read_po(path.read_text(encoding="utf-8").splitlines(keepends=True), locale=path.parts[-3])


def written(catalogue: Catalog) -> bytes:
    """Return the file of a catalogue, with nothing in it that differs from one run to the next."""
    file = BytesIO()
    write_po(file, catalogue, width=120, include_lineno=False, omit_header=True)
    head = _HEAD.format(language=catalogue.locale_identifier, plurals=catalogue.plural_forms)
    return head.encode() + file.getvalue()


def _said() -> Iterator[tuple[str, str | tuple[str, ...], list[str]]]:
    for folder, pattern, kind in _SAID:
        found = extract_from_dir(ROOT / folder, [(pattern, kind)], comment_tags=[_HINT], strip_comment_tags=True)
        for file, _, text, comments, _ in found:
            yield f"{folder}/{file}", text, comments


if __name__ == "__main__":
    main(sys.argv[1:])
