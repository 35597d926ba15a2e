"""What the commands of a witness say: faults, what a run found, whether a log continues another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from admin.witness.run import WitnessRun


FAULTS: dict[str, str] = {
    "fork": "記録簿が二つあります。証拠を残し、署名をやめました。 / FORK: two histories of one log. Both checkpoints "
    "are kept; nothing is cosigned any more:",
    "older": "サイトの記録簿が、前より短くなっています。 / The site shows an older log than it did before (leaves):",
    "gone": "サイトに記録簿がありません。 / The site has no log any more.",
    "early": "まだ終わっていない日の記録があります。 / There is a batch of a day that is not over:",
    "malformed": "記録簿の形が正しくありません。 / The leaves are not as the format says.",
    "gap": "記録のない日があります。 / There is no batch behind this day:",
    "policy": "立会人の方針(policy)が正しくありません。 / The policy of this day is not one that can count:",
    "key": "記録簿の鍵の変更が正しくありません。 / A change of the log's key does not count: it "
    "is not signed by both keys, or is not the next one:",
    "rule": "公表された規則が違います。 / The published rule is not the one of the first leaf.",
    "note": "この記録簿の署名ではないか、記録と合いません。 / The checkpoint is not this log's, or its leaves "
    "do not give its root:",
    "twice": "この鍵で、ほかの場所でも署名されています。 / This key has signed somewhere else: two witnesses use one "
    "key, or an older copy of this folder was put back (leaves):",
    "refused": "サイトの方針(policy)にこの立会人の鍵がないため、サイトは署名を受け取りませんでした。"
    "署名は手元にあります。`meyasubako witness show` の key の行を会社に渡し、方針に入れるよう求めてください。 / "
    "The site did not take the "
    "cosignature, for this witness's key is not in the policy of its log. It is kept in this folder. Give the line "
    "`key` of `meyasubako witness show` to the company, which puts it into the policy (`meyasubako log policy`).",
    "declined": "方針に鍵がありますが、サイトは署名を受け取りませんでした。署名は手元にあり、次に動かしたときにもう一度"
    "渡します。続くときは会社に聞いてください。 / The site did not take the cosignature, though the policy names this "
    "witness's key. It is kept in this folder, and the next run hands one in again; if it goes on, ask the company.",
    "stale": "2日間、新しい記録がありません。 / Nothing new for two days; the newest day:",
    "pages": "画面のプログラムが、記録簿にあるものと違います。seen に残しました。 / A page, script or style is not as "
    "the log says; kept in `seen`:",
    "server": "サイトにつながりません。 / The site could not be asked:",
    "empty": "サイトの記録簿はまだありません。 / The site has no log yet.",
}
"""By the code of a fault (`admin.witness.run`). The site's own words come behind it."""
NOT_TAKEN = "サイトは受け取っていません / kept here, not taken by the site"


def say_run(done: WitnessRun, day: str) -> None:
    """Say what a run found. `day`: of the newest batch that is kept."""
    for code, text in done.faults:
        click.echo(f"{FAULTS[code]} {text}".rstrip(), err=True)
    signed = "署名しました / cosigned" if done.is_signed else "署名していません / not cosigned"
    if done.is_signed and not done.is_cosigned:
        signed = f"{signed}; {NOT_TAKEN}"
    click.echo(f"newest day {day}  leaves {done.state.size} (+{done.new})  {signed}")


CONTINUING: dict[str, str] = {
    "signed": "その記録簿に代わるもので、前のサイトの署名あり / this log is in its place, signed by the old site",
    "unsigned": "その記録簿に代わるものですが、前のサイトの署名がありません / "
    "this log says that it is in its place; the old site did not sign that: ask in person",
    "forged": "署名が正しくありません / FORGED: the signature of the old site does not hold",
    "ahead": "手元の写しより大きい記録簿を名指しています / it names more than you kept: keep both folders",
    "apart": "手元の写しと違う記録簿を名指しています / it names another history: keep both folders",
    "other": "この記録簿は、それに代わるものではありません / this log does not name it",
}


def say_continued(leaves: Sequence[bytes]) -> None:
    """Say which log this one is in place of, where its leaves say so."""
    from crypto.plainleaf import continued

    for old in continued(leaves):
        click.echo(
            f"in place of      続けられなくなった記録簿 / a log that could not go on: {old.origin}, {old.size} leaves"
        )
