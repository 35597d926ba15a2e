"""Texts about the log for reporters, used by script and server (docs/format.md, 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.labels.i18n import N_

LOG_WORDS: Final[Mapping[str, str]] = {
    "in": N_("In the public log since %(day)s."),
    "uncosigned": N_(
        "In the public log of %(day)s. Nobody else has signed that log yet; this usually takes a day."
    ),
    "waiting": N_("Not in the public log yet. It will be by %(day)s, 03:00."),
    "late": N_(
        "The public log of %(day)s is late: it was due at 03:00 the day after. What you wrote is not lost. Please look "
        "again tomorrow."
    ),
    "unpromised": N_(
        "It is not in the public log of %(day)s, and this site gives no promise for it that your code opens. That "
        "proves nothing by itself. What you wrote is not lost."
    ),
    "missing": N_(
        "The site promised by signature that this would be in the public log of %(day)s. That log is published, and "
        "this is not in it."
    ),
    "missing_proves": N_(
        "This proves that the site left it out. The proof shows nothing of what you wrote. What you wrote is not lost: "
        "it is on this page. Please save the proof where only you can reach it, and use a way outside the company."
    ),
    "missing_short": N_("Something that you sent is not in the public log, although the site promised it."),
    "missing_look": N_("What was left out, and what you can do"),
    "save": N_("Save the proof"),
    "save_later": N_("The proof can be saved after the next 03:00, when the next day’s log is there."),
    "seen.nobody": N_("Nobody else has signed the newest log yet; this usually takes a day."),
    "seen.desks": N_("Seen by the auditors’ desks only (%(number)s), nobody outside the company."),
    "seen.both": N_("Seen by %(number)s of the auditors’ desks, and outside the company by %(names)s."),
    "seen.outside": N_("Seen outside the company by %(names)s."),
    "stale": N_(
        "The newest public log is of %(day)s: older than 2 days. What was sent later is in no log yet. It is not lost. "
        "Please look again tomorrow. If it stays like this, use a way outside the company."
    ),
    "quorum": N_(
        "Fewer witnesses have signed the newest public log than its rules ask for. Nothing is lost. Please look again "
        "tomorrow. If it stays like this, use a way outside the company."
    ),
    "texts": N_(
        "The rules that this site shows for its log are not those that the log itself names. Nothing of yours is lost. "
        "Please look again tomorrow. If it stays like this, use a way outside the company."
    ),
    "broken": N_(
        "The public log that this site gives does not fit together, so nothing can be said about it. What this page "
        "shows is not lost. Please look again tomorrow. If it stays like this, use a way outside the company."
    ),
    "unchecked": N_(
        "The public log that this site gives does not fit together, so it cannot be checked here, and who has signed "
        "it says nothing."
    ),
    "offline": N_("The public log could not be loaded. Nothing is lost. Please try again in a while."),
    "no_log": N_("This site shows no public log, so nothing can be checked here. Nothing is lost."),
    "restored": N_(
        "An older copy of the site’s database was put back. What was sent from %(day)s on may have been lost. If you "
        "sent something since then and it is not on this page, please send it again."
    ),
    "none_yet": N_("There is no log of a day yet. Nothing is lost. Please look again tomorrow."),
    "check_says": N_(
        "Your browser loads the public log from the day of your report on, the same for everybody, and compares it "
        "with this page. It names answers and states that were kept from you, changed or given a wrong day."
    ),
    "checking": N_("Read so far: %(part)s of 100."),
    "checked": N_(
        "%(number)s entries of the public log, from %(first)s to %(last)s, were read. Of these %(own)s belong to your "
        "report."
    ),
    "all_right": N_(
        "Everything that the public log has for your report is on this page, with the right day."
    ),
    "differs": N_("The public log and this page do not agree:"),
    "answer_withheld": N_("An answer of %(day)s (%(who)s) is in the log, and is not on this page."),
    "letter_unlogged": N_("Something that you wrote on %(day)s is not in the log."),
    "letter_day": N_(
        "Something that you wrote is shown with the day %(day)s. It came into the log on %(logged)s, which counts."
    ),
    "letter_gone": N_("Something that you wrote on %(day)s is in the log, and is not on this page."),
    "status_dropped": N_(
        "The state “%(status)s” of %(day)s (%(who)s) is in the log, and is not on this page."
    ),
    "status_changed": N_(
        "The state “%(status)s” of %(day)s (%(who)s) was changed after it came into the log."
    ),
    "backdated": N_(
        "An answer or a state is shown with the day %(day)s. It came into the log on %(logged)s, which counts."
    ),
    "unlogged": N_("An answer or a state is shown with the day %(day)s, and the log does not have it."),
    "differs_then": N_(
        "What you wrote is not lost. Please do not write about this here: who runs this site may have done it. Please "
        "use a way outside the company."
    ),
    "somebody": N_("a person who is not on the list"),
    "note": N_("The newest signed log, to keep and compare"),
    "note_says": N_(
        "Everybody gets the same lines. If you ever see other lines with the same number, the site showed two logs. "
        "Please show both to somebody outside the company."
    ),
    "rule.given": N_("A notice is in the log of %(day)s. Day 20 is %(day20)s."),
    "rule.not_given": N_("No notice is in the log up to day 20, %(day20)s. By the rule, none was given."),
    "rule.after": N_(
        "The first notice is in the log of %(day)s, after day 20, %(day20)s. By the rule, it was not given in time."
    ),
    "rule.open": N_("No notice is in the log so far. Day 20 is %(day20)s."),
    "rule.unsigned": N_(
        "The rule counts a day only when a witness that it names has signed. For the newest log that has not "
        "happened yet."
    ),
    "certified": N_("The certificate was saved as document.json. Please put it where only you can reach it."),
}
"""Sentences by their keys; `/words.json` has them under `log.`."""

LOG_RULE: Final[tuple[str, ...]] = (
    N_("A notice by the company that is in no log up to day 20 after the report was not given."),
    N_(
        "The log of a day counts once a witness outside the company has signed it by the tenth day after. Where there "
        "is no such witness, a fixed number of the others has to."
    ),
    N_(
        "The rule says nothing against you. The promise of this site and any one signed log prove the day of your "
        "report."
    ),
)
"""The published rule (`cases.log_rule`) in the page's language; a notice is the state “investigating” or an answer."""

CERTIFICATE_SAYS: Final[tuple[str, ...]] = (
    N_(
        "A certificate shows somebody else, without this site, on which days your report, its states and the answers "
        "came into the log."
    ),
    N_(
        "Anyone who finds it knows that somebody reported here, and on which days. With the texts, also what was "
        "written and whom you excluded."
    ),
    N_(
        "It can be made from the code at any time, also by a lawyer and when this site is gone. So please make it only "
        "when somebody needs it."
    ),
)
