"""What every table of keys is."""

from pydantic import BaseModel, ConfigDict


class Keys(BaseModel):
    """A table of a file: unknown keys are errors, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
