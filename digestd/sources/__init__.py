"""Where papers are announced: a polite, bounded web client, and one file for each kind of source."""
