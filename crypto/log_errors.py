"""Errors of the transparency log: notes, proofs, leaves (docs/format.md, 5 and 7)."""

from __future__ import annotations

from crypto.errors import BadData


class BadLog(BadData):
    """A part of the transparency log is not as the format says."""


class BadNote(BadLog):
    """This is not a signed note of this log."""


class VerifierKeyMalformed(BadNote):
    """A verifier key is not as the format says."""


class NoteMalformed(BadNote):
    """A signed note is not as the format says."""


class NoteUnsigned(BadNote):
    """A signed note has no signature of the log's key."""


class NoteSignatureWrong(BadNote):
    """A signature of a known key does not hold: the whole note is refused."""


class CheckpointMalformed(BadNote):
    """A checkpoint's text is not as the format says."""


class CheckpointOrigin(BadNote):
    """A checkpoint is another log's."""


class PolicyMalformed(BadLog):
    """A policy is not as the format says."""


class OwnPolicyMalformed(BadLog):
    """The verifier's own policy is not as the format says: nothing about a file or a log."""


class QuorumMissing(BadLog):
    """A checkpoint has not been cosigned by the witnesses that the policy asks for."""


class ProofMalformed(BadLog):
    """A proof file is not as the format says."""


class ProofWrong(BadLog):
    """A proof of inclusion or consistency does not hold."""


class BadLeaf(BadLog):
    """A leaf is not as the format says."""


class LeafLength(BadLeaf):
    """A hidden leaf's length fits no number of tags."""


class LeafForeign(BadLeaf):
    """This log key does not open the leaf."""


class LeafOpening(BadLeaf):
    """A leaf's contents are no opening of version 1."""


class LeafCommitment(BadLeaf):
    """A leaf opens to a text that it does not commit to."""


class LeafSpoiled(BadLeaf):
    """A leaf is not the one that its opening gives: its sender spoiled it."""


class PlainLeafMalformed(BadLeaf):
    """A plain leaf is not as the format says."""


class KeyChangeWrong(BadLeaf):
    """A `key` leaf does not follow from the key before it, or is where none may be."""


class WitnessMalformed(BadLeaf):
    """A desk's cosigning key is not as the format says."""


class PromiseMalformed(BadLog):
    """A promise that was kept for a mailbox is not as the format says, or is another mailbox's."""


class ListUnproved(BadLog):
    """The site does not show that its list of readers is the one in its log."""


class BatchMalformed(BadLog):
    """The leaves of a batch are not as its day leaf says."""


class CodeOpensNothing(BadLog):
    """A receipt code opens no leaf of a copy of a log: there is nothing to check."""


class BadCertificate(BadLog):
    """A certificate or a proof of burying is not as the format says, or does not hold."""


class CertificateVersion(BadCertificate):
    """A certificate is of another version."""


class CertificateMalformed(BadCertificate):
    """A certificate is not as the format says."""


class CertificateSite(BadCertificate):
    """A certificate's first leaf is not the site's, or names another origin or rule."""


class CertificateSecret(BadCertificate):
    """A certificate opens a leaf that holds a log key."""


class CertificateDay(BadCertificate):
    """The day leaf of an opened leaf's batch is not in the certificate."""


class CertificateCases(BadCertificate):
    """A certificate shows leaves of more than one case."""


class PromiseUnfit(BadCertificate):
    """A certificate's promise is for another leaf, or another day than its batch's."""


class ReceiptUnfit(BadCertificate):
    """A certificate's receipt is for another envelope."""


class ContentUnfit(BadCertificate):
    """A certificate's content is not what one of its leaves names."""


class BuryingCheckpoint(BadCertificate):
    """The proofs of a proof of burying have more than one checkpoint."""


class BuryingGap(BadCertificate):
    """A leaf is missing between the two day leaves of a proof of burying."""


class BuryingDay(BadCertificate):
    """A proof of burying is about another day than its promise."""


class BuryingFalse(BadCertificate):
    """The promised leaf is in the batch."""
