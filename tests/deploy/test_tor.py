"""The onion service of deploy/: Tor takes it as it is, with the proof of work."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def verified(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Have Tor read a configuration whose folders lie elsewhere."""
    own = folder / "torrc"
    own.write_text(
        f"DataDirectory {folder / 'data'}\n" + text.replace("/var/lib/tor/", f"{folder}/"), "utf-8"
    )
    return subprocess.run(
        ["tor", "--verify-config", "--defaults-torrc", "/dev/null", "-f", str(own)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_tor_takes_the_onion_service(tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "tor" / "meyasubako.conf").read_text("utf-8")
    looked = verified(tmp_path, text)
    assert looked.returncode == 0 and "Configuration was valid" in looked.stdout
    assert "HiddenServicePort 80 127.0.0.1:8000" in text and "HiddenServicePoWDefensesEnabled 1" in text
    assert verified(tmp_path, text.replace("PoWDefensesEnabled", "PoWDefencesEnabled")).returncode != 0
