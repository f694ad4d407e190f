"""Settings → ports: the only room that names concrete classes."""

from digestd.wiring.asking import build_sources, open_web, try_source
from digestd.wiring.house import House, address_of, has_database, load_roster, open_house, visit_house
from digestd.wiring.post import build_relay, build_renderer

__all__ = [
    "House",
    "address_of",
    "build_relay",
    "build_renderer",
    "build_sources",
    "has_database",
    "load_roster",
    "open_house",
    "open_web",
    "try_source",
    "visit_house",
]
