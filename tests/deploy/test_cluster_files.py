"""deploy/cluster: what its files must say, and must never say. `make faults` runs a cluster with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from store.config.settings import load_settings

FILES = Path(__file__).resolve().parents[2] / "deploy" / "cluster"


def lines(name: str, comment: str = "#") -> list[str]:
    """Return a file's lines without comments."""
    text = (FILES / name).read_text(encoding="utf-8")
    stripped = (line.split(f"{comment} ")[0].strip() for line in text.splitlines())
    return [line for line in stripped if line and not line.startswith(comment)]


def test_patroni_alone_decides_which_standby_is_synchronous() -> None:
    written = lines("patroni.yml")
    for line in ("synchronous_mode: true", "synchronous_mode_strict: true", 'synchronous_commit: "on"'):
        assert line in written
    assert not [line for line in written if line.startswith("synchronous_standby_names")]
    assert 'fsync: "on"' in written and 'full_page_writes: "on"' in written


def test_postgresql_takes_encrypted_connections_only_and_logs_no_statement() -> None:
    written = lines("patroni.yml")
    allowed = [line.removeprefix("- ").split() for line in written if re.match(r"- (local|host\w*) ", line)]
    assert [kind for kind, *_ in allowed] == ["local", *["hostssl"] * 4]
    assert all(rule[-1] == "scram-sha-256" for rule in allowed[1:])
    for line in ("log_statement: none", "log_min_error_statement: panic", "log_error_verbosity: terse"):
        assert line in written
    assert written.count("sslmode: verify-full") == 2


def test_haproxy_knows_no_visitor() -> None:
    written = lines("haproxy.cfg")
    first = [line.split()[0] for line in written]
    assert not {"log", "log-format", "capture", "stick-table", "stats", "unique-id-format"} & set(first)
    assert not [
        line for line in written if re.match(r"option (httplog|tcplog|forwardfor|originalto|log)", line)
    ]
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        assert f"http-request del-header {header}" in written
    assert "option httpchk GET /readyz" in written


@pytest.mark.parametrize("name", ["etcd.env", "patroni.env"])
def test_machines_differ_in_the_first_block_only(name: str) -> None:
    own, shared = (FILES / name).read_text(encoding="utf-8").split("# The same on all machines.")
    assert "192.0.2.12" not in own and "192.0.2.11" in own
    addresses = set(re.findall(r"192\.0\.2\.\d+", shared))
    assert addresses == {"192.0.2.11", "192.0.2.12", "192.0.2.13"}


def test_pgbouncer_lends_whole_sessions() -> None:
    assert "pool_mode = session" in lines("pgbouncer.ini", ";")


def test_the_nodes_settings_are_read(tmp_path: Path) -> None:
    file = tmp_path / "meyasubako.toml"
    site = '[site]\nname_ja = "目安箱"\nname_en = "Meyasubako"\ndesignated = true\n'
    file.write_text(site + (FILES / "meyasubako.toml").read_text(encoding="utf-8"), encoding="utf-8")
    url = load_settings(file).store.url
    assert (
        url.count("host=") == 3 and "target_session_attrs=read-write" in url and "sslmode=verify-full" in url
    )
