"""The captures of real responses that some tests read, where the checkout has them beside it."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("DIGESTD_SHARED") or Path(__file__).parents[3] / "shared")


def shared(*parts: str) -> Path:
    """Return a path in the folder of captures, or skip the test where that folder is absent."""
    if not FOLDER.is_dir():
        pytest.skip("the folder of real captures is not beside this checkout")
    return FOLDER.joinpath(*parts)
