"""Where papers are announced: a polite, bounded web client, and one file for each kind of source."""

from digestd.sources.document import Body, Client, SourceSettings
from digestd.sources.http import Manners, Web
from digestd.sources.kinds import KINDS, Kind

__all__ = ["KINDS", "Body", "Client", "Kind", "Manners", "SourceSettings", "Web"]
