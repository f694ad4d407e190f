"""How often a client may ask, and who a client is."""

import pytest

from digestd.web import gate
from digestd.web.gate import Gate, Rate, client_of

PROXY = "127.0.0.1"


def test_a_client_passes_in_a_burst_and_then_at_its_rate() -> None:
    door = Gate(Rate(2, 3), Rate(1000, 1000))

    assert [door.wait("ada", 0) for _ in range(5)] == [0, 0, 0, 0.5, 0.5]
    assert [door.wait("ada", 0.5), door.wait("ada", 0.6), door.wait("ada", 10.0)] == [0, pytest.approx(0.4), 0]


def test_a_client_does_not_use_up_anothers_turns() -> None:
    door = Gate(Rate(1, 1), Rate(1000, 1000))

    assert [door.wait(name, 0) for name in ("ada", "ada", "ben")] == [0, 1, 0]


def test_all_clients_together_have_a_rate() -> None:
    door = Gate(Rate(1, 1), Rate(1, 2))

    assert [door.wait(name, 0) for name in ("ada", "ben", "eve")] == [0, 0, 1]
    assert door.wait("eve", 1) == 0


def test_only_the_latest_clients_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_MOST_CLIENTS", 2)
    door = Gate(Rate(1, 1), Rate(1000, 1000))

    assert [door.wait(name, 0) for name in ("ada", "ben", "ada", "eve", "ada", "ben")] == [0, 0, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        pytest.param("192.0.2.1", [], "192.0.2.1", id="a_peer"),
        pytest.param("192.0.2.1", ["198.51.100.1"], "192.0.2.1", id="a_peer_that_is_no_proxy"),
        pytest.param(PROXY, ["198.51.100.1"], "198.51.100.1", id="a_proxy"),
        pytest.param(PROXY, ["203.0.113.9, 198.51.100.1"], "198.51.100.1", id="a_proxy_and_what_anybody_wrote"),
        pytest.param(PROXY, ["203.0.113.9", "198.51.100.1"], "198.51.100.1", id="in_two_fields"),
        pytest.param(PROXY, ["198.51.100.1, 127.0.0.1"], "198.51.100.1", id="two_proxies"),
        pytest.param(PROXY, ["198.51.100.1, unknown"], PROXY, id="a_proxy_that_does_not_know"),
        pytest.param(PROXY, [], PROXY, id="a_proxy_that_says_nothing"),
        pytest.param("2001:db8::1", [], "2001:db8::/64", id="a_network"),
        pytest.param("::ffff:192.0.2.1", [], "192.0.2.1", id="an_old_address_in_a_new_one"),
        pytest.param("", [], "None", id="nobody"),
    ],
)
def test_a_client_is_known_by_its_address(peer: str, forwarded: list[str], client: str) -> None:
    assert client_of(peer, forwarded, {PROXY}) == client
