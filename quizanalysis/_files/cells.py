"""Arrow columns as the text of cells, invertible: JSON, lists as ``A; B``, plain text.

Every function takes and gives whole arrays; none walks their values in Python.
"""

import json
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._files.formulas import escape_formula, unescape_formula

if TYPE_CHECKING:
    # Arrow's functions take and give arrays of many classes, which its stubs miss.
    Array = Any
else:
    Array = pa.Array

TEXT = pa.large_string()
"""The type of all text here: its offsets have 64 bits."""

_TEXTS = pa.list_(pa.string())

_HEX = "[0-9a-fA-F]"
_CODE = (
    rf"(?:[0-9a-ce-fA-CE-F]{_HEX}{{3}}|[dD][0-7]{_HEX}{{2}}"
    rf"|[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}})"
)
_WORD = rf'(?:"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u{_CODE})*"|null)'
_ARRAY = rf"\[ *(?:{_WORD}(?: *, *{_WORD})*)? *\]$"

# The backslash goes first, or those of the other escapes would be doubled.
_COMMON = ("\\", '"', "\n", "\r", "\t")
_RARE = tuple(char for char in map(chr, range(32)) if char not in _COMMON)

_TEXT_KINDS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
LIST_KINDS = (
    pa.types.is_list,
    pa.types.is_large_list,
    pa.types.is_fixed_size_list,
    pa.types.is_list_view,
    pa.types.is_large_list_view,
)
_BARE_KINDS = (
    pa.types.is_null,
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_decimal,
    pa.types.is_date,
    pa.types.is_time,
    pa.types.is_struct,
)


def is_text_list(texts: Array) -> Array:
    """Say of each text whether it is a JSON array of texts or nulls.

    A column of lists that is not known as one by its name is written so throughout.

    Examples
    --------
    >>> is_text_list(pa.array(['["A", "B"]', "[]", "A; B", "[1]", None])).to_pylist()
    [True, True, False, False, None]
    """
    return pc.match_substring_regex(texts, f"^{_ARRAY}")


def escape_text(texts: Array) -> Array:
    r"""Write texts as cells: none is run by a spreadsheet, or read as a list.

    Parameters
    ----------
    texts : pyarrow.Array of string
        A chunked array will do as well.

    Returns
    -------
    pyarrow.Array of string
        As of `escape_formula`, with one apostrophe more before each text that
        `is_text_list`, also where it stands behind apostrophes.

    Examples
    --------
    >>> escape_text(pa.array(["=1", '["a"]', "'[]", "[b]"])).to_pylist()
    ["'=1", '\'["a"]', "''[]", '[b]']
    """
    texts = escape_formula(texts)
    if not pc.any(pc.match_substring_regex(texts, "^'*\\[")).as_py():
        return texts
    return pc.replace_substring_regex(texts, f"^('*{_ARRAY})", r"'\1")


def unescape_text(texts: Array) -> Array:
    r"""Take the apostrophes away again; the exact inverse of `escape_text`.

    Examples
    --------
    >>> unescape_text(pa.array(["'=1", '\'["a"]', "''[]", "'tis"])).to_pylist()
    ['=1', '["a"]', "'[]", "'tis"]
    """
    if pc.any(pc.match_substring_regex(texts, "^'+\\[")).as_py():
        texts = pc.replace_substring_regex(texts, f"^'('*{_ARRAY})", r"\1")
    return unescape_formula(texts)


def join_texts(lists: Array) -> Array:
    """Write each list of texts as one text: ``A; B``, or a JSON array where it must be.

    Parameters
    ----------
    lists : pyarrow.Array of list of string
        A null among the texts is kept.

    Returns
    -------
    pyarrow.Array of string
        The texts with ``"; "`` between them. A list that would not come back so from
        `split_texts` (it is empty, or a text in it is empty, null, holds a semicolon
        or starts with a bracket) is a JSON array. Null stays null.

    Examples
    --------
    >>> join_texts(pa.array([["Monday", "Lab 2"], ["a;b"], []])).to_pylist()
    ['Monday; Lab 2', '["a;b"]', '[]']
    """
    words = pc.fill_null(plain(lists.flatten()).cast(TEXT), "")
    lengths = _lengths(lists)
    odd = pc.match_substring_regex(words, r"^$|;|^\[")
    readable = lengths > 0
    owner = np.repeat(np.arange(len(lists)), lengths)
    readable[owner[np.asarray(odd, bool)]] = False
    joined = _joined(words, lengths, "; ")
    cells = pc.if_else(pa.array(readable, pa.bool_()), joined, json_texts(lists))
    return pc.if_else(lists.is_valid(), cells, pa.scalar(None, TEXT))


def split_texts(texts: Array) -> Array:
    """Make lists of texts again; the exact inverse of `join_texts`.

    Parameters
    ----------
    texts : pyarrow.Array of string
        ``A; B`` or a JSON array of texts. A chunked array will do as well.

    Returns
    -------
    pyarrow.Array of list of string
        Null for null.

    Examples
    --------
    >>> split_texts(pa.array(["Monday; Lab 2", '["a;b"]', "[]", None])).to_pylist()
    [['Monday', 'Lab 2'], ['a;b'], [], None]
    """
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    coded = np.asarray(is_text_list(pc.fill_null(texts, "")), bool)
    lists = pc.split_pattern(texts, "; ").cast(_TEXTS)
    if not coded.any():
        return lists
    # Rows of the coded cells are taken from the parsed ones, the others as they are.
    both: Array = pa.concat_arrays([lists, _parsed(texts.filter(pa.array(coded)))])
    rows = np.where(coded, len(lists) + np.cumsum(coded) - 1, np.arange(len(lists)))
    return both.take(pa.array(rows))


def plain(array: Array) -> Array:
    """Reduce the many types of Arrow to those that have a form in a file.

    Text of all sorts becomes large string, a timestamp becomes text in ISO 8601 (with
    ``Z`` if it has a zone), a number that is not finite becomes null; lists stay.

    Raises
    ------
    TypeError
        For a type without such a form.
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        return plain(array.dictionary).take(array.indices)
    if any(is_kind(kind) for is_kind in _TEXT_KINDS):
        return array.cast(TEXT)
    if pa.types.is_timestamp(kind):
        return _iso(array)
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(array), array, pa.scalar(None, kind))
    if any(is_kind(kind) for is_kind in (*LIST_KINDS, *_BARE_KINDS)):
        return array
    msg = f"{kind} has no form in a CSV or JSON file; cast it to text or numbers"
    raise TypeError(msg)


def json_texts(array: Array) -> Array:
    """Write each value as JSON text, without nulls.

    Examples
    --------
    >>> json_texts(pa.array([["A", None], None, []])).to_pylist()
    ['["A",null]', 'null', '[]']
    """
    array = plain(array)
    kind = array.type
    if any(is_kind(kind) for is_kind in LIST_KINDS):
        inner = _joined(json_texts(array.flatten()), _lengths(array), ",")
        cells = _glued("[", inner, "]")
    elif pa.types.is_struct(kind):
        names = [field.name for field in kind]
        cells = json_objects(names, array.flatten(), len(array))
    elif pa.types.is_large_string(kind):
        cells = _glued('"', _escaped(array), '"')
    elif pa.types.is_temporal(kind):
        cells = _glued('"', array.cast(TEXT), '"')
    else:
        cells = array.cast(TEXT)
    if pa.types.is_nested(kind):
        cells = pc.if_else(array.is_valid(), cells, pa.scalar(None, TEXT))
    return pc.fill_null(cells, "null")


def json_objects(names: Sequence[str], columns: Sequence[Array], n: int) -> Array:
    """Write n rows as JSON objects whose keys are the names."""
    keys = [f"{json.dumps(name, ensure_ascii=False)}:" for name in names]
    return _json_rows("{", keys, columns, "}", n)


def json_arrays(columns: Sequence[Array], n: int) -> Array:
    """Write n rows as JSON arrays."""
    return _json_rows("[", [""] * len(columns), columns, "]", n)


def lines(texts: Array, separator: str) -> pa.Buffer:
    """Give all texts of an array, with the separator between them, as bytes."""
    whole: pa.Buffer = _joined(texts, np.array([len(texts)]), separator)[0].as_buffer()
    return whole


def _json_rows(
    start: str, keys: Sequence[str], columns: Sequence[Array], end: str, n: int
) -> Array:
    parts: list[Array] = [pa.repeat(pa.scalar(start, TEXT), n)]
    for key, column in zip(keys, columns, strict=True):
        comma = "," if len(parts) > 1 else ""
        parts += [comma + key, json_texts(column)]
    return _glued(*parts, end)


def _parsed(cells: Array) -> Array:
    import pyarrow.json as pj  # noqa: PLC0415  only what reads lists needs it

    rows = lines(_glued('{"x":', cells.cast(TEXT), "}"), "\n").to_pybytes()
    table = pj.read_json(
        BytesIO(rows),
        read_options=pj.ReadOptions(use_threads=False, block_size=len(rows) + 1),
        parse_options=pj.ParseOptions(explicit_schema=pa.schema([("x", _TEXTS)])),
    )
    return table["x"].combine_chunks()


def _iso(array: Array) -> Array:
    """Cast to a timestamp without zone, which gives UTC, and write that."""
    zone = "Z" if array.type.tz else ""
    text = array.cast(pa.timestamp(array.type.unit)).cast(TEXT)
    text = pc.replace_substring(text, " ", "T", max_replacements=1)
    return _glued(pc.replace_substring_regex(text, r"\.0+$", ""), zone)


def _escaped(texts: Array) -> Array:
    """Escape what may not stand in a JSON string as it is."""
    for pattern, chars in ((r'["\\\n\r\t]', _COMMON), (r"[\x00-\x1f]", _RARE)):
        if pc.any(pc.match_substring_regex(texts, pattern)).as_py():
            for char in chars:
                texts = pc.replace_substring(texts, char, json.dumps(char)[1:-1])
    return texts


def _glued(*parts: Array) -> Array:
    """Put texts side by side, row by row; a str is the same in each row."""
    same = [pa.scalar(part, TEXT) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*same, pa.scalar("", TEXT))


def _joined(words: Array, lengths: npt.NDArray[np.int64], separator: str) -> Array:
    """Join runs of words of these lengths."""
    ends = pa.array(np.append(0, np.cumsum(lengths)), pa.int32())
    runs = pa.ListArray.from_arrays(ends, words)
    return pc.binary_join(runs, pa.scalar(separator, TEXT))


def _lengths(lists: Array) -> npt.NDArray[np.int64]:
    lengths: Array = pc.list_value_length(lists)
    return np.asarray(lengths.fill_null(0), np.int64)
