"""What `npm ci` brings is said by name and by hash, and from wherever the operator's npm fetches."""

import json

from tests.npm.node import FOLDER


def test_the_lock_holds_hashes_and_names_no_host() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    asked = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}

    assert [name for name, one in packages.items() if "resolved" in one or "integrity" not in one] == []
    assert lock["packages"][""]["dependencies"] == asked["dependencies"]
