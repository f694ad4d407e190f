"""digestd: tells researchers, by e-mail, about the new papers they asked for."""

__version__ = "0.1.0"
