"""The reporter gave a code up for a new one: whose words count then, and where answers go."""

from __future__ import annotations

import secrets

from crypto import messages
from crypto.choice import first_choice
from crypto.envelope import Kind
from crypto.receipt import Receipt, derive, new_code
from tests.desk.browser import Browser
from tests.desk.world import Sent, World


def _takes_new_code(world: World, sent: Sent, signer: Receipt | None = None) -> Receipt:
    """Put new keys into the feed, signed with the old ones; `signer` forges."""
    new = derive(new_code(), world.salt)
    envelope_id = secrets.token_bytes(16)
    payload = messages.new_keys_message(new, sent.receipt, [], sent.case_id, first_choice([]))
    named = {**payload, "envelope_id": envelope_id.hex()}
    signed = messages.sign_reporter(Kind.FROM_REPORTER, named, signer or sent.receipt)
    world.store_message(sent, Kind.FROM_REPORTER, envelope_id, signed)
    return new


def _articles(world: World, browser: Browser, sent: Sent) -> list[str]:
    return ["".join(one.itertext()) for one in browser.case(sent.case_id).all("article")]


def test_words_under_the_new_code_are_the_reporters(world: World, browser: Browser) -> None:
    sent = world.report()
    world.from_reporter(sent, {"message": "はじめのコードで"})
    new = _takes_new_code(world, sent)
    payload = messages.reporter_message(
        {"message": "新しいコードで"}, new, [], sent.case_id, choice=first_choice([])
    )
    envelope_id = secrets.token_bytes(16)
    signed = messages.sign_reporter(Kind.FROM_REPORTER, {**payload, "envelope_id": envelope_id.hex()}, new)
    world.store_message(sent, Kind.FROM_REPORTER, envelope_id, signed)
    first, change, second = _articles(world, browser, sent)
    assert "未確認" not in first + change + second
    assert "はじめのコードで" in first and "新しいコードで" in second
    assert "新しい受付コードに替えました" in change


def test_words_under_a_code_that_was_given_up_are_nobodys(world: World, browser: Browser) -> None:
    sent = world.report()
    _takes_new_code(world, sent)
    world.from_reporter(sent, {"message": "古いコードで"})
    change, late = _articles(world, browser, sent)
    assert "未確認" in late and "未確認" not in change


def test_new_keys_that_the_old_key_did_not_sign_change_nothing(world: World, browser: Browser) -> None:
    sent = world.report()
    _takes_new_code(world, sent, signer=derive(new_code(), world.salt))
    world.from_reporter(sent, {"message": "続き"})
    forged, later = _articles(world, browser, sent)
    assert "未確認" in forged and "未確認" not in later
    # An answer still goes to the mailbox of the report.
    browser.reply(sent.case_id, "返事です")
    assert [entry.message for entry in world.reporter_sees(sent).entries][-1] == "返事です"
