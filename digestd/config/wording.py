"""What is wrong with the value of a key, in our words: pydantic's speak of tuples, dictionaries and parsing."""

import json
from datetime import date, time
from typing import Any

from pydantic_core import ErrorDetails

_LONGEST = 60
_SECRETS = {"password", "api_key", "key", "ed25519_key"}
_RULES = {
    "string_type": "must be a string, in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} letters",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a whole number with fewer figures",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": "must be a table, such as {{ key = value }}",
    "model_type": "must be a table, such as {{ key = value }}",
    "path_type": "must be a path, in quotes",
}


def wording(error: ErrorDetails, *, holds_tables: bool) -> str:
    """Return what one of pydantic's errors says of a value; the key *holds tables* where `[[key]]` stands in the file."""
    rule, value = _rule(error, holds_tables=holds_tables), error["input"]
    is_plain = error["type"] not in {"too_short", "string_too_short", "string_too_long"} and not _SECRETS.intersection(
        error["loc"]
    )
    return f"{rule}, not {said(value)}" if is_plain else rule


def said(value: Any) -> str:
    """Return a value as a TOML file says it, cut where it is long; of a list or table, that it is one."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…", ensure_ascii=False)
        case list() | tuple():
            return "a list" if value else "an empty list"
        case dict():
            return "a table"
        case date() | time():
            return value.isoformat()
        case _:
            return repr(value)[:_LONGEST]


def unread(error: OSError | UnicodeDecodeError) -> str:
    """Return why a file or folder cannot be read."""
    match error:
        case UnicodeDecodeError():
            return "it is not in UTF-8: save it so"
        case FileNotFoundError():
            return "it does not exist"
        case IsADirectoryError():
            return "it is a folder"
        case NotADirectoryError():
            return "it is no folder"
        case PermissionError(strerror=str()):
            return "permission denied: let digestd's user read it"
        case _:
            return error.strerror or str(error)


def _rule(error: ErrorDetails, *, holds_tables: bool) -> str:
    context: dict[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "tuple_type" | "list_type" if holds_tables:
            return f"must be tables, each below a line [[{error['loc'][-1]}]]"
        case "tuple_type" | "list_type":
            one = said(error["input"]) if isinstance(error["input"], str) and error["input"] else '"…"'
            return f"must be a list of strings, such as {error['loc'][-1]} = [{one}]"
        case "too_short":
            return f"must have at least one, below a line [[{error['loc'][-1]}]]"
        case "literal_error":
            return f"must be {context['expected']}".replace("'", '"')
        case kind if kind in _RULES:
            return _RULES[kind].format(**context)
        case _:
            message = error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
            return f"must be {message}" if message != error["msg"] else f"{message[0].lower()}{message[1:]}"
