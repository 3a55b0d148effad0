"""A small picture for a customer to send along, made here so that no image file needs a licence."""

import struct
import zlib


def photo(width: int = 160, height: int = 120) -> bytes:
    """A PNG of a box with a dent, in a colour that nobody ordered."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # no filter on this line
        for x in range(width):
            inside = 30 < x < 130 and 25 < y < 100
            dent = (x - 120) ** 2 + (y - 90) ** 2 < 400
            rows += b"\x30\x28\x22" if dent else (b"\xe0\x5a\x9c" if inside else b"\xf2\xee\xe6")
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
