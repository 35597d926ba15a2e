"""Auditors' keys and cards: made and signed on laptops, enrolled and retired on the server.

May import the support of the commands, what makes a key at the desk (`admin.desk.local.new_key`), `crypto`, `cases` and
`store`; no run of a command reads a private key and opens
the database.
"""

from admin.commands.auditor.cards import make_card
from admin.commands.auditor.group import auditor
from admin.commands.auditor.laptop import new, sign
from admin.commands.auditor.policy import sign_policy
from admin.commands.auditor.retire import retire
from admin.commands.auditor.server import enroll, list_cards

__all__ = ["auditor", "enroll", "list_cards", "make_card", "new", "retire", "sign", "sign_policy"]
