"""The readers' pages: one click leaves (RFC 8058), and a reader may say when digests come, pause or come back.

A GET changes nothing, ever. Every byte that comes in is hostile. Of who asks, a page depends on the language alone: nobody is
answered as a reader is who reads what the installation speaks. A form that cannot be taken comes back as it was filled in.
"""

from digestd.web.counter import Ground
from digestd.web.server import listening, serving

__all__ = ["Ground", "listening", "serving"]
