"""The short form, within `make test`, and the long one, `make test-crash`; CRASH_SEED repeats a run."""

import os
from random import Random

import pytest

KILLS = int(os.environ.get("CRASH_KILLS", "12"))  # on each database
SEED = int(os.environ.get("CRASH_SEED") or 0) or Random().randrange(1, 1_000_000)

IS_LONG = KILLS > 50
long_form = pytest.mark.skipif(not IS_LONG, reason="part of the long form, make test-crash")
