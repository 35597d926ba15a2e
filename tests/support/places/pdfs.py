"""Places of PDF (ISO 32000-2)."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from tests.support.places import jpegs
from tests.support.places.mark import BYTES, MARK, XMP, Place

Change = Callable[[Pdf], object]
JPEG = jpegs.plain()[:20] + jpegs.segment(0xFE, BYTES) + jpegs.plain()[20:]


def _base() -> Pdf:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(200, 200))
    page.obj.Contents = Stream(pdf, b"0 0 10 10 re f")
    return pdf


def _saved(change: Change) -> bytes:
    out = io.BytesIO()
    with _base() as pdf:
        change(pdf)
        pdf.save(out, compress_streams=False)
    return out.getvalue()


def _image(pdf: Pdf, data: bytes, *filters: str, **keys: Any) -> Stream:
    stream = Stream(pdf, data)
    stream.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=16, Height=16, BitsPerComponent=8, ColorSpace=Name.DeviceRGB,
        Filter=Array([Name(one) for one in filters]) if len(filters) > 1 else Name(filters[0]), **keys,
    )  # fmt: skip
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(P=pdf.make_indirect(stream)))
    pdf.pages[0].obj.Contents = Stream(pdf, b"q 16 0 0 16 0 0 cm /P Do Q")
    return stream


def _with(make: Callable[..., object], key: str, value: object) -> Change:
    return lambda pdf: make(pdf, **{key: value})


def _plain_image(pdf: Pdf, **keys: Any) -> Stream:
    return _image(pdf, jpegs.plain(), "/DCTDecode", **keys)


def _annotation(pdf: Pdf, subtype: Any = "/Text", **keys: Any) -> Dictionary:
    made = Dictionary(Type=Name.Annot, Subtype=Name(subtype), Rect=[0, 0, 9, 9], **keys)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(made)])
    return made


def _set(path: str, value: Callable[[], object]) -> Change:
    """Return what sets a key of the catalogue or of the page: "root/Key" or "page/Key"."""
    where, _, key = path.partition("/")

    def change(pdf: Pdf) -> None:
        target = pdf.Root if where == "root" else pdf.pages[0].obj if where == "page" else pdf.trailer
        target[Name("/" + key)] = value()

    return change


def _info() -> Iterator[tuple[str, Change]]:
    for key in (
        "Title",
        "Author",
        "Subject",
        "Keywords",
        "Creator",
        "Producer",
        "CreationDate",
        "ModDate",
        "Company",
        "Private",
    ):

        def change(pdf: Pdf, key: str = key) -> None:
            pdf.trailer.Info = pdf.make_indirect(Dictionary({"/" + key: String(MARK)}))

        yield f"document information, {key}", change


def _objects() -> Iterator[tuple[str, Change]]:
    def metadata(pdf: Pdf) -> Stream:
        return pdf.make_indirect(Stream(pdf, XMP))

    yield "XMP of the catalogue", lambda pdf: setattr(pdf.Root, "Metadata", metadata(pdf))
    yield "XMP of a page", lambda pdf: setattr(pdf.pages[0].obj, "Metadata", metadata(pdf))
    yield (
        "XMP of a picture",
        lambda pdf: setattr(_image(pdf, jpegs.plain(), "/DCTDecode"), "Metadata", metadata(pdf)),
    )
    text = lambda: String(MARK)  # noqa: E731
    private = lambda: Dictionary(App=Dictionary(LastModified=String("D:2026"), Private=String(MARK)))  # noqa: E731
    for path, value in {
        "trailer/Owner": text, "trailer/DocChecksum": lambda: Name("/" + MARK), "root/Author": text, "root/Legal": lambda: Dictionary(Attestation=String(MARK)),
        "root/URI": lambda: Dictionary(Base=String("https://example.org/" + MARK)), "root/SpiderInfo": lambda: Dictionary(V=String(MARK)),
        "root/PieceInfo": private, "root/Requirements": lambda: Array([Dictionary(S=Name("/" + MARK))]), "root/Extensions": lambda: Dictionary({"/" + MARK: Dictionary(URL=String(MARK))}),
        "root/OutputIntents": lambda: Array([Dictionary(S=Name.GTS_PDFX, Info=String(MARK), OutputConditionIdentifier=String(MARK))]),
        "root/AF": lambda: Array([Dictionary(Desc=String(MARK))]), "root/AA": lambda: Dictionary(WC=Dictionary(S=Name.JavaScript, JS=String(MARK))),
        "root/OpenAction": lambda: Dictionary(S=Name.JavaScript, JS=String(MARK)), "root/Unknown": text,
        "root/Names": lambda: Dictionary(JavaScript=Dictionary(Names=Array([String(MARK), Dictionary(S=Name.JavaScript, JS=String(MARK))]))),
        "root/MarkInfo": lambda: Dictionary(Marked=True, Author=String(MARK)), "root/ViewerPreferences": lambda: Dictionary(Author=String(MARK)), "root/AcroForm": lambda: Dictionary(Fields=Array([]), Author=String(MARK)), "root/Threads": lambda: Array([Dictionary(I=Dictionary(Author=String(MARK)))]),
        "root/OCProperties": lambda: Dictionary(D=Dictionary(Name=String(MARK), Creator=String(MARK), Order=Array([String(MARK)])), OCGs=Array([])),
        "page/PieceInfo": private, "page/LastModified": text, "page/Thumb": lambda: Dictionary(Name=String(MARK)), "page/ID": text, "page/Unknown": text,
        "page/AA": lambda: Dictionary(O=Dictionary(S=Name.JavaScript, JS=String(MARK))), "page/LGIDict": lambda: Dictionary(Description=String(MARK)),
        "page/VP": lambda: Array([Dictionary(Name=String(MARK), Measure=Dictionary(Subtype=Name.GEO, GCS=Dictionary(WKT=String(MARK))))]),
        "page/SeparationInfo": lambda: Dictionary(DeviceColorant=String(MARK)),
    }.items():  # fmt: skip
        yield path.replace("/", ", "), _set(path, value)


def _annotations() -> Iterator[tuple[str, Change]]:
    for key in ("T", "NM", "M", "CreationDate", "Subj", "RC", "Unknown"):
        yield f"comment, {key}", _with(_annotation, key, String(MARK))
    script: dict[str, Any] = {"S": Name.JavaScript, "JS": String(MARK)}
    yield "comment, script", lambda pdf: _annotation(pdf, "/Link", A=Dictionary(**script))
    yield (
        "link to a file",
        lambda pdf: _annotation(
            pdf, "/Link", A=Dictionary(S=Name.GoToR, F=String(f"C:\\Users\\{MARK}\\a.pdf"))
        ),
    )
    yield (
        "link to a program",
        lambda pdf: _annotation(
            pdf,
            "/Link",
            A=Dictionary(S=Name.Launch, F=Dictionary(Type=Name.Filespec, UF=String(f"/home/{MARK}/a"))),
        ),
    )
    yield (
        "address of a file",
        lambda pdf: _annotation(
            pdf, "/Link", A=Dictionary(S=Name.URI, URI=String(f"file:///C:/Users/{MARK}/a.pdf"))
        ),
    )
    yield (
        "address of a person's store",
        lambda pdf: _annotation(
            pdf, "/Link", A=Dictionary(S=Name.URI, URI=String(f"https://c-my.sharepoint.com/personal/{MARK}"))
        ),
    )
    yield (
        "name of a stamp's maker",
        lambda pdf: _annotation(pdf, "/Stamp", CreatorInfo=Dictionary(Creator=String(MARK))),
    )
    yield (
        "signature",
        lambda pdf: _annotation(
            pdf, "/Text", V=Dictionary(Type=Name.Sig, Name=String(MARK), ByteRange=Array([0, 1, 2, 3]))
        ),
    )


def _layers_and_structure() -> Iterator[tuple[str, Change]]:
    def layer(**keys: Any) -> Change:
        def change(pdf: Pdf) -> None:
            made = pdf.make_indirect(Dictionary(Type=Name.OCG, **({"Name": String("x")} | keys)))
            pdf.Root.OCProperties = Dictionary(D=Dictionary(Order=Array([made])), OCGs=Array([made]))

        return change

    yield "layer, its name", layer(Name=String(MARK))
    yield "layer, its maker", layer(Usage=Dictionary(CreatorInfo=Dictionary(Creator=String(MARK))))
    yield "layer, its users", layer(Usage=Dictionary(User=Dictionary(Type=Name.Ind, Name=String(MARK))))
    yield "layer, unknown key", layer(Author=String(MARK))
    for key, value in {"T": MARK, "ID": MARK, "Alt": f"C:\\Users\\{MARK}\\a.png", "Unknown": MARK}.items():

        def change(pdf: Pdf, key: str = key, value: str = value) -> None:
            element = Dictionary(Type=Name.StructElem, S=Name.Figure)
            element[Name("/" + key)] = String(value)
            pdf.Root.StructTreeRoot = Dictionary(Type=Name.StructTreeRoot, K=pdf.make_indirect(element))

        yield f"structure, {key}", change

    def user_properties(pdf: Pdf) -> None:
        own = Dictionary(O=Name.UserProperties, P=Array([Dictionary(N=String("Editor"), V=String(MARK))]))
        element = Dictionary(Type=Name.StructElem, S=Name.Figure, A=own)
        pdf.Root.StructTreeRoot = Dictionary(Type=Name.StructTreeRoot, K=pdf.make_indirect(element))

    yield "structure, properties of users", user_properties

    def content(code: bytes) -> Change:
        return lambda pdf: setattr(pdf.pages[0].obj, "Contents", Stream(pdf, code))

    yield (
        "marked content, its properties",
        content(b"/Artifact <</Author (" + BYTES + b")>> BDC 0 0 9 9 re f EMC"),
    )
    yield (
        "marked point, its properties",
        content(b"/Point <</Owner (" + BYTES + b") /MCID 1>> DP 0 0 9 9 re f"),
    )
    inline = b"BI /W 16 /H 16 /BPC 8 /CS /RGB /F /DCT ID " + JPEG + b"\nEI"
    yield "Exif of a picture within the content", content(b"q 16 0 0 16 0 0 cm " + inline + b" Q")

    def resources(pdf: Pdf) -> None:
        pdf.pages[0].obj.Resources = Dictionary(Properties=Dictionary(M=Dictionary(Author=String(MARK))))

    yield "marked content, properties among the resources", resources


def _pictures() -> Iterator[tuple[str, Change]]:
    packed = zlib.compress(JPEG)
    yield "picture, its segments", lambda pdf: _image(pdf, JPEG, "/DCTDecode")
    yield "picture, packed once more", lambda pdf: _image(pdf, packed, "/FlateDecode", "/DCTDecode")
    for key in ("OPI", "Measure", "PtData", "PieceInfo"):
        yield f"picture, {key}", _with(_plain_image, key, Dictionary(F=String(MARK)))
    for key in ("Name", "ID", "Unknown"):
        yield f"picture, {key}", _with(_plain_image, key, String(MARK))

    def form(**keys: Any) -> Change:
        def change(pdf: Pdf) -> None:
            made = Stream(pdf, b"0 0 9 9 re f")
            made.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9], **keys)
            pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(F=pdf.make_indirect(made)))
            pdf.pages[0].obj.Contents = Stream(pdf, b"/F Do")

        return change

    yield "form, PieceInfo", form(PieceInfo=Dictionary(App=Dictionary(Private=String(MARK))))
    yield "form, LastModified", form(LastModified=String(MARK))
    yield "form, Name", form(Name=Name("/" + MARK))

    def profile(pdf: Pdf) -> None:
        made = _image(pdf, jpegs.plain(), "/DCTDecode")
        made.ColorSpace = Array([Name.ICCBased, pdf.make_indirect(Stream(pdf, icc(), N=3))])

    yield "colour profile, its texts", profile

    def embedded(pdf: Pdf) -> None:
        pdf.attachments["notes.txt"] = BYTES

    yield "file within", embedded


def icc() -> bytes:
    """Return sRGB with the mark as its description."""
    from PIL import ImageCms

    whole = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    description = b"desc" + bytes(4) + (len(BYTES) + 1).to_bytes(4) + BYTES + b"\0" + bytes(79)
    for entry in range(int.from_bytes(whole[128:132])):
        at = 132 + 12 * entry
        if whole[at : at + 4] == b"desc":
            whole[at + 4 : at + 12] = len(whole).to_bytes(4) + len(description).to_bytes(4)
    whole += description
    whole[:4] = len(whole).to_bytes(4)
    return bytes(whole)


def _around() -> Iterator[tuple[str, bytes]]:
    plain = _saved(lambda pdf: None)
    yield "before the first line", BYTES + b"\n" + plain
    yield "behind the end", plain + BYTES
    yield "a remark between objects", plain.replace(b"\nendobj\n", b"\nendobj\n%" + BYTES + b"\n", 1)
    identifier = plain.index(b"/ID [<")
    end = plain.index(b"]", identifier)
    old = plain[:identifier] + b"/ID [(" + BYTES + b") (" + BYTES + b")" + plain[end:]
    yield "trailer, ID", old
    at = len(plain)
    start = int(plain[plain.rindex(b"startxref") + 10 :].split()[0])
    update = f"9 0 obj\n({MARK})\nendobj\nxref\n9 1\n{at:010} 00000 n \ntrailer\n<< /Size 10 /Root 1 0 R /Prev {start} >>\nstartxref\n"
    yield "an object of an older version", plain + f"{update}{at + update.index('xref')}\n%%EOF\n".encode()


def places() -> Iterator[Place]:
    """Yield every place of PDF."""
    for group in (_info, _objects, _annotations, _layers_and_structure, _pictures):
        for name, change in group():
            yield Place("pdf", name, _saved(change))
    for name, data in _around():
        yield Place("pdf", name, data)
