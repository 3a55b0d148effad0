"""Bytes to text whatever charset a mail claims: an allow-list, sensible supersets, never an error."""

import re
from functools import lru_cache

# What mail says -> what it means. Only codecs named here are ever used: Python also knows
# `zlib`, `rot13` or `unicode_escape`, which are no charsets of mail.
_SUPERSETS = {
    "ascii": "cp1252", "usascii": "cp1252", "ansix341968": "cp1252", "646": "cp1252", "7bit": "cp1252", "8bit": "cp1252",
    "iso88591": "cp1252", "latin1": "cp1252", "l1": "cp1252", "88591": "cp1252", "iso885911987": "cp1252", "cp819": "cp1252",
    "ansi": "cp1252", "iso88599": "cp1254", "latin5": "cp1254", "iso885911": "cp874", "tis620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "xgbk": "gb18030", "gb23121980": "gb18030", "euccn": "gb18030", "cp936": "gb18030", "gb18030": "gb18030",
    "hzgb2312": "hz", "hz": "hz", "big5": "cp950", "big5hkscs": "big5hkscs", "cnbig5": "cp950", "xbig5": "cp950",
    "shiftjis": "cp932", "sjis": "cp932", "xsjis": "cp932", "windows31j": "cp932", "mskanji": "cp932", "cp943": "cp932",
    "eucjp": "euc_jp", "xeucjp": "euc_jp", "iso2022jp": "iso2022_jp_ext", "iso2022jp1": "iso2022_jp_1",
    "iso2022jp2": "iso2022_jp_2", "iso2022jp3": "iso2022_jp_3", "iso2022jp2004": "iso2022_jp_2004", "iso2022jpms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext", "cp50221": "iso2022_jp_ext",
    "euckr": "cp949", "ksc56011987": "cp949", "ksc5601": "cp949", "ksx1001": "cp949", "cp949": "cp949", "uhc": "cp949",
    "iso2022kr": "iso2022_kr", "johab": "johab",
    "utf7": "utf_7", "unicode11utf7": "utf_7", "utf8": "utf_8", "unicode11utf8": "utf_8", "cp65001": "utf_8", "utf8mb4": "utf_8", "unicode": "utf_16",
    "utf16": "utf_16", "ucs2": "utf_16", "iso10646ucs2": "utf_16_be", "utf16le": "utf_16_le", "utf16be": "utf_16_be",
    "utf32": "utf_32", "ucs4": "utf_32", "utf32le": "utf_32_le", "utf32be": "utf_32_be",
    "koi8r": "koi8_r", "koi8u": "koi8_u", "koi8": "koi8_r", "koi8ru": "koi8_u", "koi8t": "koi8_t",
    "macintosh": "mac_roman", "macroman": "mac_roman", "xmacroman": "mac_roman", "mac": "mac_roman", "xmaccyrillic": "mac_cyrillic",
    "xmacgreek": "mac_greek", "xmacturkish": "mac_turkish", "xmacce": "mac_latin2", "xmaccentraleurroman": "mac_latin2",
    "ebcdic": "cp037", "ebcdicus": "cp037", "iso88598i": "iso8859_8", "iso88598e": "iso8859_8", "iso88596i": "iso8859_6",
    "iso88596e": "iso8859_6", "latin2": "iso8859_2", "latin9": "iso8859_15", "latin0": "iso8859_15", "cyrillic": "iso8859_5",
    "greek": "iso8859_7", "hebrew": "iso8859_8", "arabic": "iso8859_6",
}  # fmt: skip
for _n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16):
    _SUPERSETS[f"iso8859{_n}"] = _SUPERSETS[f"8859{_n}"] = f"iso8859_{_n}"
for _n in (1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 874, 437, 500, 850, 852, 855, 857, 858, 860, 861, 862, 863,
           864, 865, 866, 869, 932, 950, 1026, 1140, 37):  # fmt: skip
    _codec = f"cp{_n:03}"
    for _form in (
        f"windows{_n}",
        f"win{_n}",
        f"cp{_n}",
        f"cp{_n:03}",
        f"ibm{_n}",
        f"ibm{_n:03}",
        f"xcp{_n}",
        f"ms{_n}",
        f"xwindows{_n}",
    ):
        _SUPERSETS.setdefault(_form, _codec)
_SUPERSETS["windows874"] = "cp874"

_SQUEEZE = re.compile(r"[^a-z0-9]+")
_WIDE = {"utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be"}
# Multi-byte and stateful codecs, for which valid UTF-8 is no sign of a wrong label.
_TRUSTED = _WIDE | {"utf_7", "hz", "iso2022_jp_ext", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_2004", "iso2022_kr", "cp037", "cp500", "cp1026", "cp1140"}  # fmt: skip


@lru_cache(256)
def codec(charset: str) -> str:
    """The codec for a charset as mail names it; empty when it is none that mail may use."""
    name = _SQUEEZE.sub("", charset[:60].lower().split("*")[0])
    return _SUPERSETS.get(name, "")


def guess(data: bytes) -> str:
    """Text of bytes that name no charset, or a wrong one: UTF-8 if valid, else code page 1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and len(data) > 3:
        return data.decode("utf_16", "replace")
    try:
        return data.decode("utf_8")
    except UnicodeDecodeError as trouble:
        # A UTF-8 text that was cut or has one bad byte is still UTF-8: most of its non-ASCII is valid.
        loose = data.decode("utf_8", "replace")
        bad = loose.count("\ufffd")
        good = sum(1 for c in loose if c > "\x7f") - bad
        if good > 2 * bad or (
            good and bad == 1 and trouble.start >= len(data) - 3 and trouble.reason == "unexpected end of data"
        ):
            return loose
        return data.decode("cp1252", "replace")


def decode(data: bytes, charset: str = "") -> str:
    """Text of `data` said to be in `charset`; never raises.

    Single-byte labels are a habit more than a fact, so bytes that are valid UTF-8 are read as that.
    What a codec cannot read becomes U+FFFD.
    """
    if data.isascii() and (not charset or codec(charset) not in _TRUSTED):
        return data.decode("ascii").removeprefix("\ufeff")
    name = codec(charset) if charset else ""
    try:
        if not name or name in ("utf_8", "cp1252"):
            return guess(data).removeprefix("\ufeff")
        if (
            name in _WIDE
            and b"\0" not in data
            and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
            and _looks_ascii(data)
        ):
            return guess(data)
        if name == "utf_16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            name = "utf_16_be"  # RFC 2781: no mark means big-endian, unless the zeros say otherwise
            if data[1::2].count(0) > data[0::2].count(0):
                name = "utf_16_le"
        if name not in _TRUSTED:
            try:
                return data.decode("utf_8") if _multibyte(data) else data.decode(name, "replace")
            except UnicodeDecodeError:
                pass
        return data.decode(name, "replace").removeprefix("\ufeff")
    except (LookupError, UnicodeError, ValueError):
        return guess(data)


def _looks_ascii(data: bytes) -> bool:
    sample = data[:2000]
    return sum(1 for b in sample if 32 <= b < 127 or b in b"\r\n\t") > 0.9 * len(sample)


_UTF8_PAIR = re.compile(rb"[\xc3-\xf4][\x80-\xbf]")


def _multibyte(data: bytes) -> bool:
    return bool(_UTF8_PAIR.search(data))
