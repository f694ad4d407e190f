"""What the operator writes: digestd.toml and the readers' files. Whatever is wrong in them is said with file, line and key."""

from digestd.config.complaint import Complaint
from digestd.config.languages import catalogues
from digestd.config.settings import FILE, ConfigTrouble, Settings, load_settings
from digestd.config.site import Places, bundled, find_file
from digestd.config.sources import SourceKeys, source_keys
from digestd.config.subscribers import Defaults, Roster, parse_profiles, parse_subscriber, read_roster

__all__ = [
    "FILE",
    "Complaint",
    "ConfigTrouble",
    "Defaults",
    "Places",
    "Roster",
    "Settings",
    "SourceKeys",
    "bundled",
    "catalogues",
    "find_file",
    "load_settings",
    "parse_profiles",
    "parse_subscriber",
    "read_roster",
    "source_keys",
]
