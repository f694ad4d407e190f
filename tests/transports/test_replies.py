"""What replies mean: each row of the table, and docs/replies.md, which is made of it.

python -m tests.transports.test_replies    # writes the page anew
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digestd.model.delivery import Accepted, Deferred, Outcome, Rejected
from digestd.transports.replies import MEANINGS, RULES, Rule, Step, enhanced_code, outcome_of, rule_of

PAGE = Path(__file__).parents[2] / "docs/replies.md"
ENDS: dict[str, Outcome] = {
    "accepted": Accepted("250 ok"),
    "later": Deferred("450 4.2.0 greylisted"),
    "closed": Deferred("421 busy", everyone=True),
    "locked": Deferred("535 no", everyone=True, wait=timedelta(minutes=15)),
    "dead": Rejected("550 5.1.1 no such user", "address"),
    "refused": Rejected("554 5.6.0 malformed", "message"),
    "ours": Rejected("550 5.7.26 not authenticated", "ours"),
}
WHERE = {
    ("connection", "sender", "recipient", "message"): "anywhere",
    ("sender", "recipient", "message"): "MAIL, RCPT, DATA",
    ("recipient", "message"): "RCPT, DATA",
    ("connection",): "before MAIL",
    ("sender",): "MAIL",
    ("recipient",): "RCPT",
    ("message",): "DATA",
}


def samples() -> Iterator[tuple[Rule, Step, str]]:
    return ((rule, step, sample) for rule in RULES for step in rule.steps for sample in rule.samples)


def page() -> str:
    """Return docs/replies.md as the table has it."""
    head, _, tail = PAGE.read_text(encoding="utf-8").partition("| where |")
    rows = "\n".join("| " + " | ".join(cells(rule)) + " |" for rule in RULES)
    rest = tail.partition("\n\n")[2]
    return f"{head}| where | code | enhanced code | words | means | for example |\n|---|---|---|---|---|---|\n{rows}\n\n{rest}"


def cells(rule: Rule) -> Iterator[str]:
    yield WHERE[rule.steps]
    yield code(rule.code) if rule.code else "any"
    yield "any" if rule.enhanced is None else code(rule.enhanced) if rule.enhanced else "none"
    yield "any" if rule.words is None else code(rule.words)
    yield MEANINGS[rule.means]
    yield " · ".join(map(code, rule.samples))


def code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


@pytest.mark.parametrize(("rule", "step", "sample"), [*samples()])
def test_a_sample_is_decided_by_its_own_row(rule: Rule, step: Step, sample: str) -> None:
    assert rule_of(step, sample) is rule
    assert type(outcome_of(step, sample)) is type(ENDS[rule.means])


@pytest.mark.parametrize("means", ENDS)
def test_a_meaning_is_an_outcome(means: str) -> None:
    end = ENDS[means]

    assert outcome_of("message", end.reply) == end


def test_every_row_has_a_sample_and_every_meaning_a_row() -> None:
    assert all(rule.samples for rule in RULES)
    assert {rule.means for rule in RULES} == set(MEANINGS) == set(ENDS)


@pytest.mark.parametrize("step", ["connection", "sender"])
@pytest.mark.parametrize("detail", ["", "1.1", "2.2", "7.1"])
def test_a_reply_before_the_recipient_was_named_never_blames_the_recipient(step: Step, detail: str) -> None:
    for number in range(400, 600):
        enhanced = f"{number // 100}.{detail} " if detail else ""
        outcome = outcome_of(step, f"{number} {enhanced}No such user here")

        assert isinstance(outcome, Deferred)
        assert outcome.everyone


@pytest.mark.parametrize("step", ["recipient", "message"])
def test_every_refusal_means_something(step: Step) -> None:
    later = [number for number in range(400, 600) if isinstance(outcome_of(step, f"{number} something"), Deferred)]

    assert later == [*range(400, 500), 530, 534, 535, 538, 552]


@pytest.mark.parametrize("reply", ["550 5.7.1 No such user", "550 5.7.26 x", "552 5.2.2 full", "450 5.1.1 what", "550 spam"])
@pytest.mark.parametrize("step", ["recipient", "message"])
def test_what_is_not_about_the_address_never_kills_it(step: Step, reply: str) -> None:
    outcome = outcome_of(step, reply)

    assert not (isinstance(outcome, Rejected) and outcome.fault == "address")


@pytest.mark.parametrize("number", [550, 551, 553, 556])
def test_a_bare_refusal_after_the_message_is_about_the_message(number: int) -> None:
    assert outcome_of("recipient", f"{number} we do not know them") == Rejected(f"{number} we do not know them", "address")
    assert outcome_of("message", f"{number} we do not want that") == Rejected(f"{number} we do not want that", "message")


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("550 5.1.1 no", "5.1.1"),
        ("550-5.7.26 no", "5.7.26"),
        ("550 no (#5.1.1)", "5.1.1"),
        ("550 4.1.1 of another class", ""),
        ("550 no, see 5.1.1", ""),
        ("550", ""),
        ("550 5.1.1000 too long", ""),
    ],
)
def test_an_enhanced_code_stands_where_standards_and_qmail_put_it(reply: str, found: str) -> None:
    assert enhanced_code(reply) == found


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
