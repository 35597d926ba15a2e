"""One look at each object of a file: which kind of dictionary it is, and what of it stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pikepdf

from portal.cleaning import icc, jpeg, words
from portal.cleaning.office.rules import is_personal, without_paths
from portal.cleaning.pdf import content, rules
from portal.cleaning.words import CannotClean

_LARGEST_XMP: Final = 4 * 1024 * 1024
_PACKED: Final = frozenset(
    {"/FlateDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/LZWDecode", "/RunLengthDecode"}
)


class Walk:
    """Goes over a file once; `findings` and `rest` as words.result has them."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self.findings: set[str] = set()
        self.rest = False
        self._layers = 0

    def over_everything(self) -> None:
        """Clean the catalogue and every object. Raises pikepdf.PdfError."""
        self._catalog(self._pdf.Root)
        for page in self._pdf.pages:
            if isinstance(page.obj.get("/Contents"), pikepdf.Array):
                page.contents_coalesce()
            self._content(page.obj.get("/Contents"))
        for item in self._pdf.objects:
            self._over(item)

    def _over(self, top: pikepdf.Object) -> None:
        """Go through an object and the direct objects in it."""
        todo = [top]
        while todo:
            item = todo.pop()
            if isinstance(item, pikepdf.Array):
                self._colours(item)
                todo += [value for value in item if _has_parts(value)]
            elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
                self._dictionary(item)
                todo += [value for value in item.values() if _has_parts(value)]
                if isinstance(item, pikepdf.Stream):
                    self._stream(item)

    # Keys

    def _drop(self, item: pikepdf.Object, key: str, word: str = "") -> None:
        if key in item:
            del item[key]
            self.findings.add(word or rules.word(key))

    def _keep(self, item: pikepdf.Object, keys: frozenset[str]) -> None:
        """Take out what is not among the known keys."""
        for key in list(item.keys()):
            if key not in keys and key != "/Metadata" and key not in rules.NOT_LOOKED_INTO:
                self._drop(item, key)

    def _catalog(self, root: pikepdf.Object) -> None:
        self._xmp(root)
        self._keep(root, rules.CATALOG)
        for key, keys in rules.OF_CATALOG.items():
            if isinstance(item := root.get(key), pikepdf.Dictionary):
                self._keep(item, keys)
        start = root.get("/OpenAction")
        if isinstance(start, pikepdf.Dictionary) and start.get("/S") not in (
            pikepdf.Name.GoTo,
            pikepdf.Name.Named,
        ):
            self._drop(root, "/OpenAction")
        if isinstance(layers := root.get("/OCProperties"), pikepdf.Dictionary):
            for configuration in [layers.get("/D"), *(layers.get("/Configs") or [])]:
                if isinstance(configuration, pikepdf.Dictionary):
                    self._keep(configuration, rules.CONFIGURATION)
                    self._without_labels(configuration.get("/Order"))
        for thread in root.get("/Threads") or []:
            if isinstance(thread, pikepdf.Dictionary):
                self._drop(thread, "/I", words.COMMENT)

    def _without_labels(self, order: object) -> None:
        """Take the words between layers out of the list that viewers show."""
        if not isinstance(order, pikepdf.Array):
            return
        for at in reversed(range(len(order))):
            if isinstance(order[at], pikepdf.String):
                del order[at]
                self.findings.add(words.OTHER)
            else:
                self._without_labels(order[at])

    def _dictionary(self, item: pikepdf.Object) -> None:
        self.rest |= any(key in item for key in rules.NOT_LOOKED_INTO)
        self._xmp(item)
        if clean := self._cleaner(item):
            clean(item)
        for key in rules.OUT:
            self._drop(item, key)
        for key in rules.PATH_KEYS:
            if isinstance(value := item.get(key), pikepdf.String):
                shorter = without_paths(str(value))
                if shorter != str(value):
                    item[key] = pikepdf.String(shorter)
                    self.findings.add(words.OTHER)
        self._action(item)

    def _cleaner(self, item: pikepdf.Object) -> Callable[[pikepdf.Object], None] | None:
        """Return what cleans a dictionary of this kind, where its kind is known."""
        kind = str(item.get("/Type", ""))
        if keys := self._keys_of(item, kind, str(item.get("/Subtype", ""))):
            return lambda known: self._keep(known, keys)
        if kind == "/OCG":
            return self._layer
        if item.get("/O") == pikepdf.Name.UserProperties:
            return lambda attributes: self._drop(attributes, "/P", words.OTHER)
        if "/Title" in item and "/Parent" in item:
            return lambda entry: self._keep(entry, rules.OUTLINE)
        if isinstance(item.get("/Properties"), pikepdf.Dictionary):
            return self._resources
        if kind == "/EmbeddedFile":
            return lambda file: self._drop(file, "/Params", words.TIME)
        return None

    def _keys_of(self, item: pikepdf.Object, kind: str, subtype: str) -> frozenset[str] | None:
        """Return the keys that a dictionary of a type keeps; None for one whose type says nothing of them."""
        if kind in ("/Page", "/Template"):
            return rules.PAGE
        if "/Rect" in item and "/Subtype" in item:
            return rules.FIELD if subtype == "/Widget" else rules.ANNOTATION
        if kind == "/OCG":
            return None
        if kind == "/StructTreeRoot":
            return rules.STRUCTURE_ROOT
        if kind == "/StructElem" or self._is_structure(item):
            return rules.STRUCTURE
        if isinstance(item, pikepdf.Stream):
            return {"/Image": rules.IMAGE, "/Form": rules.FORM}.get(subtype)
        return None

    @staticmethod
    def _is_structure(item: pikepdf.Object) -> bool:
        """True for an element of the structure without a type: it has a role, and its parent with what it holds or
        where, or an alternative text or a title.
        """
        if "/S" not in item:
            return False
        has_place = "/P" in item and ("/K" in item or "/Pg" in item)
        return has_place or (("/Alt" in item or "/ActualText" in item) and "/URI" not in item)

    def _layer(self, layer: pikepdf.Object) -> None:
        """Leave a layer its switches; its name becomes a number."""
        self._keep(layer, rules.OPTIONAL_CONTENT)
        self._layers += 1
        name = f"Layer {self._layers}"
        if str(layer.get("/Name", "")) != name:
            layer.Name = pikepdf.String(name)
            self.findings.add(words.OTHER)
        if isinstance(usage := layer.get("/Usage"), pikepdf.Dictionary):
            self._keep(usage, rules.USAGE)

    def _resources(self, resources: pikepdf.Object) -> None:
        for properties in resources.Properties.values():
            if isinstance(properties, pikepdf.Dictionary) and properties.get("/Type") not in (
                pikepdf.Name.OCG,
                pikepdf.Name.OCMD,
            ):
                self.findings |= content.clean_properties(properties)

    def _action(self, item: pikepdf.Object) -> None:
        kind = str(item.get("/S", ""))
        self.rest |= kind in rules.TO_FILES
        if kind in rules.SCRIPTS:
            self._drop(item, "/JS")
        self.rest |= "/URI" in item and is_personal(str(item.URI))

    def _xmp(self, item: pikepdf.Object) -> None:
        if "/Metadata" in item:
            metadata = item["/Metadata"]
            self.findings |= (
                words.in_xmp(_decoded(metadata)) if isinstance(metadata, pikepdf.Stream) else {words.OTHER}
            )
            del item["/Metadata"]

    # Streams

    def _stream(self, item: pikepdf.Stream) -> None:
        if any(key in item for key in ("/F", "/FFilter", "/FDecodeParms")):
            self.rest = True  # its bytes are in another file
        if item.get("/Subtype") == pikepdf.Name.Form or item.get("/PatternType") == 1:
            self._content(item)
        names, parameters = _filters(item)
        if "/JPXDecode" in names:
            raw = item.read_raw_bytes()
            self.rest |= len(names) > 1 or any(box in raw for box in (b"uuid", b"xml ", b"\xff\x64"))
        elif "/DCTDecode" in names:
            self._picture(item, names, parameters)

    def _picture(self, item: pikepdf.Stream, names: list[str], parameters: list[object]) -> None:
        """Take out of a JPEG picture what its camera wrote, also where it is packed once more; the coded pixels
        are the same bytes."""
        raw = item.read_raw_bytes()
        if names[-1] != "/DCTDecode" or not _PACKED.issuperset(names[:-1]):
            self.rest = True
            return
        try:
            if len(names) > 1:
                raw = self._unpacked(raw, names[:-1], parameters[:-1])
            data, findings = jpeg.clean(raw, turned=False)
        except (CannotClean, pikepdf.PdfError):
            self.rest = True
            return
        self.findings |= findings
        last = parameters[-1] if parameters else None
        item.write(
            data,
            filter=pikepdf.Name.DCTDecode,
            decode_parms=last if isinstance(last, pikepdf.Dictionary) else None,
        )

    def _unpacked(self, raw: bytes, names: list[str], parameters: list[object]) -> bytes:
        packed = pikepdf.Stream(self._pdf, raw)
        packed.stream_dict = pikepdf.Dictionary(Filter=pikepdf.Array([pikepdf.Name(name) for name in names]))
        if any(isinstance(item, pikepdf.Dictionary) for item in parameters):
            packed.DecodeParms = pikepdf.Array(
                [
                    item if isinstance(item, pikepdf.Dictionary) else pikepdf.Dictionary()
                    for item in parameters
                ]
            )
        return packed.read_bytes()

    def _colours(self, space: pikepdf.Object) -> None:
        """Take the texts and times out of the profile of a colour space."""
        if len(space) != 2 or space[0] != pikepdf.Name.ICCBased or not isinstance(space[1], pikepdf.Stream):
            return
        try:
            old = space[1].read_bytes()
            new = icc.clean(old)
        except (CannotClean, pikepdf.PdfError):
            self.rest = True
            return
        if new != old:
            space[1].write(new)
            self.findings.add(words.OTHER)

    def _content(self, stream: object) -> None:
        """Clean what a page, a form or a pattern draws; what can't be read stays and is said."""
        if not isinstance(stream, pikepdf.Stream):
            return
        try:
            data, findings, rest = content.clean(stream)
        except (pikepdf.PdfError, RuntimeError):
            self.rest = True
            return
        self.findings |= findings
        self.rest |= rest
        if data is not None:
            stream.write(data)


def _filters(item: pikepdf.Stream) -> tuple[list[str], list[object]]:
    """Return a stream's filters and their parameters, in order."""
    names, parameters = item.get("/Filter"), item.get("/DecodeParms")
    if names is None:
        return [], []
    if not isinstance(names, pikepdf.Array):
        return [str(names)], [parameters]
    return [str(name) for name in names], list(parameters) if isinstance(parameters, pikepdf.Array) else [
        None
    ] * len(names)


def _has_parts(value: object) -> bool:
    """True for a direct array or dictionary; an indirect object is visited by itself."""
    return isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect


def _decoded(stream: pikepdf.Stream) -> bytes:
    try:
        return stream.read_bytes()[:_LARGEST_XMP]
    except pikepdf.PdfError:
        return b""
