"""Slow PDFs in a loop beside a photo: the photo is cleaned, or its sender is asked before anything is sent."""

from __future__ import annotations

import io
import threading
import time

import pikepdf

from portal import cleaning
from tests.portal.cleaning import files
from tests.support.trials import trials

# More than there are turns at once, so that some PDFs wait; each costs its limit of CPU time to the end of the test.
SENDERS = trials(cleaning.AT_ONCE + 1, 8)
PHOTOS = trials(3, 5)


def slow_pdf() -> bytes:
    """Return a small PDF of 200,000 objects, which keeps a reader busy for longer than it gets."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        made = [document.make_indirect(pikepdf.Dictionary(A=number % 7)) for number in range(200_000)]
        document.Root.Names = pikepdf.Dictionary(Dests=pikepdf.Array(made))
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def test_slow_files_of_one_sender_do_not_take_the_turns_of_anothers_photo() -> None:
    slow, photo = slow_pdf(), files.jpeg()
    ended = threading.Event()
    said: list[cleaning.Cleaned] = []

    def send() -> None:
        while not ended.is_set():
            said.append(cleaning.clean(slow))

    senders = [threading.Thread(target=send) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        while not said:
            ended.wait(0.1)
        times = []
        for _ in range(PHOTOS):
            began = time.monotonic()
            done = cleaning.clean(photo)
            times.append(time.monotonic() - began)
            # Either way nothing goes out as it was without a question (tests/portal/test_files.py).
            assert done.outcome == "cleaned" or done.why in ("busy", "slow"), done.outcome
            assert done.outcome == "cleaned", f"a picture waits for no PDF: {times}"
    finally:
        ended.set()
        for sender in senders:
            sender.join()
    assert {one.why for one in said} <= {"busy", "slow", ""} and "slow" in {one.why for one in said}
    print(f"photo beside {SENDERS} slow PDFs: {max(times):.1f} s at most; {len(said)} PDFs")  # noqa: T201
