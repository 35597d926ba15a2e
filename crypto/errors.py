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


class BadText(BadData):
    """A text, an id, base64url or JSON is not as the format says."""


class BadBase64(BadText):
    """This is not canonical base64url without padding."""


class BadId(BadText):
    """This is not an id of 32 lower-case hex digits."""


class NotUtf8(BadText):
    """These bytes are not UTF-8."""


class NotJson(BadText):
    """This text is not JSON."""


class NotObject(BadText):
    """This JSON is not an object."""


class DuplicateKey(BadText):
    """A name occurs twice in one JSON object."""


class NotCanonical(BadText):
    """This JSON is not canonical: order, spaces or escapes."""


class NotNfc(BadText):
    """A text is not in Unicode normal form C."""


class CarriageReturn(BadText):
    """A text holds a carriage return."""


class LoneSurrogate(BadText):
    """A text holds half of a surrogate pair."""


class FloatNumber(BadText):
    """A number is not a whole number."""


class NumberTooLarge(BadText):
    """A whole number is too large to be the same in every language."""


class NestedTooDeep(BadText):
    """Objects and lists are in each other too deep."""


class BadPayload(BadData):
    """An envelope's contents are not as the format says."""


class PaddingSize(BadPayload):
    """The padded length is not a size class."""


class PaddingMissing(BadPayload):
    """The padding's mark is missing."""


class PaddingNotSmallest(BadPayload):
    """The payload would fit a smaller size class."""


class PayloadVersion(BadPayload):
    """This is not a payload of version 1."""


class PayloadFieldMissing(BadPayload):
    """A payload lacks a field that its kind has."""


class PayloadFieldUnknown(BadPayload):
    """A payload has a field that its kind does not have."""


class PayloadFieldWrong(BadPayload):
    """A payload's field does not hold what it has to."""


class EnvelopeIdMismatch(BadPayload):
    """The payload names another envelope."""


class BadSealed(BadData):
    """Sealed bytes, an envelope or an object, are not as the format says."""


class BadMagic(BadSealed):
    """This is neither an envelope nor an object."""


class UnknownVersion(BadSealed):
    """This is of another version than 1."""


class Truncated(BadSealed):
    """The bytes end too early."""


class TrailingBytes(BadSealed):
    """Something follows the last byte."""


class CiphertextForged(BadSealed):
    """The ciphertext or the header was changed."""


class BadEnvelope(BadSealed):
    """The public part of an envelope is not as the format says."""


class UnknownKind(BadEnvelope):
    """An envelope's kind is 1 to 4."""


class ActKeyMissing(BadEnvelope):
    """A report has to name its act key."""


class ActKeyUnexpected(BadEnvelope):
    """Only a report names an act key."""


class NoSlots(BadEnvelope):
    """An envelope needs a slot."""


class TooManySlots(BadEnvelope):
    """An envelope has at most 64 slots."""


class SlotRepeated(BadEnvelope):
    """Two slots have the same key id."""


class SlotsUnsorted(BadEnvelope):
    """Slots stand in ascending key id."""


class CiphertextSize(BadEnvelope):
    """The ciphertext's length is not a size class."""


class BadObject(BadSealed):
    """An object is not as the format says."""


class ObjectSize(BadObject):
    """An object's length does not belong to its file's."""


class ObjectPadding(BadObject):
    """An object's padding is not zero."""


class FileMismatch(BadObject):
    """A file is not the one that its entry names."""


class NotOpened(BadData):
    """No content key that belongs to the envelope was got."""


class NotAddressed(NotOpened):
    """The envelope has no slot and no grant for this key."""


class CannotOpen(NotOpened):
    """Excluded, damaged or withheld: the slot and grants do not open."""


class CommitmentMismatch(NotOpened):
    """The content key is not the one that the envelope commits to."""


class ActKeyMismatch(NotOpened):
    """The act key does not belong to the content key."""


class BadExcludeRecord(BadData):
    """The mailbox's record can't be used."""


class ExcludeUnopenable(BadExcludeRecord):
    """The mailbox's record does not open."""


class ExcludeMalformed(BadExcludeRecord):
    """The mailbox's record is not as the format says."""


class BadSignature(BadData):
    """A signature is missing or wrong."""


class SignatureMissing(BadSignature):
    """A signature is missing."""


class SignatureWrong(BadSignature):
    """A signature does not hold."""


class IntakeAuthor(BadSignature):
    """Whom a report names as the auditor who wrote it down was no reader of it."""


class JournalMalformed(BadData):
    """A reading journal is not as the format says."""


class RegisterMalformed(BadData):
    """A register record is not as the format says."""
