"""Where redirects may lead."""

import pytest

from digestd.model.source import Cursor
from digestd.sources.places import place
from digestd.sources.trouble import Unfit


def test_a_redirect_from_https_to_http_is_refused() -> None:
    with pytest.raises(Unfit, match="from https to http"):
        place("https://tides.example.org/feed").redirected("http://tides.example.org/feed", permanent=True)


def test_a_redirect_from_http_to_https_leaves_a_password_behind() -> None:
    there = place("http://ada:tide@tides.example.org/feed").redirected("https://tides.example.org/feed", permanent=True)

    assert str(there.url) == "https://tides.example.org/feed"


@pytest.mark.parametrize(
    "to", ["/new", "//tides.example.org/new", "https://tides.example.org/new", "https://tides.example.org:443/new"]
)
def test_a_password_stays_with_its_server(to: str) -> None:
    there = place("https://ada:tide@tides.example.org/feed").redirected(to, permanent=False)

    assert (there.url.user, there.url.password, there.url.path) == ("ada", "tide", "/new")
    assert "tide@" not in there.shown


@pytest.mark.parametrize(
    "to",
    [
        "https://lanterns.example.org/",
        "https://tides.example.org:8443/",
        "https://eve:x@lanterns.example.org/",
        "//lanterns.example.org",
    ],
)
def test_a_password_goes_to_no_other_server(to: str) -> None:
    there = place("https://ada:tide@tides.example.org/feed").redirected(to, permanent=False)

    assert (there.url.user, there.url.password) == (None, None)


@pytest.mark.parametrize(
    "address",
    ["", "feed", "ftp://tides.example.org", "file:///etc/hostname", "http://", "http://[::1", "https:///feed", "javascript:1"],
)
def test_what_is_no_address_of_the_web_is_no_place(address: str) -> None:
    with pytest.raises(Unfit):
        place(address)


def test_an_endless_address_is_not_kept() -> None:
    there = place("https://tides.example.org/feed").redirected(f"/{'a' * 3_000}", permanent=True)

    assert there.kept_in(Cursor()).moved_to is None
