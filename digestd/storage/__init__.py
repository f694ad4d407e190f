"""What survives a restart: papers seen, digests composed, tries made. SQLAlchemy Core; its objects do not leave this room."""

from digestd.ports import DatabaseTrouble
from digestd.storage.copies import scratch_copy
from digestd.storage.engine import Address, Database, Server
from digestd.storage.marks import RESTORED, MarkStore
from digestd.storage.opening import is_made, open_database
from digestd.storage.operator import OperatorStore
from digestd.storage.outbox import OutboxStore
from digestd.storage.papers import PaperStore
from digestd.storage.records import RecordStore
from digestd.storage.retention import RetentionStore
from digestd.storage.standing import StandingStore
from digestd.storage.traffic import TrafficStore

__all__ = [
    "RESTORED",
    "Address",
    "Database",
    "DatabaseTrouble",
    "MarkStore",
    "OperatorStore",
    "OutboxStore",
    "PaperStore",
    "RecordStore",
    "RetentionStore",
    "Server",
    "StandingStore",
    "TrafficStore",
    "is_made",
    "open_database",
    "scratch_copy",
]
