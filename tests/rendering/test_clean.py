import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.rendering.clean import clean, line, web_link


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("a\r\nBcc: b@c", "a Bcc: b@c", id="line_break"),
        pytest.param("a\u2028b\u0085c\u2029d", "a b c d", id="unicode_line_breaks"),
        pytest.param("a\0\x1b[31mb\x7f", "a[31mb", id="controls"),
        pytest.param("ad\u00admin\u202egpj.exe\u2066", "admingpj.exe", id="bidi_and_soft_hyphen"),
        pytest.param("z\u200be\ufeffr\u2060o", "zero", id="zero_width"),
        pytest.param("half \ud800 pair", "half pair", id="surrogate"),
        pytest.param("la\U0001d173la\U0001d17a", "lala", id="controls_of_music"),
        pytest.param("\u3164\u115f\u1160\uffa0\u180e\u17b4", "", id="fillers"),
        pytest.param("⠓\u2800\u2800⠓", "⠓ ⠓", id="blanks_of_braille"),
        pytest.param("\ufe0f \ufe0e\U000e0100", " ", id="looks_of_no_letter"),
        pytest.param("✔\ufe0f 葛\U000e0100", "✔\ufe0f 葛\U000e0100", id="looks_of_letters_stay"),
        pytest.param("Ångström 王 ▲\u00a042", "Ångström 王 ▲\u00a042", id="letters_stay"),
    ],
)
def test_what_is_not_a_letter_is_taken_out(text: str, told: str) -> None:
    assert clean(text) == told


@given(st.text(), st.integers(1, 80))
def test_a_line_is_one_line_and_never_too_long(text: str, limit: int) -> None:
    told = line(text, limit)

    assert len(told) <= limit
    assert len(told.splitlines()) <= 1


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://arxiv.org/abs/2603.00001", "https://arxiv.org/abs/2603.00001"),
        ("http://arxiv.org/abs/2603.00001", "https://arxiv.org/abs/2603.00001"),
        ("http://127.0.0.1:8025/abs/1", "http://127.0.0.1:8025/abs/1"),
        ("http://[::1]:8025/abs/1", "http://[::1]:8025/abs/1"),
        ("https://192.0.2.7/abs/1", ""),
        ("https://3221225991/abs/1", ""),
        ("https://0x7f.1/abs/1", ""),
        ("https://[2001:db8::7]/abs/1", ""),
        ("https://arxiv.org@192.0.2.7/abs/1", ""),
        ("https://arxiv.org@evil.example/abs/1", ""),
        ("http://localhost:8025/abs/1", "http://localhost:8025/abs/1"),
        ("https://example.org/a b?x=1&y=“2”", "https://example.org/a%20b?x=1&y=%E2%80%9C2%E2%80%9D"),
        ("https://example.org/\r\nBcc: x", "https://example.org/%20Bcc:%20x"),
        ("javascript:alert(1)", ""),
        ("//example.org/x", ""),
        ("data:text/html,x", ""),
        ("https://[broken", ""),
        ("http://example.org:80/x", "https://example.org/x"),
        ("HTTP://example.org:80?x=:80", "https://example.org?x=:80"),
        ("http://example.org:8080/x", ""),
        ("https://example.org:8443/x", "https://example.org:8443/x"),
        ("https://Bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("http://bücher.example:80", "https://xn--bcher-kva.example"),
        ("https://例え.テスト:8443/a?b=é#ü", "https://xn--r8jz45g.xn--zckzah:8443/a?b=%C3%A9#%C3%BC"),
        ("https://straße.example/a", ""),
        ("https://１２７.0.0.1/a", ""),
        (f"https://{'ü' * 70}.example/a", ""),
        ("https://é@example.org/a", ""),
        ("", ""),
    ],
)
def test_only_links_for_the_web_are_links(url: str, link: str) -> None:
    assert web_link(url) == link
