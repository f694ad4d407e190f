"""The readers' pages: one click leaves (RFC 8058), and a reader may say when digests come, pause or come back.

A GET changes nothing, ever. Every byte that comes in is hostile. No page depends on who asks, only on what was chosen: a form
that cannot be taken comes back as it was filled in.
"""

from digestd.web.counter import Ground
from digestd.web.server import listening, serving

__all__ = ["Ground", "listening", "serving"]
