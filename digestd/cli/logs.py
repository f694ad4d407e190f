"""Logs are events with ids, on stderr: for a person at a terminal, as text for a journal, or as JSON."""

import logging
import os
import sys
from typing import Any

import structlog

from digestd.cli.context import LogFormat

Processor = structlog.typing.Processor


def configure_logs(log_format: LogFormat, level: int) -> None:
    """Send the events of at least *level* to stderr."""

    structlog.configure(
        processors=[structlog.processors.add_log_level, *_stamps(), *_renderers(log_format)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(name)s: %(message)s")


def _stamps() -> list[Processor]:
    """Return the time stamp, unless the journal sets its own (systemd.exec(5), $JOURNAL_STREAM)."""
    return [] if os.environ.get("JOURNAL_STREAM") else [structlog.processors.TimeStamper(fmt="iso", utc=True)]


def _renderers(log_format: LogFormat) -> list[Processor]:
    if log_format is LogFormat.JSON:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    if log_format is LogFormat.AUTO and sys.stderr.isatty():
        return [structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ)]
    return [structlog.processors.format_exc_info, _logfmt]


def _logfmt(_logger: Any, _method: str, event: Any) -> str:
    """Return `level event key=value …` on one line."""
    words = [event.pop(name) for name in ("timestamp", "level", "event") if name in event]
    return " ".join([*map(str, words), *(f"{key}={_quoted(value)}" for key, value in event.items())])


def _quoted(value: Any) -> str:
    text = str(value)
    plain = text and not any(character.isspace() or character in '"=' for character in text)
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
