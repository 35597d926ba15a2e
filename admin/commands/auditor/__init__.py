"""Auditors' keys and cards: made and signed on laptops, enrolled and retired on the server."""

from admin.commands.auditor.cards import file_stem, make_card
from admin.commands.auditor.group import auditor
from admin.commands.auditor.laptop import new, sign
from admin.commands.auditor.retire import retire
from admin.commands.auditor.server import enroll, list_cards

__all__ = ["auditor", "enroll", "file_stem", "list_cards", "make_card", "new", "retire", "sign"]
