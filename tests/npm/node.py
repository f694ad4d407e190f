"""Programs of Node that read mails and pages beside Python; `npm ci --prefix tests/npm` brings what they stand on."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"

needs_node = pytest.mark.skipif(
    not (shutil.which("node") and MODULES.is_dir()), reason="there is no node, or `npm ci --prefix tests/npm` was not run"
)


def told_by(program: str, folder: Path) -> Any:
    """Return what a program says of the files in *folder*."""
    done = subprocess.run(("node", FOLDER / program, folder), capture_output=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
