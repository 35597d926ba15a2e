"""Three machines with PostgreSQL, Patroni and etcd, three nodes of the site and HAProxy, on loopback addresses of one
machine, from the files of deploy/cluster: their addresses and folders are replaced, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from store.config.settings import load_settings
from tests.support.programs import PATRONI, missing_programs, python_for_all
from tests.support.reporter import Reporter
from tests.support.site import ROOT, make_site, select_nothing

FILES: Final = ROOT / "deploy" / "cluster"
WRITTEN: Final = "192.0.2."
"""The network of the files (RFC 5737); here it is 127.0.0."""
PORT: Final = 8080
"""Of HAProxy without encryption, for the load alone."""
UP_SECONDS: Final = 150


class ClusterMissing(Exception):
    """A program is not here, or a part did not come up."""


def as_user(name: str | None) -> dict[str, Any]:
    """Return subprocess's arguments for another user; nothing without a name, or where only root may."""
    if name is None or os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@dataclass
class Part:
    """One program of the cluster, started again and again with the same command."""

    command: list[str]
    environment: dict[str, str]
    folder: Path
    user: str | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; what it says goes to `log` in its folder."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"] + ":/usr/sbin", "LANG": "C.UTF-8", **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **as_user(self.user),
            )

    def pids(self) -> list[int]:
        """Return its process and those below it."""
        return with_children(self.process.pid) if self.process and self.process.poll() is None else []

    def signal(self, number: signal.Signals) -> None:
        """Signal it and all processes below it."""
        tell(self.pids(), number)

    def kill(self) -> None:
        """End it at once, and wait."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(20)


def with_children(pid: int) -> list[int]:
    """Return a process id and those of all processes below it."""
    pids = [pid]
    for parent in pids:
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
            pids += [int(child) for child in text.split()]
    return pids


def tell(pids: list[int], number: signal.Signals) -> None:
    """Signal processes that are still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@dataclass
class Machine:
    """One machine of the database: etcd, and Patroni, which starts PostgreSQL."""

    name: str
    address: str
    folder: Path
    etcd: Part
    patroni: Part

    def postgres(self) -> list[int]:
        """Return the processes of its PostgreSQL."""
        try:
            pid = int((self.folder / "data" / "postgresql" / "postmaster.pid").read_text().split()[0])
            named = Path(f"/proc/{pid}/comm").read_text()
        except (OSError, ValueError, IndexError):
            return []
        return with_children(pid) if named.startswith("postgres") else []

    def kill(self) -> None:
        """End Patroni and PostgreSQL at once, as when the machine dies. etcd stays: its quorum is not the trial's."""
        pids = self.postgres()
        self.patroni.kill()
        tell(pids, signal.SIGKILL)
        while any(Path(f"/proc/{pid}").exists() and not is_zombie(pid) for pid in pids):
            select_nothing(0.05)

    def stop(self) -> None:
        """Let Patroni and PostgreSQL stand still."""
        self.patroni.signal(signal.SIGSTOP)
        tell(self.postgres(), signal.SIGSTOP)

    def go_on(self) -> None:
        """Let them go on."""
        tell(self.postgres(), signal.SIGCONT)
        self.patroni.signal(signal.SIGCONT)


def is_zombie(pid: int) -> bool:
    """Tell whether a process has ended and is only not reaped yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@dataclass
class Cluster:
    """All of it. `nodes`: the site's; `url`: of their database; `mode`: Patroni's synchronous_mode."""

    folder: Path
    machines: list[Machine]
    haproxy: Part
    mode: str = "true"
    nodes: list[Part] = field(default_factory=list)
    url: str = ""

    @property
    def tls(self) -> ssl.SSLContext:
        """What asks Patroni: with the first machine's certificate, so that it may change something."""
        own = self.folder / "db1"
        context = ssl.create_default_context(cafile=str(own / "ca.pem"))
        context.load_cert_chain(own / "server.pem", own / "server.key")
        return context

    def ask(self, machine: Machine, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask a machine's Patroni. Raises OSError."""
        request = urllib.request.Request(
            f"https://{machine.address}:8008/{path}", json.dumps(body).encode() if body else None
        )
        try:
            with urllib.request.urlopen(request, timeout=40 if body else 5, context=self.tls) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            text = error.read().decode()
        try:
            return json.loads(text)
        except ValueError:
            return text

    def members(self) -> list[dict[str, Any]]:
        """Return what any machine's Patroni says of all: name, role, state."""
        for machine in self.machines:
            with contextlib.suppress(OSError, KeyError, TypeError):
                members: list[dict[str, Any]] = self.ask(machine, "cluster")["members"]
                return members
        return []

    def by_role(self, *roles: str) -> list[Machine]:
        """Return the machines that run in one of the roles: leader, sync_standby, replica."""
        named = {
            member["name"]
            for member in self.members()
            if member["role"] in roles and member["state"] in ("running", "streaming")
        }
        return [machine for machine in self.machines if machine.name in named]

    def standbys(self) -> list[Machine]:
        """Return the standbys that may be promoted: the synchronous one or, in quorum mode, each of both."""
        return self.by_role("quorum_standby" if self.mode == "quorum" else "sync_standby")

    def is_whole(self) -> bool:
        """Tell whether there is one leader, one synchronous standby and one more; in quorum mode two of a quorum."""
        wanted = (
            {"leader": 1, "quorum_standby": 2}
            if self.mode == "quorum"
            else {"leader": 1, "sync_standby": 1, "replica": 1}
        )
        return all(len(self.by_role(role)) == count for role, count in wanted.items())

    def until_whole(self, seconds: float = UP_SECONDS) -> float:
        """Wait until the cluster is whole; return the seconds. Raises ClusterMissing."""
        begun = time.monotonic()
        while not self.is_whole():
            if time.monotonic() - begun > seconds:
                raise ClusterMissing(f"the cluster is not whole after {seconds:.0f} s: {self.members()}")
            select_nothing(0.5)
        return time.monotonic() - begun

    def reporter(self, timeout: float = 60) -> Reporter:
        """Return a new reporter in front of HAProxy."""
        return Reporter("127.0.0.31", PORT, "ja", timeout)

    def close(self) -> None:
        """End everything."""
        for part in [self.haproxy, *self.nodes]:
            part.kill()
        for machine in self.machines:
            machine.go_on()
            machine.kill()
            machine.etcd.kill()


def placed(name: str, folder: Path) -> str:
    """Return a file of deploy/cluster with this machine's network and folders."""
    text = (FILES / name).read_text(encoding="utf-8").replace(WRITTEN, "127.0.0.")
    for written, here in (
        ("/etc/meyasubako-cluster", folder),
        ("/run/meyasubako-cluster", folder / "run"),
        ("/var/lib/meyasubako-cluster", folder / "data"),
        ("/var/lib/etcd/meyasubako", folder / "etcd"),
    ):
        text = text.replace(written, str(here))
    return text


def environment_of(name: str, folder: Path, number: int) -> dict[str, str]:
    """Return the variables of an .env file as the machine with this number has them."""
    own, shared = placed(name, folder).split("# The same on all machines.")
    own = own.replace("127.0.0.11", f"127.0.0.1{number}").replace("=db1", f"=db{number}")
    pairs = re.findall(r"^([A-Z0-9_]+)=(.*)$", own + shared, re.MULTILINE)
    return dict(pairs)


def _certificate(folder: Path, name: str, *addresses: str) -> None:
    subprocess.run(
        [str(FILES / "certificates"), str(folder), name, *addresses], check=True, capture_output=True
    )


def _machine(folder: Path, keys: Path, number: int, mode: str) -> Machine:
    own, name, address = folder / f"db{number}", f"db{number}", f"127.0.0.1{number}"
    for part in (own, own / "run", own / "data", own / "etcd", own / "etcd-log"):
        part.mkdir(mode=0o700)
    # etcd compares a peer's certificate with where it comes from, which is 127.0.0.1 for all of them here.
    _certificate(keys, name, address, "127.0.0.1")
    for source, to in (("ca.pem", "ca.pem"), (f"{name}.pem", "server.pem"), (f"{name}.key", "server.key")):
        shutil.copy(keys / source, own / to)
    shutil.copy(own / "server.pem", own / "etcd.pem")
    shutil.copy(own / "server.key", own / "etcd.key")
    text = placed("patroni.yml", own).replace("synchronous_mode: true\n", f"synchronous_mode: {mode}\n")
    (own / "patroni.yml").write_text(text, encoding="utf-8")
    (own / "pgbouncer-again").write_text(placed("pgbouncer-again", own), encoding="utf-8")
    (own / "pgbouncer-again").chmod(0o755)
    _hand_over(own)
    etcd = Part(["etcd"], environment_of("etcd.env", own, number), own / "etcd-log", "postgres")
    patroni = Part(
        [python_for_all(), "-m", "patroni", str(own / "patroni.yml")],
        environment_of("patroni.env", own, number) | {"PYTHONPATH": str(folder / "patroni")},
        own,
        "postgres",
    )
    return Machine(name, address, own, etcd, patroni)


def _hand_over(folder: Path) -> None:
    """Give a folder to the user that PostgreSQL runs as."""
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _haproxy(folder: Path, keys: Path) -> Part:
    own = folder / "haproxy"
    own.mkdir()
    _certificate(keys, "site", "127.0.0.31")
    (own / "site.pem").write_bytes((keys / "site.pem").read_bytes() + (keys / "site.key").read_bytes())
    page = ROOT / "deploy" / "nginx" / "meyasubako-unavailable.html"
    shutil.copy(page, own / "meyasubako-unavailable.html")
    text = placed("haproxy.cfg", own)
    # The load goes without encryption, so that it is the cluster that is measured.
    encrypted = "    bind 127.0.0.31:443 "
    assert text.count(encrypted) == 1
    text = text.replace(encrypted, f"    bind 127.0.0.31:{PORT}\n{encrypted}")
    (own / "haproxy.cfg").write_text(text, encoding="utf-8")
    return Part(["haproxy", "-db", "-f", str(own / "haproxy.cfg")], {}, own)


def _database(cluster: Cluster) -> None:
    """Make the site's role and database, on whichever machine leads."""
    (leader,) = cluster.by_role("leader")
    subprocess.run(
        ["psql", "-q", "-h", str(leader.folder / "run"), "-v", "ON_ERROR_STOP=1"],
        input=(FILES / "roles.sql").read_bytes(),
        env={**os.environ, "PGUSER": "postgres", "MEYASUBAKO_PASSWORD": "PASSWORD"},
        cwd="/",
        check=True,
        capture_output=True,
        **as_user("postgres"),
    )


def _nodes(cluster: Cluster, workers: int) -> None:
    """Lay out three nodes with one secret file, one token key and one database."""
    written = (FILES / "meyasubako.toml").read_text(encoding="utf-8").replace(WRITTEN, "127.0.0.")
    match = re.search(r'^url = "(.*)"$', written, re.MULTILINE)
    assert match
    cluster.url = match[1].replace("/etc/meyasubako-cluster", str(cluster.folder / "db1"))
    token = cluster.folder / "token"
    token.touch(mode=0o600)
    token.write_bytes(os.urandom(32))
    server = f'workers = {workers}\ntoken_key_file = "{token}"'
    first = make_site(cluster.folder / "node1", url=cluster.url, server=server)
    for number in (1, 2, 3):
        own = cluster.folder / f"node{number}"
        own.mkdir(exist_ok=True)
        if number > 1:
            shutil.copy2(first.folder / "server.secret", own / "server.secret")
        text = re.sub(r"(?m)^bind = .*$", f'bind = "127.0.0.2{number}:8000"', first.config.read_text("utf-8"))
        (own / "settings.toml").write_text(text, encoding="utf-8")
        (own / "settings.toml").chmod(0o600)
        load_settings(own / "settings.toml")
        environment = {"MEYASUBAKO_CONFIG": str(own / "settings.toml"), "PYTHONPATH": str(ROOT)}
        cluster.nodes.append(Part([sys.executable, "-m", "admin.cli", "serve"], environment, own))


@contextmanager
def running_cluster(workers: int = 1, mode: str = "true") -> Iterator[Cluster]:
    """Bring the cluster up with Patroni's synchronous_mode, and end it. Raises ClusterMissing."""
    gone = missing_programs()
    if gone:
        raise ClusterMissing(
            f"missing: {', '.join(gone)}. Debian: apt-get install etcd-server haproxy postgresql openssl"
        )
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="mysb-cl-", dir=memory if os.access(memory, os.W_OK) else None))
    folder.chmod(0o755)
    keys = folder / "keys"
    shutil.copytree(PATRONI.parent, folder / "patroni")
    machines = [_machine(folder, keys, number, mode) for number in (1, 2, 3)]
    cluster = Cluster(folder, machines, _haproxy(folder, keys), mode)
    try:
        for machine in machines:
            machine.etcd.start()
        for machine in machines:
            machine.patroni.start()
        cluster.until_whole()
        _database(cluster)
        _nodes(cluster, workers)
        for part in [*cluster.nodes, cluster.haproxy]:
            part.start()
        _answers(cluster)
        yield cluster
    finally:
        cluster.close()
        shutil.rmtree(folder, ignore_errors=True)


def _answers(cluster: Cluster) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < UP_SECONDS:
        with contextlib.suppress(OSError):
            if cluster.reporter(5).get("report").status == 200:
                return
        select_nothing(0.2)
    logs = "\n".join((part.folder / "log").read_text(errors="replace")[-1000:] for part in cluster.nodes)
    raise ClusterMissing(f"no page after {UP_SECONDS} s\n{logs}")
