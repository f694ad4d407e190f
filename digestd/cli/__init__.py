"""The command line: one file a verb. Expected trouble ends in one or two lines for a person and an exit code."""

from digestd.cli.app import main

__all__ = ["main"]
