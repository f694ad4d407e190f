"""An address that stands in no file, such as one on a command line."""

from pydantic import TypeAdapter, ValidationError

from digestd.config.units import Address

_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)


def read_address(text: str) -> str:
    """Return the address that *text* writes, as a reader's file would hold it. Raises ValueError, whose text says why not."""
    try:
        return _ADDRESS.validate_python(text.strip())
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
