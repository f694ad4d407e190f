"""The judge sees what is wrong: a verdict without faults would prove nothing otherwise."""

from tests.crash.judge import Mail, Verdict, mail_in, verdict

ADA = "ada@example.org"
FIRST, SECOND = Mail(ADA, "<1@x>", "body", frozenset({1, 2})), Mail(ADA, "<2@x>", "other body", frozenset({3}))


def judged(*mails: Mail) -> Verdict:
    return verdict(mails, {ADA: [1, 2, 3]})


def test_each_paper_in_one_digest_is_as_it_should_be() -> None:
    judged(FIRST, SECOND).assert_clean()


def test_a_paper_that_no_mail_tells_is_lost() -> None:
    assert judged(FIRST).lost == ((ADA, 3),)


def test_a_paper_in_two_digests_is_told_twice() -> None:
    assert judged(FIRST, SECOND, Mail(ADA, "<3@x>", "body", frozenset({2}))).told_twice == ((ADA, 2),)


def test_the_same_mail_again_is_repeated_and_a_changed_one_is_altered() -> None:
    again = judged(FIRST, FIRST, SECOND)
    altered = judged(FIRST, SECOND, Mail(ADA, "<2@x>", "changed", frozenset({3})))

    assert (again.repeated, again.told_twice, again.altered) == (1, (), ())
    assert (altered.repeated, altered.told_twice, altered.altered) == (1, (), ("<2@x>",))


def test_a_paper_that_nobody_asked_for_is_unwanted() -> None:
    assert judged(FIRST, SECOND, Mail("bo@example.org", "<3@x>", "body", frozenset({1}))).unwanted == (("bo@example.org", 1),)


def test_a_mail_is_the_same_but_for_its_date() -> None:
    head, text = (
        b"Date: %s\r\nMessage-ID: <1@x>\r\n\r\n",
        b"1.  Paper 7 on lanterns\r\nContent-Type: text/html\r\n1.  Paper 8 on kites",
    )
    first, second = (mail_in(ADA, head % date + text) for date in (b"today", b"tomorrow"))

    assert first == second
    assert (first.message_id, first.papers) == ("<1@x>", frozenset({7}))
