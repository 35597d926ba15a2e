"""Two families of errors that never share a class: the caller did wrong, or bytes from elsewhere are bad.

No text of an error holds input: a report's words must not reach a log by way of an exception.
"""

from __future__ import annotations


def place_of(error: BaseException | None) -> str:
    """Return an exception's class and the place in the code that raised it: all that a log may have of it.

    Its message, notes, causes and local values can quote a report or hold a key.
    "KeyError at portal.usecases.submit:120"; "exception at ?" for None.
    """
    name = type(error).__name__ if error else "exception"
    trace = error.__traceback__ if error else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (
        f"{name} at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else f"{name} at ?"
    )


class CryptoError(Exception):
    """Root of both families; its text is the class's docstring and never holds input."""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or type(self).__name__).splitlines()[0])


class MisuseError(CryptoError, ValueError):
    """The caller broke a rule of this module."""


class PayloadTooLarge(MisuseError):
    """The payload does not fit the largest size class."""


class NoRecipients(MisuseError):
    """An envelope needs 1 to 64 recipients with different key ids."""


class LowOrderKey(MisuseError):
    """A recipient's public key can't be sealed to."""


class NotNormalized(MisuseError):
    """Text has to be in Unicode normal form C with line feeds."""


class BadData(CryptoError):
    """Bytes from elsewhere are not what the format says."""


class BadBase64(BadData):
    """This is not canonical base64url without padding."""


class BadId(BadData):
    """This is not an id of 32 lower-case hex digits."""


class NotUtf8(BadData):
    """These bytes are not UTF-8."""


class NotJson(BadData):
    """This text is not JSON."""


class NotObject(BadData):
    """This JSON is not an object."""


class DuplicateKey(BadData):
    """A name stands twice in one JSON object."""


class NotCanonical(BadData):
    """This JSON is not canonical: order, spaces or escapes."""


class NotNfc(BadData):
    """A text is not in Unicode normal form C."""


class CarriageReturn(BadData):
    """A text holds a carriage return."""


class LoneSurrogate(BadData):
    """A text holds half of a surrogate pair."""


class FloatNumber(BadData):
    """A number is not a whole number."""


class NumberTooLarge(BadData):
    """A whole number is too large to be the same in every language."""


class NestedTooDeep(BadData):
    """Objects and lists stand in each other too deep."""


class PaddingSize(BadData):
    """The padded length is not a size class."""


class PaddingMissing(BadData):
    """The padding's mark is missing."""


class PaddingNotSmallest(BadData):
    """The payload would fit a smaller size class."""


class CodeSymbol(BadData):
    """A receipt code holds a symbol that no code has."""


class CodeLength(BadData):
    """A receipt code has 20 symbols."""


class CodeCheck(BadData):
    """A receipt code's check symbol does not fit: a slip."""


class BadMagic(BadData):
    """This is neither an envelope nor an object."""


class UnknownVersion(BadData):
    """This is of another version than 1."""


class UnknownKind(BadData):
    """An envelope's kind is 1 to 4."""


class Truncated(BadData):
    """The bytes end too early."""


class TrailingBytes(BadData):
    """Something follows the last byte."""


class ActKeyMissing(BadData):
    """A report has to name its act key."""


class ActKeyUnexpected(BadData):
    """Only a report names an act key."""


class NoSlots(BadData):
    """An envelope needs a slot."""


class TooManySlots(BadData):
    """An envelope has at most 64 slots."""


class SlotRepeated(BadData):
    """Two slots have the same key id."""


class SlotsUnsorted(BadData):
    """Slots stand in ascending key id."""


class CiphertextSize(BadData):
    """The ciphertext's length is not a size class."""


class NotAddressed(BadData):
    """The envelope has no slot and no grant for this key."""


class CannotOpen(BadData):
    """Shut out, damaged or withheld: the slot and grants do not open."""


class CommitmentMismatch(BadData):
    """The content key is not the one that the envelope commits to."""


class ActKeyMismatch(BadData):
    """The act key does not belong to the content key."""


class CiphertextForged(BadData):
    """The ciphertext or the header was changed."""


class PayloadVersion(BadData):
    """This is not a payload of version 1."""


class PayloadFieldMissing(BadData):
    """A payload lacks a field that its kind has."""


class PayloadFieldUnknown(BadData):
    """A payload has a field that its kind does not have."""


class PayloadFieldWrong(BadData):
    """A payload's field does not hold what it has to."""


class EnvelopeIdMismatch(BadData):
    """The payload names another envelope."""


class ObjectSize(BadData):
    """An object's length does not belong to its file's."""


class ObjectPadding(BadData):
    """An object's padding is not zero."""


class FileMismatch(BadData):
    """A file is not the one that its entry names."""


class ExcludeUnopenable(BadData):
    """The mailbox's record does not open."""


class ExcludeMalformed(BadData):
    """The mailbox's record is not as the format says."""


class SignatureMissing(BadData):
    """A signature is missing."""


class SignatureWrong(BadData):
    """A signature does not hold."""


class WrongPassphrase(BadData):
    """The passphrase does not open the key file, or the file is damaged."""


class KeyFileVersion(BadData):
    """This is not a key file of version 1."""


class KeyFileFields(BadData):
    """A key file's fields are not as the format says."""


class KeyFileParameters(BadData):
    """A key file asks for too little or too much work, or for more memory than there is."""


class SheetLength(BadData):
    """A key sheet has 40 groups of 5 symbols; these are fewer or more."""

    def __init__(self, groups: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.groups = groups


class SheetGroups(BadData):
    """A group of a key sheet does not hold its check symbol: a slip."""

    def __init__(self, groups: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.groups = groups


class SheetChecksum(BadData):
    """Each group of a key sheet fits, and the whole does not."""


class SheetVersion(BadData):
    """This is not a key sheet of version 1."""


class CardVersion(BadData):
    """This is not a card of version 1."""


class CardFields(BadData):
    """A card's fields are not as the format says."""


class CardKeyUnusable(BadData):
    """A card's public key can't be sealed to."""


class CardSignatureWrong(BadData):
    """A card's own signature does not hold."""


class CardRepeated(BadData):
    """A card stands twice in the chain."""


class ChainEmpty(BadData):
    """There is no first card."""


class FirstCardVouched(BadData):
    """The first card is vouched for: then it is not the first."""


class VoucherMissing(BadData):
    """A later card needs a signature by an enrolled key."""


class VoucherUnknown(BadData):
    """A card is vouched for by a key that was not enrolled before it."""


class VoucherWrong(BadData):
    """The signature of whoever vouches for a card does not hold."""


class VoucherRetired(BadData):
    """A card is vouched for by a key that is retired at this place of the list."""


class DutyWrong(BadData):
    """Somebody vouched, or retired somebody, whose duty does not allow it."""


class NameChanged(BadData):
    """A new key that its own person vouched for carries another name or role."""


class NameTaken(BadData):
    """A name and role are those of another person."""


class RetirementMalformed(BadData):
    """A retirement's fields are not as the format says."""


class RetirementUnknown(BadData):
    """A retirement names a key that is not enrolled."""


class RetirementRepeated(BadData):
    """A key is retired twice."""


class SignerRetired(BadData):
    """A retirement is signed by a key that is retired at this place of the list."""


class RetirementWrong(BadData):
    """A retirement's signature does not hold."""


class SlotsExchanged(BadData):
    """An envelope's slots are not those that its writer signed."""


class SlotUnknown(BadData):
    """An envelope has a slot for a key that is on no list."""


class SlotMissing(BadData):
    """An envelope has no slot for a key that was on the list."""


class SlotsUnfit(BadData):
    """An envelope's slots are the readers at no place of the list."""


class ListLonger(BadData):
    """An envelope was sealed by a longer list than the one that is known."""


class ListOther(BadData):
    """An envelope was sealed by another list than the one that is known."""
