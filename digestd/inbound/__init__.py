"""What comes back: bounces, complaints and readers who leave. All are known by tokens that we made."""

from digestd.inbound.desk import Desk
from digestd.inbound.imap import Account, ImapFolder
from digestd.inbound.mailbox import Mailbox, MailboxTrouble, take_all
from digestd.inbound.maildir import Maildir

__all__ = ["Account", "Desk", "ImapFolder", "Mailbox", "MailboxTrouble", "Maildir", "take_all"]
