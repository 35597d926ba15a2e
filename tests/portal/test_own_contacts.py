"""The operator's own contacts: on the page apart from the public channels, and checked before anything listens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portal import create_app
from store.config.settings_file import SettingsError
from tests.portal.conftest import World, make_world

COUNSEL = """
[[contact]]
id = "counsel"
kind = "lawyer"
phone = ["03-1234-5678"]
checked = 2026-11-01
name = { ja = "外部の弁護士の窓口", en = "Outside counsel’s line" }
scope = { ja = "相談を受けます。", en = "It gives advice." }
does_not_do = { ja = "通報は受け付けません。", en = "It takes no reports." }
"""


def with_own_contacts(tmp_path: Path) -> World:
    """Return a site whose operator has channels of their own."""
    file = tmp_path / "contacts.toml"
    file.write_text(COUNSEL, encoding="utf-8")
    world = make_world(tmp_path)
    site = replace(world.settings.site, contacts_file=file)
    world.app = create_app(
        replace(world.settings, site=site), world.engine, world.secrets, bytes(32), today=lambda: world.day
    )
    return world


def test_it_stands_on_the_page_as_the_operators(tmp_path: Path) -> None:
    world = with_own_contacts(tmp_path)
    page = world.client("en").get("outside")
    (channel,) = page.all("li", id="door-own")
    words = " ".join("".join(channel.itertext()).split())
    assert "Outside counsel’s line" in words and "03-1234-5678" in words
    assert "this site did not check it" in words


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"03-1234-5678"', '"1234"', "line 5"),
        (', en = "It gives advice."', "", "line 8"),
        ("checked = 2026-11-01", "checked = 2026-11-01\nvalid_to = 2026-11-22", "expired"),
        ("[[contact]]", "[[contact", "TOML"),
    ],
)
def test_what_is_wrong_keeps_the_site_from_starting(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "contacts.toml"
    file.write_text(COUNSEL.replace(old, new), encoding="utf-8")
    world = make_world(tmp_path)
    settings = replace(world.settings, site=replace(world.settings.site, contacts_file=file))
    with pytest.raises(SettingsError, match=r"site\.contacts_file: .*contacts\.toml.*" + said):
        create_app(settings, world.engine, world.secrets, bytes(32), today=lambda: world.day)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    site = replace(world.settings.site, contacts_file=tmp_path / "nothing.toml")
    with pytest.raises(SettingsError, match="No such file"):
        create_app(
            replace(world.settings, site=site), world.engine, world.secrets, bytes(32), lambda: world.day
        )
