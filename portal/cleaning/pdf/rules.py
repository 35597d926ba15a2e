"""Which keys of which dictionaries stay (ISO 32000-2, tables in brackets), and the findings for what goes."""

from __future__ import annotations

from typing import Final

from portal.cleaning import words


def _keys(text: str) -> frozenset[str]:
    return frozenset("/" + key for key in text.split())


_STREAM: Final = _keys("Length Filter DecodeParms DL")
TRAILER: Final = _keys("Root Size ID Encrypt Prev XRefStm Type Index W Filter DecodeParms Length")
"""[15] Everything but the catalogue belongs to the file as it was written and is written anew."""
CATALOG: Final = _keys(
    "Type Version Pages PageLabels Names Dests ViewerPreferences PageLayout PageMode Outlines Threads "
    "OpenAction AcroForm "
    "StructTreeRoot MarkInfo Lang OCProperties Collection"
)
"""[29]"""
NAMES: Final = _keys("Dests AP Pages Templates IDS URLS EmbeddedFiles AlternatePresentations Renditions")
"""[32] Without scripts."""
PAGE: Final = _keys(
    "Type Parent Resources MediaBox CropBox BleedBox TrimBox ArtBox BoxColorInfo Contents Rotate Group B Dur "
    "Trans Annots "
    "StructParents Tabs TemplateInstantiated PresSteps UserUnit Kids Count"
)
"""[31] Without maps' coordinates (VP), private data and times."""
IMAGE: Final = _STREAM | _keys(
    "Type Subtype Width Height ColorSpace BitsPerComponent Intent ImageMask Mask Decode Interpolate Alternates SMask "
    "SMaskInData StructParent OC Matte"
)
"""[87]"""
FORM: Final = _STREAM | _keys(
    "Type Subtype FormType BBox Matrix Resources Group Ref StructParent StructParents OC Subtype2 PS Level1"
)
"""[93]"""
ANNOTATION: Final = _keys(
    "Type Subtype Rect Contents P F AP AS Border C StructParent OC BS BE QuadPoints InkList L LE LL "
    "LLE Cap CP LLO IT CO IC "
    "Vertices CA ca BM Q DA RD Sy A PA Dest H Open Name State StateModel IRT RT Popup "
    "Parent FT Ff V DV Opt MaxLen MK Kids "
    "TU TI I Lock SV FS Sound Movie T3D 3DD 3DV 3DA 3DI 3DB Path RichMediaContent RichMediaSettings FixedPrint Lang "
    "OverlayText Repeat RO Rotate"
)
"""[166 and those of the types] Without who wrote it (T), when (M, CreationDate), under which name (NM), and rich text
(RC), which repeats the contents with the program's name."""
FIELD: Final = ANNOTATION | _keys("T")
"""[226] A form's field keeps its name."""
OPTIONAL_CONTENT: Final = _keys("Type Name Intent Usage OCGs P VE")
"""[96]"""
USAGE: Final = _keys("Language Export Zoom Print View PageElement")
"""[100] Without who made a layer and for whom."""
CONFIGURATION: Final = _keys("BaseState ON OFF Intent AS Order ListMode RBGroups Locked")
"""[99] Without its name and its maker's."""
STRUCTURE: Final = _keys("Type S P Pg K A C R Lang Alt E ActualText Ref NS PhoneticAlphabet Phoneme")
"""[355] Without titles and ids."""
STRUCTURE_ROOT: Final = _keys("Type K ParentTree ParentTreeNextKey RoleMap ClassMap Namespaces")
"""[354]"""
MARKED: Final = _keys("MCID Type BBox Attached Subtype Lang Alt ActualText E Suspects")
"""[352, 363] Properties of marked content."""
ACRO_FORM: Final = _keys("Fields NeedAppearances SigFlags CO DR DA Q XFA")
"""[224]"""
OF_CATALOG: Final = {
    "/Names": NAMES,
    "/AcroForm": ACRO_FORM,
    "/MarkInfo": _keys("Marked UserProperties Suspects"),
    "/ViewerPreferences": _keys(
        "HideToolbar HideMenubar HideWindowUI FitWindow CenterWindow DisplayDocTitle NonFullScreenPageMode Direction "
        "ViewArea ViewClip PrintArea PrintClip PrintScaling Duplex PickTrayByPDFSize PrintPageRange NumCopies Enforce"
    ),
}
"""Dictionaries of the catalogue, with their known keys [147, 147, 353]."""
OUTLINE: Final = _keys("Type Title Parent Prev Next First Last Count Dest A SE C F")
"""[151]"""

OUT: Final = {
    "/PieceInfo": words.HISTORY,
    "/Thumb": words.THUMBNAIL,
    "/LastModified": words.TIME,
    "/CreatorInfo": words.SOFTWARE,
    "/SpiderInfo": words.HISTORY,
    "/Author": words.AUTHOR,
    "/Creator": words.AUTHOR,
    "/Producer": words.SOFTWARE,
    "/Owner": words.AUTHOR,
    "/User": words.AUTHOR,
    "/Company": words.AUTHOR,
    "/CreationDate": words.TIME,
    "/ModDate": words.TIME,
    "/Measure": words.PLACE,
    "/PtData": words.PLACE,
    "/VP": words.PLACE,
    "/LGIDict": words.PLACE,
    "/OPI": words.OTHER,
    "/JS": words.OTHER,
    "/AA": words.OTHER,
}
"""Keys of any dictionary that say who, when, where or what a program does, and change nothing of what is shown."""
BY_KEY: Final = {"/T": words.AUTHOR, "/M": words.TIME, "/NM": words.OTHER, "/VP": words.PLACE, **OUT}
"""The words for known keys that are out; others are found by their names."""
NOT_LOOKED_INTO: Final = ("/EF", "/ByteRange", "/DSS", "/XFA", "/RichMediaContent", "/3DD")
"""Files within, signatures, forms of another kind: what can't be changed without being worthless."""
TO_FILES: Final = frozenset({"/GoToR", "/GoToE", "/Launch", "/ImportData", "/Movie", "/Sound", "/SubmitForm"})
SCRIPTS: Final = frozenset({"/JavaScript", "/Rendition"})
PATH_KEYS: Final = ("/Alt", "/F", "/UF", "/DOS", "/Mac", "/Unix", "/Desc")
"""Strings that can be a path on the author's disk."""


def word(key: str) -> str:
    """Return the word for a key that is out."""
    return BY_KEY.get(key) or words.by_name(key.strip("/"))
