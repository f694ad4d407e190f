"""Tokens stand for one reader and one purpose."""

import base64
import hashlib
import hmac
import re

import pytest

from digestd.model.subscriber import SubscriberId
from digestd.rendering.tokens import holder, token

KEY = b"k" * 32
ADA, BEN = SubscriberId("ada@example.org"), SubscriberId("ben@example.org")


def test_a_token_is_128_bits_of_hmac_under_a_derived_key_in_small_letters() -> None:
    derived = hmac.digest(KEY, b"digestd.unsubscribe", hashlib.sha256)
    code = hmac.digest(derived, b"ada@example.org", hashlib.sha256)[:16]

    assert token(KEY, "unsubscribe", ADA) == base64.b32encode(code).decode().rstrip("=").lower()
    assert re.fullmatch("[a-z2-7]{26}", token(KEY, "unsubscribe", ADA))


def test_tokens_differ_by_reader_purpose_and_key() -> None:
    tokens = {
        token(KEY, "unsubscribe", ADA),
        token(KEY, "unsubscribe", BEN),
        token(KEY, "bounce", ADA),
        token(b"!", "bounce", ADA),
    }

    assert len(tokens) == 4


def test_the_holder_of_a_token_is_found_in_any_case() -> None:
    assert holder(KEY, "bounce", token(KEY, "bounce", BEN).upper(), [ADA, BEN]) == BEN


@pytest.mark.parametrize("shown", ["", "é", "a" * 26, token(KEY, "unsubscribe", ADA), token(KEY, "bounce", ADA)[:-1]])
def test_a_token_that_was_made_for_nothing_here_has_no_holder(shown: str) -> None:
    assert holder(KEY, "bounce", shown, [ADA, BEN]) is None
