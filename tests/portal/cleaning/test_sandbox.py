"""Code that runs inside the cleaner can't do harm: the same code without the limits is the control."""

from __future__ import annotations

import json
import platform
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import sandbox
from admin.commands.doctor import program as doctor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server runs on Linux")

# What somebody would do who found a fault in a library: one line each.
ATTACKS = {
    "open server.secret": "open({secret!r}).read()",
    "write a file": "open({secret!r} + '2', 'w').write('x')",
    "list a folder": "os.listdir('/')",
    "connect": "socket.socket().connect(('127.0.0.1', {port}))",
    "a unix socket": "socket.socket(socket.AF_UNIX)",
    "start a program": "os.posix_spawn('/bin/true', ['true'], {{}})",
    "become a program": "os.execv('/bin/false', ['false']) if os.fork() == 0 else os.wait()",
    "fork": "os.fork() or os._exit(0)",
    "read its parent's memory": "open('/proc/%d/mem' % parent, 'rb')",
    "read its parent's environment": "open('/proc/%d/environ' % parent, 'rb').read()",
    "signal its parent": "os.kill(parent, 0)",
    "debug its parent": "trace(parent)",
    "memory that becomes code": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "lift a limit": "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))",
}
CODE = """
import ctypes, json, mmap, os, resource, socket, sys
import sandbox
from portal.cleaning import office, pdf, worker
parent = os.getppid()
libc = ctypes.CDLL(None, use_errno=True)
def trace(pid):
    if libc.ptrace(0x4206, pid, 0, 0) < 0:  # PTRACE_SEIZE: does not stop it
        raise OSError(ctypes.get_errno(), "ptrace")
done = {{"layers": list(sandbox.enter()) if {closed} else []}}
for name, line in {attacks!r}.items():
    try:
        eval(line)
        done[name] = True
    except Exception:
        done[name] = False
print(json.dumps(done))
sys.stdout.flush()
os._exit(0)
"""


def _attacked(closed: bool, secret: Path, port: int) -> dict[str, object]:
    attacks = {name: line.format(secret=str(secret), port=port) for name, line in ATTACKS.items()}
    code = CODE.format(closed=closed, attacks=attacks)
    ended = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    found: dict[str, object] = json.loads(ended.stdout.splitlines()[-1])
    return found


def test_what_runs_in_the_cleaner_reaches_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "server.secret"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        free, closed = _attacked(False, secret, port), _attacked(True, secret, port)
    # "debug its parent" needs a kernel that lets a child do that; the others are everybody's.
    assert [name for name in ATTACKS if not free[name] and name != "debug its parent"] == []
    assert [name for name in ATTACKS if closed[name]] == []
    assert sandbox.SECCOMP in str(closed["layers"]) and free["layers"] == []


HIDDEN = """
import ctypes, os, sys
import sandbox
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
if {hide}:
    assert sandbox.hide_memory()
parent = os.getpid()
if os.fork() == 0:
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
    for name in ("mem", "environ", "maps"):
        try:
            open("/proc/%d/%s" % (parent, name), "rb").close()
            os.write(1, b"open ")
        except OSError:
            os.write(1, b"refused ")
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize(("hide", "says"), [(False, "open"), (True, "refused")])
def test_a_serving_process_can_not_be_read_by_one_of_its_own_user(hide: bool, says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", HIDDEN.format(hide=hide)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == [says] * 3, done.stderr


def test_doctor_says_what_this_machine_has() -> None:
    (said,) = doctor.cleaner()
    assert said.what == "file cleaner" and said.level in ("ok", "warn")
    assert ("seccomp" in said.text) == (said.level == "ok") or "does not give" in said.text


def test_a_machine_without_a_filter_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SANDBOX", (*sandbox.LAYERS, "a layer of tomorrow"))
    (said,) = doctor.cleaner()
    assert said.level == "warn" and "a layer of tomorrow" in said.text


@pytest.mark.parametrize("machine", sandbox._CALLS)
def test_the_filter_jumps_within_itself(machine: str) -> None:
    steps = sandbox._filter(*sandbox._CALLS[machine])
    assert len(steps) < 256
    for at, (code, true, false, _) in enumerate(steps):
        assert code == sandbox._RETURN or at + 1 + max(true, false) < len(steps)
    assert steps[-1][3] == sandbox._REFUSE and platform.machine() in sandbox._CALLS
    assert doctor.SANDBOX == sandbox.LAYERS
