"""The browser's own curves and noble's: the results and refusals of libsodium, and which of them is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from nacl.bindings import crypto_scalarmult, crypto_scalarmult_base, crypto_sign, crypto_sign_seed_keypair
from nacl.exceptions import CryptoError
from playwright.sync_api import Browser

from crypto.seal import grant
from tests.scripts.bundle import in_node, on_page

P: Final = 2**255 - 19
ORDER_8: Final = (
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
"""The points of order 8 on curve25519."""
SMALL: Final = [0, 1, *ORDER_8, P - 1, P, P + 1]
"""Small order, P and P + 1 being other spellings of 0 and 1."""
POINTS: Final = [
    *(number.to_bytes(32, "little") for number in SMALL),
    *((number + 2**255).to_bytes(32, "little") for number in SMALL),
    *(number.to_bytes(32, "little") for number in (2, 9, P - 2, P + 9, 2**255 - 1, 2**255 + 9, 2**256 - 1)),
]
SEED: Final = bytes(range(32))
GIVEN: Final = {"seed": SEED.hex(), "text": "目安箱", "points": [point.hex() for point in POINTS]}
SECURE, INSECURE = "https://site.example.test/", "http://site.example.test/"


def _shared(point: bytes) -> str:
    try:
        return crypto_scalarmult(SEED, point).hex()
    except (CryptoError, RuntimeError):
        return "LowOrderKey"


def _sealed(point: bytes) -> str:
    try:
        return "" if grant(bytes(32), point) else "?"
    except Exception as error:
        return type(error).__name__


def by_libsodium() -> dict[str, Any]:
    """Return what libsodium makes of the same."""
    public, secret = crypto_sign_seed_keypair(SEED)
    return {
        "signPk": public.hex(),
        "sig": crypto_sign("目安箱".encode(), secret)[:64].hex(),
        "boxPk": crypto_scalarmult_base(SEED).hex(),
        "shared": [_shared(point) for point in POINTS],
        "sealed": [_sealed(point) for point in POINTS],
    }


def test_both_give_and_refuse_what_libsodium_does(tests_bundle: Path, chromium_browser: Browser) -> None:
    wanted = by_libsodium()
    refused = wanted["shared"].count("LowOrderKey")
    assert refused == wanted["sealed"].count("LowOrderKey") >= len(SMALL), "the points are of both kinds"
    assert refused < len(POINTS)
    assert in_node(tests_bundle, "both", GIVEN) == [wanted, wanted]
    with on_page(tests_bundle, chromium_browser, SECURE) as page:
        assert page.evaluate("tests.engine()") == "browser"
        assert page.evaluate("given => tests.both(given)", GIVEN) == [wanted, wanted]
    with on_page(tests_bundle, chromium_browser, INSECURE) as page:
        assert page.evaluate("'subtle' in crypto") is False and page.evaluate("tests.engine()") == "noble"
        assert page.evaluate("given => tests.both(given)", GIVEN) == [wanted, wanted]


@pytest.mark.parametrize("has_subtle", [True, False])
def test_where_there_is_no_webcrypto_noble_does_it(tests_bundle: Path, has_subtle: bool) -> None:
    assert in_node(tests_bundle, "engine", None, has_subtle) == ("browser" if has_subtle else "noble")


def test_curves_with_a_fault_are_not_used(tests_bundle: Path) -> None:
    faults = ["none", "signPk", "sign", "boxPk", "shared", "small", "spelling", "once", "throws"]
    assert in_node(tests_bundle, "faulty", faults) == [True, *[False] * 8]


def test_secret_keys_stay_where_no_other_script_reads_them() -> None:
    """The curves' file keeps no key: one import is extractable, for the public key of a seed, and nothing is stored."""
    root = Path(__file__).resolve().parents[2] / "portal" / "scripts"
    source = (root / "format" / "curves.ts").read_text(encoding="utf-8")
    assert source.count(", true)") == 1 and "generateKey(X, false," in source
    for word in ("localStorage", "sessionStorage", "indexedDB", "globalThis", "window"):
        assert word not in source
