"""Where the readers' pages are served."""

import re
from ipaddress import ip_address

from pydantic import field_validator

from digestd.config.keys import Keys
from digestd.config.wording import said


class WebKeys(Keys):
    """The readers' pages. *proxies* are believed when they say for whom they ask."""

    listen: str | None = None
    proxies: tuple[str, ...] = ()

    @field_validator("listen")
    @classmethod
    def _is_a_place(cls, listen: str | None) -> str | None:
        host, _, port = (listen or "").rpartition(":")
        if listen is not None and not (host and re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65_536):
            raise ValueError(f'{said(listen)} is not an address and a port, such as "127.0.0.1:8080"')
        return listen

    @field_validator("proxies")
    @classmethod
    def _are_addresses(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_address(one)) for one in proxies)

    @property
    def place(self) -> tuple[str, int] | None:
        """Return the host and port to listen at, if the pages are to be served."""
        host, _, port = (self.listen or "").rpartition(":")
        return (host.strip("[]"), int(port)) if host else None
