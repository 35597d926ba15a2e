"""The files that a case names, and the names that they are saved under: names that can't do harm.

No Flask, no network, no disk in here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crypto.attachment import object_length
from crypto.encoding import b64d, id_from_hex
from crypto.filename import MAX_FILE_NAME, cut, size_of
from crypto.payloads import is_file

NAME_AT_MOST: Final = 120
"""Characters of a saved name: Windows takes 260 with the folders before it."""
NAME_BYTES: Final = MAX_FILE_NAME
"""Bytes of a saved name in UTF-8. Linux takes 255; browsers add to names that are there already."""
_INVISIBLE_IN_NAMES: Final = re.compile(
    "[\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u2800\\u3164\\ufe00-\\ufe0f\\uffa0\\U000e0100-\\U000e01ef]"
)
"""Characters that count as printable and are invisible."""
_RESERVED: Final = re.compile(r'[<>:"/\\|?*~%]')
_SYSTEMS_OWN: Final = frozenset({"desktop.ini", "thumbs.db", "ehthumbs.db"})
"""File names that Windows interprets by itself in a folder."""
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|\Z)", re.I)
_ENDINGS = (
    "accde action ade adp app appimage appinstaller application appref-ms appx bas bat bin chm class cmd com "
    "command contact cpl deb desktop diagcab diagpkg dll dmg docm dotm elf exe fileloc fish fxp gadget grp hlp "
    "hta htm html img inetloc inf ins iqy iso isp jar jnlp job js jse ksh library-ms lnk mad maf mag mam maq mar "
    "mas mat mau mav maw mcf mda mdb mde mdt mdw mdz mht mhtml mobileconfig mpkg msc mshxml msi msix msp mst msu "
    "ocx one onetoc2 pcd pif pkg pl potm ppa ppam ppsm pptm prf ps1 ps1xml ps2 psc1 psc2 psd1 psdm1 psm1 py pyc "
    "pyw pyz rb rdp reg rpm run scf scpt scr sct search-ms searchconnector-ms settingcontent-ms sh shb shs shtml "
    "sldm slk svg svgz swf sys terminal theme themepack tool udl url vb vbe vbp vbs vhd vhdx vxd webloc website "
    "wim wll workflow ws wsb wsc wsf wsh xbap xht xhtm xhtml xip xla xlam xll xlm xlsb xlsm xltm xsl xslt zsh"
)
_RUNS: Final = frozenset(_ENDINGS.split())
"""Endings that programs open by running something in them, or that carry macros or scripts."""
HARMLESS_ENDING: Final = ".unsafe"


@dataclass(frozen=True, repr=False)
class File:
    """A file that an envelope names (format.md, 4.2). `cleaned` and `found`: what the reporter's side took out."""

    object_id: bytes
    key: bytes
    entry: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name that it is saved under."""
        return safe_name(self.entry["name"])

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return int(self.entry["size"])

    @property
    def sealed_size(self) -> int:
        """The length of its object in bytes: the reporter's word for its size leaves only one."""
        return object_length(self.size)

    @property
    def is_renamed(self) -> bool:
        """Tell whether the ending was changed because programs run what has it."""
        return self.name.endswith(HARMLESS_ENDING)


def files_of(payload: Mapping[str, Any]) -> tuple[File, ...]:
    """Return the files that a payload names; an entry that is not as the format says is none."""
    listed = payload.get("files")
    entries = [entry for entry in listed if is_file(entry)] if isinstance(listed, list) else []
    return tuple(File(id_from_hex(entry["object"]), b64d(entry["key"]), entry) for entry in entries)


def safe_name(name: str) -> str:
    """Return a name that is a name on Windows, macOS and Linux alike, and runs nothing when it is opened."""
    spaced = " ".join(unicodedata.normalize("NFC", name[: 4 * NAME_AT_MOST]).split())
    shown = _INVISIBLE_IN_NAMES.sub("", "".join(symbol for symbol in spaced if symbol.isprintable()))
    shown = _RESERVED.sub("_", " ".join(shown.split())).strip(" .")
    # A program that gets "-rf" from a command line takes it for an option.
    if not shown or shown.startswith("-") or shown.lower() in _SYSTEMS_OWN or _DEVICES.match(shown):
        shown = f"file_{shown}" if shown else "file"
    _stem, dot, ending = shown.rpartition(".")
    added = HARMLESS_ENDING if dot and ending.strip().lower() in _RUNS else ""
    return shortened(shown, "", len(added)) + added


def shortened(name: str, mark: str, room: int = 0) -> str:
    """Return a name with a mark before its ending, short enough for every system with `room` bytes more behind it."""
    stem, dot, ending = name.rpartition(".")
    stem, tail = (stem, f"{mark}.{ending}") if dot and len(ending) <= 12 else (name, mark)
    most = size_of(stem[: NAME_AT_MOST - len(tail) - room])
    short = cut(stem, min(most, NAME_BYTES - size_of(tail) - room))
    return (stem if short == stem else short.rstrip(" .")) + tail


def find(files: Sequence[File], object_id: bytes) -> File | None:
    """Return the file with this object id."""
    return next((file for file in files if file.object_id == object_id), None)
