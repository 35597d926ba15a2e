"""The lines by which openssl and a shell check a file, with the file's own values (docs/format.md, 5.9).

Nothing is checked here: openssl does. The same lines are made by portal/scripts/verify/openssl.ts.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from crypto.certificate import CertificateFile, ShownLeaf
from crypto.certificate_check import chain_in_file
from crypto.log_key import KeyChain
from crypto.logproof import Policy
from crypto.note import ED25519, LogKeys, Note, VerifierKey, read_note, std_encode
from crypto.plainleaf import word_of


@cache
def functions() -> str:
    """Return the shell functions that the lines call."""
    return files("cases.data").joinpath("verify_openssl.sh").read_text("utf-8")


def _quoted(*words: object) -> str:
    return " ".join("'" + str(word).replace("'", "'\\''") + "'" for word in words)


def _signature(note: Note, key: VerifierKey) -> str:
    for line in note.lines:
        if (line.name, line.key_id) == (key.name, key.key_id):
            return std_encode(line.signature if key.key_type == ED25519 else line.signature[8:])
    return ""


def _changes(certificate: CertificateFile, chain: KeyChain) -> list[str]:
    lines = []
    for logged in chain.changes:
        change, salt = logged.change, certificate.origin.partition("/")[2]
        keys = (std_encode(change.old.pk), std_encode(change.new.pk))
        signatures = (std_encode(change.old_sig), std_encode(change.new_sig))
        lines.append("change " + _quoted(logged.index, change.day.isoformat(), salt, *keys, *signatures))
    return [*lines, "follow"] if lines else []


def _checkpoint(text: str, policy: Policy, keys: LogKeys) -> tuple[list[str], set[VerifierKey]]:
    note = read_note(text)
    origin, size, root = note.text.split("\n")[:3]
    lines = ["checkpoint " + _quoted(origin, size, root, _signature(note, keys.at(int(size))))]
    claimed: set[VerifierKey] = set()
    for name, key in policy.witnesses.items():
        for line in note.lines:
            if (line.name, line.key_id) == (key.name, key.key_id):
                time = int.from_bytes(line.signature[:8], "big")
                parts = (name, std_encode(key.pk), time, std_encode(line.signature[8:]))
                lines.append("witness " + _quoted(*parts))
                claimed.add(key)
    return lines, claimed


def _leaf(shown: ShownLeaf) -> list[str]:
    hashes = (std_encode(part) for part in shown.proof.hashes)
    lines = ["leaf " + _quoted(shown.proof.index, std_encode(shown.leaf), *hashes)]
    if shown.is_opened:
        lines.append("opened " + _quoted(std_encode(shown.blinding), std_encode(shown.opening)))
    return lines


def _run(certificate: CertificateFile) -> list[str]:
    days = [
        shown.proof.index for shown in certificate.shown if shown.is_plain and word_of(shown.leaf) == "day"
    ]
    between = [
        shown.proof.index for shown in certificate.shown if days[:1] <= [shown.proof.index] <= days[-1:]
    ]
    return [
        "run " + _quoted(*between),
        "within " + (certificate.promise.day.isoformat().replace("-", "") if certificate.promise else ""),
        '[ -z "$there" ] || bad "the promised leaf is there: leaf $there"',
    ]


def openssl_lines(certificate: CertificateFile, policy: Policy | None) -> str:
    """Return a shell script that checks a file. `policy`: the verifier's own; None: the file's, and never good."""
    used = policy or certificate.own_policy
    lines = [functions(), "log " + _quoted(used.log.name, std_encode(used.log.pk))]
    lines.append(f'[ {_quoted(used.log.name)} = {_quoted(certificate.origin)} ] || bad "another log"')
    chain = chain_in_file(certificate, used)
    lines += _changes(certificate, chain)
    promise, receipt = certificate.promise, certificate.receipt
    if promise and certificate.kind == "burying":
        lines.append("promised=" + _quoted(std_encode(promise.subject)))
    last, enough = "", True
    for shown in certificate.shown:
        if shown.proof.checkpoint != last:
            last = shown.proof.checkpoint
            added, claimed = _checkpoint(last, used, chain.keys)
            lines += added
            enough = enough and bool(used.quorum) and used.has_quorum(claimed)
        lines += _leaf(shown)
        if shown.proof.index == 0:
            lines.append("rule " + _quoted(std_encode(certificate.rule.encode())))
    if promise:
        parts = (promise.day.isoformat(), std_encode(promise.subject), std_encode(promise.sig))
        lines.append("promise " + _quoted(*parts))
    if receipt:
        parts = (receipt.day.isoformat(), std_encode(receipt.subject), std_encode(receipt.sig))
        lines.append("receipt " + _quoted(*parts))
    if certificate.kind == "burying":
        lines += _run(certificate)
    if policy is None:
        lines.append("open 'whose log this is was not checked: there was no policy'")
    elif not enough:
        lines.append("open 'too few witnesses of your policy'")
    return "\n".join([*lines, "[ $verdict -eq 0 ] && echo GOOD", "exit $verdict"]) + "\n"
