"""The operator's own contacts, read once at start."""

from __future__ import annotations

from datetime import date

from cases import own_contacts
from cases.contacts import Contact
from store.config.settings import Settings
from store.config.settings_file import SettingsError


def own_contacts_of(settings: Settings, today: date) -> tuple[Contact, ...]:
    """Return the contacts that `site.contacts_file` adds; none without it. Raises SettingsError."""
    path = settings.site.contacts_file
    if path is None:
        return ()
    try:
        return own_contacts.parse(path.read_text(encoding="utf-8"), today)
    except OSError as error:
        raise SettingsError(
            f"site.contacts_file: {path} can't be read: {error.strerror}.",
            f"site.contacts_file: {path} を読めません({error.strerror})。",
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(
            f"site.contacts_file: {path} is not UTF-8 text.",
            f"site.contacts_file: {path} の文字コードが UTF-8 ではありません。",
        ) from None
    except own_contacts.OwnContactsError as error:
        raise SettingsError(
            f"site.contacts_file: {path}: {error}.", f"site.contacts_file: {path} の内容に誤りがあります。"
        ) from None
