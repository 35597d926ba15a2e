"""Vectors of docs/format.md, 0.2, 0.3 and 2.3: bytes as text, canonical JSON, padding."""

from __future__ import annotations

import json
from typing import Any

from tests.vectors.parts import Vector, bad, good


def texts() -> list[Vector]:
    return [
        good("b64 of nothing", "b64", {"text": ""}, ""),
        good("b64 with - and _", "b64", {"text": "-_8"}, "fbff"),
        bad("b64 with padding", "b64", {"text": "-_8="}, "BadBase64"),
        bad("b64 with +", "b64", {"text": "+_8"}, "BadBase64"),
        bad("b64 with /", "b64", {"text": "-/8"}, "BadBase64"),
        bad("b64 with unused bits set", "b64", {"text": "-_9"}, "BadBase64"),
        bad("b64 of an impossible length", "b64", {"text": "AAAAA"}, "BadBase64"),
        bad("b64 with a space", "b64", {"text": "AA AA"}, "BadBase64"),
        bad("b64 with a line feed at the end", "b64", {"text": "AAAA\n"}, "BadBase64"),
        bad("b64 in full width", "b64", {"text": "ＡＡＡＡ"}, "BadBase64"),
        good("id", "id_text", {"text": "00ff" * 8}, "00ff" * 8),
        bad("id in upper case", "id_text", {"text": "00FF" * 8}, "BadId"),
        bad("id too short", "id_text", {"text": "0" * 31}, "BadId"),
        bad("id too long", "id_text", {"text": "0" * 33}, "BadId"),
        bad("id with a line feed at the end", "id_text", {"text": "0" * 32 + "\n"}, "BadId"),
        bad("id in full-width digits", "id_text", {"text": "０" * 32}, "BadId"),
        bad("id with another letter", "id_text", {"text": "0" * 31 + "g"}, "BadId"),
        bad("id that is a number", "id_text", {"text": 12}, "BadId"),
    ]


def _nested(depth: int) -> str:
    return '{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


def canonical() -> list[Vector]:
    def reads(name: str, text: str, output: Any) -> Vector:
        return good(name, "json", {"raw": text.encode().hex()}, output)

    def refused(name: str, text: str | bytes, error: str) -> Vector:
        raw = text.encode() if isinstance(text, str) else text
        return bad(name, "json", {"raw": raw.hex()}, error)

    long = "9" * 5000
    return [
        reads("nothing in it", "{}", {}),
        reads("Japanese, not escaped", '{"a":"名簿","b":[1,true,null]}', {"a": "名簿", "b": [1, True, None]}),
        reads(
            "escapes", '{"a":"\\"\\\\\\b\\f\\n\\t\\u0001/\u007f\u2028"}', {"a": '"\\\b\f\n\t\x01/\x7f\u2028'}
        ),
        reads(
            "names in order of code points", '{"B":1,"a":2,"é":3,"名":4}', {"B": 1, "a": 2, "é": 3, "名": 4}
        ),
        reads("the largest number", '{"a":9007199254740991}', {"a": 9007199254740991}),
        reads("the smallest number", '{"a":-9007199254740991}', {"a": -9007199254740991}),
        reads("as deep as allowed", _nested(16), json.loads(_nested(16))),
        good(
            "writes names in order",
            "write_json",
            {"object": {"b": 1, "a": "é"}},
            '{"a":"é","b":1}'.encode().hex(),
        ),
        bad("does not write NFD", "write_json", {"object": {"a": "e\u0301"}}, "NotNormalized"),
        bad("does not write carriage returns", "write_json", {"object": {"a": "\r\n"}}, "NotNormalized"),
        refused("Latin-1", b'{"a":"\xe9"}', "NotUtf8"),
        refused("a surrogate in UTF-8", b'{"a":"\xed\xa0\x80"}', "NotUtf8"),
        refused("an overlong slash", b'{"a":"\xc0\xaf"}', "NotUtf8"),
        refused("nothing at all", "", "NotJson"),
        refused("cut off", '{"a":1', "NotJson"),
        refused("two objects", "{}{}", "NotJson"),
        refused("a comma too many", '{"a":1,}', "NotJson"),
        refused("a comment", '{"a":1}//', "NotJson"),
        refused("single quotes", "{'a':1}", "NotJson"),
        refused("a byte order mark", b"\xef\xbb\xbf{}", "NotJson"),
        refused("a line feed inside a string", '{"a":"\n"}', "NotJson"),
        refused("a leading zero", '{"a":01}', "NotJson"),
        refused("a list", "[]", "NotObject"),
        refused("a string", '"a"', "NotObject"),
        refused("null", "null", "NotObject"),
        refused("a name twice", '{"a":1,"a":1}', "DuplicateKey"),
        refused("a name twice, deep", '{"a":[{"b":1,"b":2}]}', "DuplicateKey"),
        refused("a name twice, once escaped", '{"a":1,"\\u0061":1}', "DuplicateKey"),
        refused("too deep by one", _nested(17), "NestedTooDeep"),
        refused("much too deep", _nested(40000), "NestedTooDeep")
        | {"input": {"raw": _nested(3000).encode().hex()}},
        refused("a fraction", '{"a":1.5}', "FloatNumber"),
        refused("a whole number written as a fraction", '{"a":1.0}', "FloatNumber"),
        refused("an exponent", '{"a":1e2}', "FloatNumber"),
        refused("not a number", '{"a":NaN}', "FloatNumber"),
        refused("infinity", '{"a":-Infinity}', "FloatNumber"),
        refused("a number too large by one", '{"a":9007199254740992}', "NumberTooLarge"),
        refused("a number too small by one", '{"a":-9007199254740992}', "NumberTooLarge"),
        refused("a number of 5000 digits", '{"a":' + long + "}", "NumberTooLarge"),
        refused("a carriage return", '{"a":"\\r\\n"}', "CarriageReturn"),
        refused("a carriage return in a name", '{"\\r":1}', "CarriageReturn"),
        refused("a decomposed letter", '{"a":"か\u3099"}', "NotNfc"),
        refused("a decomposed letter in a name", '{"e\u0301":1}', "NotNfc"),
        refused("a compatibility ideograph", '{"a":"\ufa19"}', "NotNfc"),
        refused("half a surrogate pair", '{"a":"\\ud83d"}', "LoneSurrogate"),
        refused("surrogates the wrong way round", '{"a":"\\ude00\\ud83d"}', "LoneSurrogate"),
        refused("names out of order", '{"b":1,"a":1}', "NotCanonical"),
        refused("names out of order, deep", '{"a":{"c":1,"b":1}}', "NotCanonical"),
        refused("a space after a colon", '{"a": 1}', "NotCanonical"),
        refused("a space before", " {}", "NotCanonical"),
        refused("a line feed after", "{}\n", "NotCanonical"),
        refused("Japanese, escaped", '{"a":"\\u540d"}', "NotCanonical"),
        refused("an escaped slash", '{"a":"\\/"}', "NotCanonical"),
        refused("a line feed as \\u000a", '{"a":"\\u000a"}', "NotCanonical"),
        refused("an upper-case escape", '{"a":"\\u001F"}', "NotCanonical"),
        refused("minus zero", '{"a":-0}', "NotCanonical"),
    ]


def paddings() -> list[Vector]:
    sizes = (8192, 32768, 131072, 524288)
    vectors = [good("pad nothing", "pad", {"length": 0}, 8192)]
    for size, larger in zip(sizes, (*sizes[1:], None), strict=True):
        vectors.append(good(f"pad {size - 1} bytes", "pad", {"length": size - 1}, size))
        name, given = f"pad {size} bytes", {"length": size}
        vectors.append(
            good(name, "pad", given, larger) if larger else bad(name, "pad", given, "PayloadTooLarge")
        )
    return [
        *vectors,
        good("unpad nothing", "unpad", {"head": "80", "zeros": 8191}, 0),
        good("unpad a payload that ends like padding", "unpad", {"head": "61800080", "zeros": 8188}, 3),
        good("unpad what fills its class", "unpad", {"fill": 8191, "head": "80", "zeros": 0}, 8191),
        good(
            "unpad what just misses the class below",
            "unpad",
            {"fill": 8192, "head": "80", "zeros": 24575},
            8192,
        ),
        bad("unpad nothing at all", "unpad", {"head": "", "zeros": 0}, "PaddingSize"),
        bad("unpad a byte too few", "unpad", {"head": "80", "zeros": 8190}, "PaddingSize"),
        bad("unpad a byte too many", "unpad", {"head": "80", "zeros": 8192}, "PaddingSize"),
        bad("unpad a size between classes", "unpad", {"head": "80", "zeros": 16383}, "PaddingSize"),
        bad(
            "unpad above the largest class",
            "unpad",
            {"fill": 524288, "head": "80", "zeros": 1572863},
            "PaddingSize",
        ),
        bad("unpad zeros only", "unpad", {"head": "", "zeros": 8192}, "PaddingMissing"),
        bad("unpad without the mark", "unpad", {"head": "61", "zeros": 8191}, "PaddingMissing"),
        bad(
            "unpad with something after the mark", "unpad", {"head": "8001", "zeros": 8190}, "PaddingMissing"
        ),
        bad("unpad with another mark", "unpad", {"head": "6181", "zeros": 8190}, "PaddingMissing"),
        bad(
            "unpad what fits a smaller class", "unpad", {"head": "6180", "zeros": 32766}, "PaddingNotSmallest"
        ),
        bad(
            "unpad what just fits the class below",
            "unpad",
            {"fill": 8191, "head": "80", "zeros": 24576},
            "PaddingNotSmallest",
        ),
    ]
