"""What the key `database` says: a file, or a database on a PostgreSQL server and the password to it."""

from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

FILE, SERVER = "sqlite:///", "postgresql://"
_SECRET = ("password", "secret", "scram_")  # in the names of libpq's words that hold one
_HELP = 'write "sqlite:///FILE" or "postgresql://USER@HOST/NAME"'


def database_fault(database: str) -> str | None:
    """Return what is wrong with the key, without any password that it holds; None where it is well."""
    if database.startswith(SERVER):
        return _server_fault(database)
    if not database.startswith(FILE) or database == FILE:
        shown = f"{database.partition(':')[0]}:…" if set("@?") & set(database) else database
        return f'"{shown}" is not a database that digestd can use: {_HELP}'
    return None


def without_password(url: str) -> str:
    """Return the URL of a server as it may be shown."""
    parts = urlsplit(url)
    name, _, host = parts.netloc.rpartition("@")
    user = name.partition(":")[0]
    return parts._replace(netloc=f"{user}@{host}" if user else host).geturl()


def password_in(url: str) -> str | None:
    """Return the password that the URL of a server holds."""
    password = urlsplit(url).password
    return unquote(password) if password else None


def _server_fault(url: str) -> str | None:
    parts = _split(url)
    if parts is None:
        return f"its port is no number: {_HELP}"
    if len(parts.path) < 2 or "/" in parts.path[1:]:
        return f"the name of the database is missing: {_HELP}"
    if any(word in key.casefold() for key in parse_qs(parts.query) for word in _SECRET):
        return "the password stands where it would be shown: name its file in database_password_file"
    return None


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
