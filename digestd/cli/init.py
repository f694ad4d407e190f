"""`digestd init`: a starter configuration."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from digestd.cli.context import CONFIG, complain, say
from digestd.config import FILE, bundled


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")]) -> None:
    """Write a starter configuration, in which every key is explained."""
    sample = bundled("config")
    if (folder / FILE).exists():
        complain(f"{folder / FILE} is there already; it is left as it is")
        raise typer.Exit(CONFIG)
    try:
        shutil.copytree(sample / "subscribers.d", folder / "subscribers.d", dirs_exist_ok=True)
        shutil.copyfile(sample / FILE, folder / FILE)
    except OSError as error:
        complain(f"{folder}: {error.strerror}")
        raise typer.Exit(CONFIG) from None
    say(f"{folder / FILE} and {folder / 'subscribers.d'} are written. Next:")
    say(f"  digestd --config {folder} check")
    say(f"  digestd --config {folder} preview --poll")
