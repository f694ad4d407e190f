"""What becomes of a message that came back: who it is about, by token, and what follows for that reader."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from digestd.inbound.message import Complaint, HardBounce, Inbound, PolicyBounce, SoftBounce, Unsubscribe, What, read_message
from digestd.model.standing import HARD, SOFT, Reason
from digestd.model.subscriber import SubscriberId
from digestd.ports import Standing
from digestd.rendering.tokens import Purpose, holder

log = structlog.get_logger("digestd.inbound")

Effect = Literal["suppressed", "counted", "not counted", "refused", "ours to mend", "nothing to do"]

_BY_HAND = "it names no reader that we know: if its sender is one, `digestd subscribers suppress EMAIL` does it by hand"
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
_TOKEN = re.compile(r"(?<![a-z2-7])[a-z2-7]{26}(?![a-z2-7])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a message was, and what became of it; *why* is for the operator, where there is something to do.

    *digest* is the Message-ID of the one that it is about, where it says so.
    """

    what: str
    effect: Effect
    digest: str = ""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.effect}{f' ({self.why})' if self.why else ''}"


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes messages about *readers*, whose tokens were made with *key*."""

    key: bytes
    readers: Collection[SubscriberId]
    standing: Standing
    now: datetime

    def take(self, content: bytes) -> Taken:
        """Do what the message in *content* asks for, and return that. Raises DatabaseTrouble, and then nothing was done."""
        try:
            message = read_message(content)
        except Exception:  # a message that we cannot read never stops the others
            log.exception("inbound.unreadable", octets=len(content))
            return Taken("unreadable", "nothing to do")
        effect = self._act(message)
        why = _BY_HAND if effect == "refused" and isinstance(message.what, Unsubscribe) else ""
        taken = Taken(type(message.what).__name__.lower(), effect, message.digest, why)
        _report(taken, message.what)
        return taken

    def _act(self, message: Inbound) -> Effect:
        match message.what:
            case HardBounce() as what:
                return self._bounced(message, HARD, what)
            case SoftBounce() as what:
                return self._bounced(message, SOFT, what)
            case PolicyBounce():
                return "ours to mend"
            case Complaint() as what:
                who = self._holder("unsubscribe", message.unsubscribe) or self._holder("bounce", message.bounce)
                return self._suppressed(who, "complaint", what)
            case Unsubscribe() as what:
                return self._suppressed(self._holder("unsubscribe", message.unsubscribe), "unsubscribe", what)
        return "nothing to do"

    def _bounced(self, message: Inbound, points: int, what: What) -> Effect:
        who = self._holder("bounce", message.bounce)
        if who is None:
            return "refused"
        counts = self.standing.bounced(who, points, _masked(f"{what.status} {what.words}".strip()), self.now)
        return "counted" if counts else "not counted"

    def _suppressed(self, who: SubscriberId | None, reason: Reason, what: What) -> Effect:
        if who is None:
            return "refused"
        self.standing.suppress(who, reason, _masked(what.words), self.now)
        return "suppressed"

    def _holder(self, purpose: Purpose, tokens: Sequence[str]) -> SubscriberId | None:
        """Return the reader whom one of *tokens* stands for: one made for another purpose stands for nobody."""
        found = (holder(self.key, purpose, token, self.readers) for token in tokens)
        return next((who for who in found if who is not None), None)


def _report(taken: Taken, what: What) -> None:
    """Log what was taken, without addresses and tokens; what is refused for our own sake is the operator's to mend."""
    words = _masked(_ADDRESS.sub("<address>", what.words))
    tell = log.error if taken.effect == "ours to mend" else log.warning if taken.effect == "refused" else log.info
    about = {name: told for name, told in (("digest", taken.digest), ("why", taken.why)) if told}
    tell("inbound.taken", what=taken.what, effect=taken.effect, status=what.status, words=words, **about)


def _masked(words: str) -> str:
    """Return *words* without the tokens in them: who has one may speak for its reader."""
    return _TOKEN.sub("<token>", words)
