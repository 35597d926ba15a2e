"""Writes the vector files anew: `python -m tests.vectors.make_vectors`.

The JSON files are what counts and what is committed. Sealed boxes are random, so each run writes other bytes
that mean the same.
`known-answers.json` is not written here: it was made by another program.
"""

from __future__ import annotations

from tests.vectors.access_cases import accesses
from tests.vectors.attachment_cases import attachments, file_names
from tests.vectors.card_cases import single_cards
from tests.vectors.chain_cases import chains
from tests.vectors.choice_cases import key_chains, records
from tests.vectors.envelope_cases import envelopes, openings
from tests.vectors.form_cases import forms
from tests.vectors.key_file_cases import key_sheets, keyfiles
from tests.vectors.parts import write
from tests.vectors.payload_cases import payloads, treated
from tests.vectors.reader_cases import exclusions, readers
from tests.vectors.receipt_cases import codes, repeats
from tests.vectors.signature_cases import signatures
from tests.vectors.stored_cases import stored_cases
from tests.vectors.text_cases import canonical, paddings, texts


def main() -> None:
    write("text", "Bytes as text (docs/format.md, 0.2).", texts())
    write("json", "Canonical JSON (docs/format.md, 0.3); `raw` in hex.", canonical())
    write("padding", "Padding (docs/format.md, 2.3).", paddings())
    write("receipt", "Receipt codes (docs/format.md, 3).", codes())
    write("card", "Cards (docs/format.md, 1.3).", single_cards())
    write("chain", "The chain of cards, retirements (docs/format.md, 1.4 and 1.5).", chains())
    write("readers", "To whom an envelope was sealed (docs/format.md, 1.4 and 2.5).", *readers())
    write("excluded", "Who is excluded (docs/format.md, 1.6). Outputs: key ids.", *exclusions())
    write("keyfile", "Key files (docs/format.md, 1.2), with cheap parameters.", keyfiles())
    write("key-sheet", "Key files on paper (docs/format.md, 1.7); `groups`: those to look at.", key_sheets())
    write("envelope", "The layout of envelopes (docs/format.md, 2.1): one edit each.", *envelopes())
    write("opening", "Opening envelopes (docs/format.md, 2.5).", *openings())
    write(
        "payload",
        "Payloads (docs/format.md, 2.4 and 2.5); kinds 1 and 2 are shown, kinds 3 and 4 refused.",
        payloads(),
    )
    write("signature", "What is signed (docs/format.md, 6).", *signatures())
    write("attachment", "Attachments (docs/format.md, 4.1).", *attachments())
    write("key-chain", "Which words are the reporter's (docs/format.md, 2.10).", key_chains())
    write("exclude-record", "The exclude record (docs/format.md, 2.9).", records())
    write("choice", "What follows from a stored case (docs/format.md, 2.9).", *stored_cases())
    write("access", "Changes of who reads a case (docs/format.md, 2.16).", *accesses())
    write(
        "treated", "What a case is treated as (docs/format.md, 2.17): pairs of a word and a day.", treated()
    )
    write("file-name", "Names of files (docs/format.md, 4.2): `text` so often, then `end`.", file_names())
    write("form", "What the report form takes (cases/form.py): each answer is a text so often.", forms())
    write("repeat-id", "Repeat ids (docs/format.md, 2.6).", repeats())


if __name__ == "__main__":
    main()
