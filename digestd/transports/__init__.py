"""The ways out: an SMTP relay, or a Maildir on this machine."""

from digestd.transports.maildir import MaildirTransport
from digestd.transports.relay import BadRelay, Relay
from digestd.transports.session import Unreachable
from digestd.transports.smtp import SmtpTransport

__all__ = ["BadRelay", "MaildirTransport", "Relay", "SmtpTransport", "Unreachable"]
