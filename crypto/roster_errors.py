"""Errors of the list of auditors, and of envelopes whose readers are not those of the list (docs/format.md, 1.3 to 1.5,
2.5).
"""

from __future__ import annotations

from crypto.errors import BadData


class BadRoster(BadData):
    """The list of auditors, or an entry of it, is not as the format says."""


class CardRepeated(BadRoster):
    """A card occurs twice in the chain."""


class ChainEmpty(BadRoster):
    """There is no first card."""


class DutyWrong(BadRoster):
    """Somebody vouched, or retired somebody, whose duty does not allow it."""


class NameChanged(BadRoster):
    """A new key that its own person vouched for carries another name or role."""


class NameTaken(BadRoster):
    """A name and role are those of another person."""


class BadCard(BadRoster):
    """A card by itself is not as the format says."""


class CardVersion(BadCard):
    """This is not a card of version 1."""


class CardFields(BadCard):
    """A card's fields are not as the format says."""


class CardKeyUnusable(BadCard):
    """A card's public key can't be sealed to."""


class CardSignatureWrong(BadCard):
    """A card's own signature does not hold."""


class BadVoucher(BadRoster):
    """The voucher of a card does not count."""


class FirstCardVouched(BadVoucher):
    """The first card is vouched for: then it is not the first."""


class VoucherMissing(BadVoucher):
    """A later card needs a signature by an enrolled key."""


class VoucherUnknown(BadVoucher):
    """A card is vouched for by a key that was not enrolled before it."""


class VoucherWrong(BadVoucher):
    """The signature of the person who vouches for a card does not hold."""


class VoucherRetired(BadVoucher):
    """A card is vouched for by a key that is retired at this place of the list."""


class BadRetirement(BadRoster):
    """A retirement does not count."""


class RetirementMalformed(BadRetirement):
    """A retirement's fields are not as the format says."""


class RetirementUnknown(BadRetirement):
    """A retirement names a key that is not enrolled."""


class RetirementRepeated(BadRetirement):
    """A key is retired twice."""


class SignerRetired(BadRetirement):
    """A retirement is signed by a key that is retired at this place of the list."""


class RetirementWrong(BadRetirement):
    """A retirement's signature does not hold."""


class BadReaders(BadData):
    """The readers of an envelope are not those of the list."""


class SlotsExchanged(BadReaders):
    """An envelope's slots are not those that its writer signed."""


class SlotUnknown(BadReaders):
    """An envelope has a slot for a key that is on no list."""


class SlotMissing(BadReaders):
    """An envelope has no slot for a key that was on the list."""


class SlotsUnfit(BadReaders):
    """An envelope's slots are the readers at no place of the list."""


class ListLonger(BadReaders):
    """An envelope was sealed by a longer list than the one that is known."""


class ListOther(BadReaders):
    """An envelope was sealed by another list than the one that is known."""
