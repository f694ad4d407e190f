"""What feedparser alone needs for the documents that are served: `python -m benchmarks.poll_parser KIND FEEDS ENTRIES`.

It reads a tenth of them, for they are all alike, and prints the CPU seconds that all would take.
"""

import io
import sys
import time

import feedparser

from benchmarks.poll_documents import KINDS

_PART = 10


def main() -> None:
    """Read as the command line says."""
    kind, feeds, entries = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    documents = KINDS[kind](feeds // _PART, entries)
    begun = time.process_time()
    for document in documents:
        feedparser.parse(io.BytesIO(document))
    sys.stdout.write(f"{_PART * (time.process_time() - begun)}")


if __name__ == "__main__":
    main()
