"""`digestd templates`: which templates are in force, and the built-in ones to begin from."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

import typer

from digestd.cli.context import FAILED, JsonOption, complain, context, print_json, print_table, say
from digestd.config import Places, bundled

app = typer.Typer(add_completion=False, help="What mails are made of: built in, or your own.", invoke_without_command=True)


@dataclass(frozen=True, slots=True)
class _Template:
    """A template in force. *same* says whether an own one reads as the built-in one of that name."""

    name: str
    origin: Literal["built-in", "own"]
    path: Path
    same: bool | None = None


@app.callback()
def templates(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the templates in force: where each one is, and whether it is built in or your own."""
    if ctx.invoked_subcommand is None:
        list_templates(ctx, as_json=as_json)


@app.command("list")
def list_templates(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the templates in force: where each one is, and whether it is built in or your own."""
    places = context(ctx).places()
    found = _in_force(places)
    if as_json:
        print_json([{"name": one.name, "origin": one.origin, "path": str(one.path), "same": one.same} for one in found])
        return
    rows = [(one.name, f"{one.origin}, unchanged" if one.same else one.origin, str(one.path)) for one in found]
    print_table(("TEMPLATE", "IS", "WHERE"), rows, "There are no templates.")
    if _awaits_folder(places):
        say(f"{places.own_templates} is not there yet, and no mail goes out: `digestd templates eject NAME` makes it")


@app.command()
def eject(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Templates, as `digestd templates list` has them.")],
    force: Annotated[bool, typer.Option("--force", help="Write over your own ones of these names.")] = False,
) -> None:
    """Write built-in templates into your own folder, where they may be changed. Nothing is written over."""
    places = context(ctx).places()
    folder = _own_folder(places)
    texts = {name: _built_in(name) for name in names}
    folder.mkdir(parents=True, exist_ok=True)
    kept = [name for name in texts if (folder / name).exists() and not force]
    for name in texts.keys() - set(kept):
        _write(folder / name, texts[name])
    for name in texts:
        if name in kept:
            complain(f"{folder / name} is there already; it is left as it is (--force writes over it)")
        else:
            say(f"{folder / name} is written, and in force. Change it there; `digestd check` tries it on digests of every kind")
    if kept:
        raise typer.Exit(FAILED)


def _in_force(places: Places) -> list[_Template]:
    built_in = {path.name: path for path in bundled("templates").glob("*.j2")}
    own = places.own_templates
    texts = dict.fromkeys(built_in, "") if _awaits_folder(places) else places.templates()
    return [
        _Template(name, "own", own / name, _is_same(text, built_in.get(name)))
        if own is not None and (own / name).exists()
        else _Template(name, "built-in", built_in[name])
        for name, text in sorted(texts.items())
    ]


def _awaits_folder(places: Places) -> bool:
    """Say whether there is to be a folder of own templates, and none has been made."""
    return places.own_templates is not None and not places.own_templates.exists()


def _is_same(text: str, built_in: Path | None) -> bool:
    return built_in is not None and built_in.read_text(encoding="utf-8") == text


def _own_folder(places: Places) -> Path:
    if places.own_templates is None:
        raise places.trouble(
            "templates", f'is not set: write templates = "templates" into {places.file}, above its first [section]'
        )
    return places.own_templates


def _built_in(name: str) -> bytes:
    """Return the text of a built-in template. Raises typer.BadParameter."""
    known = {path.name: path for path in bundled("templates").glob("*.j2")}
    if name not in known:
        close = get_close_matches(name, sorted(known), n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known))}"
        raise typer.BadParameter(f"no built-in template is called {name!r}; {hint}")
    return known[name].read_bytes()


def _write(path: Path, content: bytes) -> None:
    """Write a file whole: a daemon may read the folder at any time."""
    half = path.with_name(f".{path.name}.new")
    half.write_bytes(content)
    half.replace(path)
