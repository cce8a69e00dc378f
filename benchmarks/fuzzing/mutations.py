"""Ways to damage bytes, each one edit of a file that was valid before.

Every mutation takes the source of chance and the bytes, and returns others: the same
chance gives the same bytes, whatever ran before.
"""

import re
import struct
from collections.abc import Callable, Sequence
from random import Random

Mutation = Callable[[Random, bytes], bytes]

_LENGTHS = (1, 1, 2, 4, 8, 40, 300)

_TOKENS = (
    *(b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\0", b"\xff", b"'", b"=", b"-"),
    *(b"{", b"}", b"[", b"]", b":", b"\\", b"null", b"true", b"{}", b"[[]]", b'""'),
    *(b"<![b", b"<a ", b"<!--", b"</", b"<p>", b"&#0;", b"&#x110000;", b"&lt", b"<?"),
    *(b"\\ud800", b"\\u0000", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80"),
    *(b"\x1b[2J", b"\x1b]0;x\x07", b"\x9b", b"=>", b"\\,", b"; ", b"'=1", b"=cmd()|x"),
    *(b"Test Student", b"Not Shown", b"Not Graded", b"Graded", b"NA", b"NaN", b"None"),
    *(b"student_id", b"item_id", b"score", b"quiz_id", b"response", b"status", b"id"),
    *(b"9999-99-99", b"2026-10-01T09:00:00+99:99", b"25:61:00", b"0001-01-01", b"1.0"),
    *(b"PAR1", b"ARROW1", b"\xff\xff\xff\xff", b"PK\x03\x04", b"\x1f\x8b\x08"),
)

_NUMBERS = (
    *(
        b"0",
        b"-0",
        b"1",
        b"-1",
        b"+1",
        b"1.",
        b".5",
        b"1e5",
        b"1e308",
        b"1e309",
        b"0x1",
    ),
    *(b"1e-400", b"nan", b"inf", b"-Infinity", b"1_000", b"1,000", b"1,5", b"+-1"),
    *(b"9" * 19, b"9" * 400, b"9" * 5000, b"0." + b"3" * 40, b"-9223372036854775808"),
    *("\u0661\u0662".encode(), "1\xa0000".encode(), "\u00bd".encode(), b"12%"),
)

_DIGITS = re.compile(rb"[0-9][0-9.]*+")

_LETTERS = (
    *(
        "\u202e",
        "\u2066",
        "\u200e",
        "\ufeff",
        "\u2028",
        "\u0085",
        "\x00",
        "\x1b",
        "\x7f",
    ),
    *(
        "\u0301",
        "\U0001f600",
        "\u00df",
        "\u0130",
        "\ufdd0",
        "\U0010ffff",
        "\u00a0",
        "é",
    ),
)

_CELLS = (
    *(b"", b" ", b'""', b"007", b"x", b"[]", b'["a","b"]', b'"a,b"', b'"a\nb"', b'"'),
    *(b"null", b"TRUE", b"2026-01-01", b"1 000", b"a=>b", b"'", b"=1+1", b"[1]", b"{}"),
)

_INT32 = (0, 1, -1, 2, 7, 255, 65_536, 2**24, 2**31 - 1, -(2**31), 1_000_000_000)

_BOMBS = (
    *(b"<a ", b'<a x="', b"<!--", b"<![", b"<", b"&", b"&#", b"</", b"<?", b"<p>"),
    *(b" ", b"\t", b"\n", b"\r\n", b'"', b'""', b"'", b'"a', b",", b";", b"\0", b"\\"),
    *(b"[", b"{", b"]", b"}", b'{"a":', b'["', b"[],", b"\\u", b"a=>b,", b"=>", b"\\,"),
    *(b"0", b"9", b"-", b"1,", b".", b"e", b"\x1b[", b"\x1b]", b"; ", b"(", b"x.1"),
)


def _span(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice(_LENGTHS))


def _put(random: Random, data: bytes, part: bytes) -> bytes:
    """Insert it somewhere, or write it over what stands there."""
    start, end = _span(random, data)
    return data[:start] + part + data[start if random.random() < 0.5 else end :]


def flip(random: Random, data: bytes) -> bytes:
    """Change single bits."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8)) if data else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def delete(random: Random, data: bytes) -> bytes:
    """Leave a part out."""
    start, end = _span(random, data)
    return data[:start] + data[end:]


def duplicate(random: Random, data: bytes) -> bytes:
    """Repeat a part."""
    start, end = _span(random, data)
    part = data[start:end] * random.choice((1, 1, 3, 20))
    return data[:start] + part + data[start:]


def truncate(random: Random, data: bytes) -> bytes:
    """Cut the file off."""
    return data[: random.randrange(len(data) + 1)]


def splice(random: Random, data: bytes) -> bytes:
    """Put a part in the place of another."""
    start, end = _span(random, data)
    other, length = _span(random, data)[0], end - start
    return data[:start] + data[other : other + length] + data[end:]


def token(random: Random, data: bytes) -> bytes:
    """Insert a word that means something to some reader."""
    return _put(random, data, random.choice(_TOKENS))


def number(random: Random, data: bytes) -> bytes:
    """Write an odd number, in the place of one where there is one."""
    found = _DIGITS.search(data, random.randrange(len(data) + 1))
    if found is None:
        return _put(random, data, random.choice(_NUMBERS))
    return data[: found.start()] + random.choice(_NUMBERS) + data[found.end() :]


def unicode(random: Random, data: bytes) -> bytes:
    """Insert a character that is invisible, steers or combines."""
    return _put(random, data, random.choice(_LETTERS).encode())


def recode(random: Random, data: bytes) -> bytes:
    """Write the text in another encoding, with or without its mark."""
    text = data.decode("utf-8", "replace")
    encodings = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "utf-32")
    return text.encode(random.choice(encodings), "replace")


def crlf(random: Random, data: bytes) -> bytes:
    """End lines as another system does."""
    end = random.choice((b"\r\n", b"\r", b"\n\n", b"\r\r\n", b"\x0b", b"\xe2\x80\xa8"))
    return data.replace(b"\n", end)


def rows(random: Random, data: bytes) -> bytes:
    """Drop, repeat, empty or shuffle lines."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines[at:at] = [lines[at]] * random.choice((1, 2, 50))
        case 2:
            lines[at] = b""
        case _:
            random.shuffle(lines)
    return b"\n".join(lines)


def head(random: Random, data: bytes) -> bytes:
    """Damage the first bytes, by which a format is known."""
    size = min(len(data), random.choice((4, 8, 64)))
    return token(random, data[:size]) + data[size:]


def cells(random: Random, data: bytes) -> bytes:
    """Exchange, drop, add or overwrite a cell of a line."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    row = lines[at].split(b",")
    one, other = random.randrange(len(row)), random.randrange(len(row))
    match random.randrange(4):
        case 0:
            row[one], row[other] = row[other], row[one]
        case 1:
            del row[one]
        case 2:
            row.insert(one, random.choice(_CELLS))
        case _:
            row[one] = random.choice(_CELLS)
    lines[at] = b",".join(row)
    return b"\n".join(lines)


def nest(random: Random, data: bytes) -> bytes:
    """Nest brackets, also as deep as Python's stack."""
    depth = random.choice((2, 10, 200, random.randrange(850, 1010), 5_000))
    opening, closing = random.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"(", b")")))
    return _put(random, data, opening * depth + b"1" + closing * depth)


def wide(random: Random, data: bytes) -> bytes:
    """Give a line many cells."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    part = random.choice((b",", b",x", b",score", b",1", b";", b',"a"'))
    lines[at] += part * random.choice((3, 30, 300))
    return b"\n".join(lines)


def repeat_key(random: Random, data: bytes) -> bytes:
    """Write one key of JSON, or one column of a header, a second time."""
    names = data.split(b'"')[1::2] or data.split(b"\n", 1)[0].split(b",")
    one, other = random.choice(names), random.choice(names)
    return data.replace(one, other, 1)


def footer(random: Random, data: bytes) -> bytes:
    """Damage the last bytes, where Parquet and Arrow files say what is in them."""
    size = min(len(data), random.choice((8, 12, 200, 600)))
    return data[: len(data) - size] + flip(random, data[len(data) - size :])


def int32(random: Random, data: bytes) -> bytes:
    """Overwrite a length or an offset."""
    if len(data) < 8:
        return data
    at = random.randrange(len(data) // 4) * 4
    value = struct.pack("<i", random.choice(_INT32))
    return data[:at] + value + data[at + 4 :]


_ANY: tuple[Mutation, ...] = (flip, delete, duplicate, truncate, splice, head)
BINARY: tuple[Mutation, ...] = (*_ANY, footer, int32, int32)
TEXT: tuple[Mutation, ...] = (
    *(*_ANY, token, token, number, number, unicode, recode, crlf, rows, rows),
    *(cells, cells, cells, nest, wide, repeat_key, repeat_key),
)

_TIMES = (1, 1, 1, 2, 2, 3, 6)


def damage(random: Random, data: bytes, by: Sequence[Mutation]) -> bytes:
    """Some mutations one after another; now and then none."""
    if random.random() < 0.01:
        return data
    for _ in range(random.choice(_TIMES)):
        data = random.choice(by)(random, data)
    return data


def bomb(random: Random, data: bytes) -> bytes:
    """Repeat something for 20 to 200 KB, alone or within the file.

    What takes time in the square of its length shows itself here.
    """
    part = random.choice(_BOMBS)
    long = part * (random.choice((20_000, 60_000, 200_000)) // len(part))
    if random.random() < 0.2:
        return random.choice((b"", b"[]", b"student_id,item_id,score\n")) + long + b"x"
    return _put(random, data, long)
