"""Sandbox of a process that reads a file: the privileges that it gives up once everything it needs is loaded.

Three layers, each of which holds alone: no new privileges; Landlock without a single rule (no file, no network);
a seccomp filter that lets through memory, time, and reading and writing of what is open already. A kernel that
lacks one gives the others; `meyasubako doctor` says what there is.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

NO_NEW_PRIVILEGES: Final = "no_new_privileges"
LANDLOCK: Final = "landlock"
SECCOMP: Final = "seccomp"
LAYERS: Final = (NO_NEW_PRIVILEGES, LANDLOCK, SECCOMP)

_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER = 4, 22, 38, 2
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT, _LANDLOCK_VERSION = 444, 446, 1
# Rights by version of Landlock's interface (linux/landlock.h); scopes: abstract sockets and signals.
_FILE_RIGHTS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NET_RIGHTS, _NET_SINCE, _SCOPES, _SCOPES_SINCE = 3, 4, 3, 6

# Numbers of system calls: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
_CALLS: Final[dict[str, tuple[int, dict[str, int]]]] = {
    "x86_64": (
        0xC000003E,
        {
            "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11,
            "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "readv": 19, "writev": 20,
            "sched_yield": 24, "mremap": 25, "madvise": 28, "getpid": 39, "exit": 60, "getrusage": 98, "times": 100,
            "sigaltstack": 131, "gettid": 186, "futex": 202, "restart_syscall": 219, "clock_gettime": 228,
            "exit_group": 231, "getrandom": 318,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "fstat": 80, "exit": 93,
            "exit_group": 94, "futex": 98, "clock_gettime": 113, "restart_syscall": 128, "sched_yield": 124,
            "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153,
            "getrusage": 165, "getpid": 172, "gettid": 178, "brk": 214, "munmap": 215, "mremap": 216, "mmap": 222,
            "mprotect": 226, "madvise": 233, "getrandom": 278,
        },
    ),
}  # fmt: skip
_EXECUTABLE: Final = 4
"""PROT_EXEC: memory that becomes code; nothing that is loaded already asks for more of it."""
_LOAD, _JUMP_EQUAL, _JUMP_SET, _JUMP_GREATER, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _THIRD_ARGUMENT = 0, 4, 32
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_X32: Final = 0x40000000

Step = tuple[int, int, int, int]
"""A step of a filter: code, jump if true, jump if false, operand (struct sock_filter)."""


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _filter(architecture: int, calls: dict[str, int]) -> list[Step]:
    """Return the filter: another architecture ends the process, a call that is not listed is refused."""
    steps: list[Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GREATER, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
    ]
    for name, number in calls.items():
        if name in ("mmap", "mprotect"):
            steps += [
                (_JUMP_EQUAL, 0, 4, number),
                (_LOAD, 0, 0, _THIRD_ARGUMENT),
                (_JUMP_SET, 0, 1, _EXECUTABLE),
                (_RETURN, 0, 0, _REFUSE),
                (_RETURN, 0, 0, _ALLOW),
            ]
        else:
            steps += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    return [*steps, (_RETURN, 0, 0, _REFUSE)]


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _landlock(libc: ctypes.CDLL) -> bool:
    """Refuse every file, and connections where the kernel can. True when it holds."""
    version = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(_LANDLOCK_VERSION))
    if version < 1:
        return False
    rights = next(mask for since, mask in reversed(_FILE_RIGHTS.items()) if since <= version)
    wanted = (rights, _NET_RIGHTS * (version >= _NET_SINCE), _SCOPES * (version >= _SCOPES_SINCE))
    # Older kernels take a longer structure as long as the rest of it is zero.
    attributes = struct.pack("=QQQ", *wanted)
    ruleset = libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))
    return bool(
        ruleset >= 0 and libc.syscall(_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0)) == 0
    )


def _seccomp(libc: ctypes.CDLL) -> bool:
    known = _CALLS.get(platform.machine())
    if known is None:
        return False
    steps = _filter(*known)
    raw = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.cast(raw, ctypes.c_void_p))
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0)


def enter() -> Sequence[str]:
    """Take from this process what it does not need, for good. Return the layers (LAYERS) that hold.

    Has to come after the imports: no file can be opened any more, so none can be imported. Raises nothing.
    """
    libc = _libc()
    if libc is None:
        return ()
    machine = platform.machine  # looked up now: it reads from the system the first time
    machine()
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    holds = []
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        holds.append(NO_NEW_PRIVILEGES)
        if _landlock(libc):
            holds.append(LANDLOCK)
        if _seccomp(libc):
            holds.append(SECCOMP)
    return tuple(holds)


def hide_memory() -> bool:
    """Keep other processes of the same user from reading this one's memory, environment and open files.

    For the serving process. True when it holds; it stays for processes that are forked, not for those started.
    """
    libc = _libc()
    return libc is not None and bool(libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


def lower(limits: Mapping[str, int], nicer: int = 0) -> None:
    """Lower limits of this process, by their names in the module `resource` (RLIMIT_AS: bytes), and its priority.

    Windows has none of them, macOS none of address space: there nothing is done. Raises nothing.
    """
    if sys.platform == "win32":
        return
    import resource

    for name, most in limits.items():
        what = getattr(resource, name)
        _, hard = resource.getrlimit(what)
        now = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (now, now))
    if nicer:
        os.nice(nicer)


if __name__ == "__main__":
    # For `meyasubako doctor`: which layers hold on this machine.
    sys.stdout.write(" ".join(enter()) + "\n")
