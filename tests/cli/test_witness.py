"""`meyasubako witness` as a union uses it, in front of the real server."""

from __future__ import annotations

import shutil
from pathlib import Path

from crypto.log_mirror import log_fingerprint
from crypto.logbatch import log_verifier
from crypto.logproof import read_policy
from store import db
from store import site as store_site
from store.config.secrets import load_secrets
from tests.cli.command import meyasubako
from tests.cli.test_log import _checkpoint
from tests.support.site import make_site, running


def test_a_union_looks_after_a_log(tmp_path: Path) -> None:
    folder = tmp_path / "witness"
    made = meyasubako("witness", "key", folder, "--name", "union")
    assert made.code == 0 and "Never" in made.out and "してはいけない" in made.out
    vkey = made.out.strip().splitlines()[-1]
    assert vkey.startswith("union+")
    for arguments in (
        ("key", folder),
        ("show", tmp_path / "none"),
        ("run", folder),
        ("run",),
        ("resume", folder),
    ):
        assert meyasubako("witness", *arguments).code == 1, arguments
    site = make_site(tmp_path / "site")
    with running(site):
        _checkpoint(site)
        engine = db.make_engine(site.settings.store.url)
        with db.reading(engine) as conn:
            salt = store_site.get(conn).salt
        engine.dispose()
        log = log_verifier(salt, load_secrets(site.settings.server.secret_file).sign_seed)
        wrong = meyasubako("witness", "init", site.base, folder, "--fingerprint", "00" * 16)
        assert wrong.code == 1 and "Nothing was pinned" in wrong.err
        plain = meyasubako("witness", "init", "http://meyasubako.example", folder, "--fingerprint", "00" * 16)
        assert plain.code == 1 and "https://" in plain.err
        for answer in ("", "n\n"):  # no terminal; no
            fresh = tmp_path / "fresh"
            aborted = meyasubako("witness", "init", site.base, fresh, stdin=answer)
            assert aborted.code == 1 and "Nothing was pinned" in aborted.err and not fresh.exists()
        pinned = meyasubako("witness", "init", site.base, folder, "--fingerprint", log_fingerprint(log))
        assert pinned.code == 0 and log.text() in pinned.out and vkey in pinned.out, pinned.err
        # The policy does not name it yet: it is a mirror already, and says so.
        first = meyasubako("witness", "run", folder)
        assert first.code == 1 and "not in the policy" in first.err and "kept in this folder" in first.err
        assert "cosigned; " in first.out and "not taken by the site" in first.out
        policy = meyasubako("witness", "policy", folder)
        read = read_policy(policy.out)
        assert policy.code == 0 and read.log == log and read.quorum == "union"
        shown = meyasubako("witness", "show", folder)
        assert shown.code == 0 and log.name in shown.out and vkey in shown.out and "leaves" in shown.out
        assert "18:00 UTC" in shown.out and "not taken by the site" in shown.out
    assert meyasubako("witness", "run", folder).code == 1, "nobody answers"
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "head.json").unlink()
    apart = meyasubako("witness", "run", copy)
    assert apart.code == 1 and "one object" in apart.err
