"""What the outbox keeps of a digest is all of it."""

import json
from dataclasses import replace

from digestd.model.digest import Digest, Evidence, Section
from digestd.storage import documents
from tests.support.builders import digest, match, paper

ONE = paper(1)


def of(*evidence: Evidence) -> Digest:
    return digest("ada", sections=(Section("Lanterns", (match(ONE)._replace(evidence=evidence),)),))


def test_the_entries_of_evidence_are_kept_where_there_are_any() -> None:
    whole = of(Evidence("tide", "title", 0, 4, 1.0, "tide", "tide AND sea"), Evidence("sea", "title", 5, 8, 2.0, "seas"))

    assert documents.read(whole.key, whole.message_id, documents.write(whole)) == whole


def test_a_digest_keeps_its_language_and_an_older_one_is_in_english() -> None:
    french = replace(of(), language="fr")
    older = {name: value for name, value in json.loads(documents.write(french)).items() if name != "language"}

    assert documents.read(french.key, french.message_id, documents.write(french)) == french
    assert documents.read(french.key, french.message_id, json.dumps(older)).language == "en"


def test_evidence_of_an_older_digest_has_no_entry() -> None:
    plain = of(Evidence("sea", "title", 5, 8, 2.0, "seas"))
    document = documents.write(plain)

    assert json.loads(document)["sections"][0]["shown"][0][3] == [["sea", "title", 5, 8, 2.0, "seas"]]
    assert documents.read(plain.key, plain.message_id, document) == plain
