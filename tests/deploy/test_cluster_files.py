"""deploy/cluster: what its files must say, and must never say. `make faults` runs a cluster with them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from admin.commands.doctor.server import is_of_another_unit
from store.config.settings import load_settings

FILES = Path(__file__).resolve().parents[2] / "deploy" / "cluster"
NGINX = FILES.parent / "nginx" / "meyasubako-proxy.conf"


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
    (passed,) = (line for line in written if line.startswith("http-request del-header (?i)"))
    pattern = re.compile(passed.split()[2])
    for header in ("X-Forwarded-For", "x-real-ip", "Forwarded", "Cookie", "User-Agent", "X-Host", "Via"):
        assert pattern.search(header)
    for header in re.findall(r"proxy_set_header (\S+) \$http_", NGINX.read_text(encoding="utf-8")):
        assert not pattern.search(header) and not pattern.search(header.lower())
    assert not pattern.search("content-length") and not pattern.search("Authorization")
    assert "option httpchk GET /readyz" in written


@pytest.mark.parametrize("name", ["etcd.env", "patroni.env"])
def test_machines_differ_in_the_first_block_only(name: str) -> None:
    own, shared = (FILES / name).read_text(encoding="utf-8").split("# The same on all machines.")
    assert "192.0.2.12" not in own and "192.0.2.11" in own
    addresses = set(re.findall(r"192\.0\.2\.\d+", shared))
    assert addresses in (set(), {"192.0.2.11", "192.0.2.12", "192.0.2.13"})


def test_patronictl_finds_etcd_without_the_units_environment() -> None:
    (hosts,) = (line for line in lines("patroni.yml") if line.startswith("hosts: "))
    assert hosts == "hosts: 192.0.2.11:2379,192.0.2.12:2379,192.0.2.13:2379"


def test_the_socket_holds_the_address_of_the_settings() -> None:
    (bind,) = (line for line in lines("meyasubako.toml") if line.startswith("bind = "))
    address = bind.removeprefix("bind = ").strip('"')
    written = ["[Socket]", "ListenStream=", f"ListenStream={address}", "FreeBind=yes"]
    assert lines("meyasubako-socket.conf") == written


def test_postgresql_can_ask_for_its_networks() -> None:
    (families,) = (line for line in lines("patroni.service") if line.startswith("RestrictAddressFamilies="))
    assert "AF_NETLINK" in families.partition("=")[2].split()  # without it `samenet` lets no standby in


@pytest.mark.parametrize(
    ("own", "is_readable", "expected"),
    [
        (None, False, True),
        ("/run/credentials/meyasubako-doctor.service", False, True),
        ("/run/credentials/meyasubako.service", False, False),
        (None, True, False),
    ],
)
def test_a_credential_that_another_unit_has_is_no_fault(
    own: str | None, is_readable: bool, expected: bool
) -> None:
    path = Path("/run/credentials/meyasubako.service/meyasubako-token")
    assert is_of_another_unit(path, own, is_readable) is expected
    assert not is_of_another_unit(Path("/dev/shm/token"), own, is_readable)


def test_pgbouncer_lends_whole_sessions_and_forgets_a_role_that_changed() -> None:
    written, again = lines("pgbouncer.ini", ";"), "/etc/meyasubako-cluster/pgbouncer-again"
    assert {"pool_mode = session", "unix_socket_dir = /run/meyasubako-cluster"} <= set(written)
    # What it heard of a former primary, it would tell nodes that look for one.
    assert {f"on_start: {again}", f"on_role_change: {again}"} <= set(lines("patroni.yml"))
    assert os.access(FILES / "pgbouncer-again", os.X_OK)


def test_the_nodes_settings_are_read(tmp_path: Path) -> None:
    file = tmp_path / "meyasubako.toml"
    site = '[site]\nname_ja = "目安箱"\nname_en = "Meyasubako"\ndesignated = true\n'
    file.write_text(site + (FILES / "meyasubako.toml").read_text(encoding="utf-8"), encoding="utf-8")
    url = load_settings(file).store.url
    assert (
        url.count("host=") == 3 and "target_session_attrs=read-write" in url and "sslmode=verify-full" in url
    )
