"""The sentences that the page's scripts show, in the language of the path."""

from __future__ import annotations

from typing import Final

from flask import Response, jsonify

from portal.labels import files, intake, meaning, problems
from portal.labels import site as tables
from portal.labels.i18n import gettext, ngettext, script_text
from portal.labels.log import LOG_WORDS
from portal.labels.scripts import SCRIPT_TEXTS, SCRIPT_WORDS, VISITS
from portal.pages.error_pages import DELETED
from portal.pages.path import under_language
from templates.labels import FOUND

site: Final = under_language("words", __name__)


@site.get("/words.json")
def words() -> Response:
    """Return the sentences by their keys, `%(name)s` still in them."""
    sentences = dict(SCRIPT_WORDS)
    sentences |= {f"question.{name}": question.label for name, question in tables.QUESTIONS.items()}
    sentences |= {"question.category": tables.CATEGORY.label}
    sentences |= {f"category.{name}": label for name, label in tables.TREATED.items()}
    sentences["treated"] = tables.TREATED_AS
    sentences |= {f"cause.{name}": label for name, label in tables.CAUSES.items()}
    sentences |= {f"code.{name}": sentence for name, sentence in problems.CODE_PROBLEMS.items()}
    sentences |= {f"log.{name}": sentence for name, sentence in LOG_WORDS.items()}
    sentences["code.deleted"] = DELETED
    sentences |= {word: problems.MESSAGE_PROBLEMS[word] for word in ("choose", "choice_full", "no_report")}
    sentences |= {f"visit.{why}": reason for why, reason in VISITS.items()}
    sentences |= {f"meaning.{name}": words.said for name, words in meaning.MEANINGS.items()}
    sentences |= {f"written.{name}": sentence for name, sentence in intake.WRITTEN.items()}
    sentences |= {f"readers.{name}": sentence for name, sentence in tables.READERS_CHANGED.items()}
    sentences["choice_changed"] = tables.CHOICE["changed"]
    sentences["meaning_unread"] = meaning.PROBLEMS["meaning_unread"]
    sentences |= {"choose_again": problems.PROBLEMS["choose_again"], "choose_done": tables.CHOICE["done"]}
    sentences |= {f"cleaned.{name}": sentence for name, sentence in files.CLEANED.items()}
    sentences |= {f"about.{kind}": sentence for kind, sentence in files.ABOUT_SENT.items()}
    sentences |= {f"found.{name}": word for name, word in FOUND.items()}
    for name, status in tables.STATUSES.items():
        sentences |= {f"status.{name}.name": status.name, f"status.{name}.means": status.means}
    translated = {key: script_text(gettext(sentence)) for key, sentence in sentences.items()}
    translated |= {f"sent.{end}": kind for end, kind in files.SENT_KINDS.items()}
    # ".one": of one; the other of more (templates/portal/case.html).
    for ending, count in ((".one", 1), ("", 2)):
        translated["new_answers" + ending] = script_text(
            ngettext("%(num)s new answer", "%(num)s new answers", count)
        )
        unchecked = ngettext(
            "%(num)s entry is not shown here, because you made it unreadable or it could not be checked. You do "
            "not have to do anything.",
            "%(num)s entries are not shown here, because you made them unreadable or they could not be checked. "
            "You do not have to do anything.",
            count,
        )
        translated["unchecked" + ending] = script_text(unchecked)
    # A line each; "#" tells a heading.
    for key, parts in SCRIPT_TEXTS.items():
        lines = [line for heading, rest in parts for line in (f"#{gettext(heading)}", *map(gettext, rest))]
        translated[key] = script_text("\n".join(lines))
    return jsonify(translated)
