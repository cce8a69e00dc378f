"""How Canvas classic writes answers of several parts into one cell."""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._refusals import need_kind
from quizanalysis.conventions._canvas_html import strip_tags

_ANSWERED = "Answered Student Count"
_WHOLE_ZERO = {
    "Correct Student Ratio": 1,
    "Wrong Student Ratio": 1,
    "Difficulty Index": 1,
    "Variance": 2,
}
"""Columns in which Canvas prints ``0`` where fewer answered than this."""


def option_text(text: str, html: str = "") -> str:
    """Text of an option; that of its HTML when it has no other.

    Examples
    --------
    >>> option_text("", "<em>zero</em>")
    'zero'
    """
    return text or strip_tags(html)


def cell_of_answers(ticked: Iterable[str]) -> str:
    r"""Cell of a multiple answers question: the ticked options, in their order.

    Examples
    --------
    >>> print(cell_of_answers(["red, dark", "green"]))
    red\, dark,green
    """
    return ",".join(text.replace(",", r"\,") for text in ticked)


def cell_of_blanks(typed: Iterable[str | None]) -> str:
    """Cell of a question with several blanks; None where nothing was stored at all.

    Examples
    --------
    >>> cell_of_blanks(["", "baz"])
    ',baz'
    """
    return cell_of_answers(text for text in typed if text is not None)


def cell_of_dropdowns(chosen: Iterable[str | None]) -> str:
    """Cell of a question with several dropdowns: those without a choice are skipped.

    Examples
    --------
    >>> cell_of_dropdowns(["less", None, "more"])
    'less,more'
    """
    return cell_of_answers(text for text in chosen if text)


def cell_of_matching(pairs: Iterable[tuple[str, str | None]]) -> str:
    """Cell of a matching question: all left sides, each with its match, if any.

    Examples
    --------
    >>> cell_of_matching([("cat", "meow"), ("cow", None)])
    'cat=>meow,cow=>'
    """
    return cell_of_answers(
        f"{_arrowless(left)}=>{_arrowless(right or '')}" for left, right in pairs
    )


def cell_of_formula(variables: Iterable[tuple[str, object]], typed: str) -> str:
    r"""Cell of a formula question: its variables, then what was typed.

    Examples
    --------
    >>> print(cell_of_formula([("x", 4.3), ("y", 21)], "25,3"))
    x=>4.3,y=>21,25\,3
    """
    drawn = [f"{_arrowless(k)}=>{_arrowless(str(v))}" for k, v in variables]
    return cell_of_answers([*drawn, typed])


def cell_of_upload(names: Sequence[str]) -> str:
    """Cell of a file upload: the name of the first file.

    Examples
    --------
    >>> cell_of_upload(["lab.png", "old.png"])
    'lab.png'
    """
    return names[0] if names else ""


def _arrowless(text: str) -> str:
    return text.replace("=>", r"\=>")


NUMBERS = {"cells": "numbers"}
"""Metadata of a field whose texts are numbers in print."""


def number_text(number: float) -> str:
    """Write a number as Canvas does: always with a point."""
    mantissa, mark, power = repr(number).partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{mark}{power}"


def printed(table: pa.Table) -> pa.Table:
    """Every cell of a report as the text that Canvas prints; null stays null.

    Parameters
    ----------
    table : pyarrow.Table
        What `item_analysis` or `student_analysis` made.

    Returns
    -------
    pyarrow.Table of string
        Points and figures have a decimal point, ``1.0``; but Canvas prints ``0`` for
        the ratios of a question that nobody answered, and for the variance where fewer
        than two did. Counts are whole numbers. The metadata of these fields say
        ``cells: numbers``, so that no writer takes ``-0.3`` for a formula.

    Examples
    --------
    >>> printed(pa.table({"n correct": [2], "score": [3.0]})).to_pylist()
    [{'n correct': '2', 'score': '3.0'}]
    """
    need_kind("a pyarrow.Table is", table, pa.Table)
    columns = [_number_texts(column) for column in table.columns]
    if _ANSWERED in table.column_names:
        answered = table[_ANSWERED]
        for name, least in _WHOLE_ZERO.items():
            at = table.column_names.index(name)
            columns[at] = pc.if_else(pc.less(answered, least), "0", columns[at])
    fields = [
        pa.field(field.name, pa.string(), metadata=NUMBERS)
        if pa.types.is_floating(field.type) or pa.types.is_integer(field.type)
        else field.with_type(pa.string())
        for field in table.schema
    ]
    return pa.table(columns, pa.schema(fields, table.schema.metadata))


def _number_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_floating(column.type):
        return column.cast(pa.string())
    coded = column.combine_chunks().dictionary_encode()
    texts = [number_text(value) for value in coded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string()).take(coded.indices)])


def joined(lists: pa.Array, escaped: pa.Array) -> pa.Array:
    """Cells of many lists of texts, as `cell_of_answers` makes one; null is kept.

    Parameters
    ----------
    lists : pyarrow.ListArray of string
        Null texts are left out.
    escaped : bool array, one for each list
        Whether commas within a text are escaped.
    """
    owner = np.asarray(pc.list_parent_indices(lists), np.int64)
    words = lists.flatten()
    there = np.asarray(words.is_valid(), bool)
    words, owner = words.filter(pa.array(there)), owner[there]
    commas = pc.replace_substring(words, ",", r"\,")
    words = pc.if_else(escaped.take(pa.array(owner)), commas, words)
    size = np.bincount(owner, minlength=len(lists))
    ends = pa.array(np.append(0, np.cumsum(size)), pa.int32())
    comma = pa.scalar(",", words.type)
    cells = pc.binary_join(pa.ListArray.from_arrays(ends, words), comma)
    return pc.if_else(lists.is_valid(), cells, pa.scalar(None, cells.type))
