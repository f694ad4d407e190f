"""The readers' pages: one click leaves (RFC 8058), and a reader may pause or come back. A GET changes nothing, ever.

Every byte that comes in is hostile. No page depends on what was asked or by whom: they are made once, at the start.
"""

from digestd.web.counter import Ground
from digestd.web.server import listening, serving

__all__ = ["Ground", "listening", "serving"]
