"""From a digest to a page and a mail: pure, and the same bytes every time. It opens no file; templates come as text."""

from digestd.rendering.dkim import BadKey, Signer, ed25519_key, rsa_key
from digestd.rendering.editions import Editions
from digestd.rendering.language import ENGLISH, Language, Languages
from digestd.rendering.letter import Letterhead
from digestd.rendering.renderer import Page, Renderer
from digestd.rendering.templates import TemplateError

__all__ = [
    "ENGLISH",
    "BadKey",
    "Editions",
    "Language",
    "Languages",
    "Letterhead",
    "Page",
    "Renderer",
    "Signer",
    "TemplateError",
    "ed25519_key",
    "rsa_key",
]
