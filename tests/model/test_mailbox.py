"""Which addresses an envelope can carry."""

import pytest

from digestd.model.mailbox import mailbox

GOOD = {
    "plain": ("ada@example.org", b"<ada@example.org>"),
    "tagged": ("o'ada+papers=x@mail.example.org", b"<o'ada+papers=x@mail.example.org>"),
    "an_address_literal": ("ada@[192.0.2.1]", b"<ada@[192.0.2.1]>"),
    "a_domain_beyond_ascii": ("ada@Bücher.example", b"<ada@xn--bcher-kva.example>"),
    "a_name_beyond_ascii": ("adá@example.org", "<adá@example.org>".encode()),
}
BAD = {
    "nothing": "",
    "no_domain": "ada@",
    "no_name": "@example.org",
    "no_at": "ada",
    "two_at": "ada@home@example.org",
    "a_space": "ada quill@example.org",
    "a_line_break": "ada@example.org\r\nRCPT TO:<bob@example.org",
    "a_line_break_at_the_end": "ada@example.org\n",
    "a_bracket": "ada@example.org>",
    "a_display_name": "Ada <ada@example.org>",
    "a_quoted_name": '"ada"@example.org',
    "dots_side_by_side": "ada..quill@example.org",
    "an_invisible_letter": "ad\u200ba@example.org",
    "a_control_letter": "ad\u0085a@example.org",
    "a_long_name": f"{'a' * 65}@example.org",
    "a_long_label": f"ada@{'a' * 64}.org",
    "a_long_path": f"{'a' * 60}@{'.'.join(['a' * 60] * 4)}",
    "an_empty_label": "ada@example..org",
    "sharp_s": "ada@straße.example",  # IDNA 2003 would send it to strasse.example
    "final_sigma": "ada@βόλος.example",
    "a_joiner": "ada@a\u200db.example",
    "a_full_width_dot": "ada@example\uff0eorg",
}


@pytest.mark.parametrize(("address", "path"), GOOD.values(), ids=GOOD)
def test_an_address_becomes_a_path(address: str, path: bytes) -> None:
    assert mailbox(address).path == path


@pytest.mark.parametrize("address", BAD.values(), ids=BAD)
def test_what_is_not_an_address_is_refused_with_a_reason(address: str) -> None:
    with pytest.raises(ValueError, match=r"address|domain|longer"):
        mailbox(address)
