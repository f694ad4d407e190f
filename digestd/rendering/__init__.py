"""From a digest to a page and a mail: pure, and the same bytes every time. It opens no file; templates come as text."""

from digestd.rendering.letter import Letterhead, unsubscribe_token
from digestd.rendering.renderer import Page, Renderer
from digestd.rendering.templates import TemplateError

__all__ = ["Letterhead", "Page", "Renderer", "TemplateError", "unsubscribe_token"]
