"""Files that hold no text: what they are, and what to do with them instead."""

from dataclasses import dataclass

__all__ = ["Container", "container_of"]

_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file that is known by its first bytes.

    Attributes
    ----------
    begins : bytes
    name : str
        What it is, with its article.
    remedy : str
        What to do with it.
    holds : bytes
        What else the first or last part of the file has; tells archives apart.
    """

    begins: bytes
    name: str
    remedy: str
    holds: bytes = b""


_SAVE = "save it as CSV UTF-8 and read that file"
_UNPACK = "unpack it, and read the file inside"
_TABLE = "write it as CSV or Parquet there, and read that file"

_CONTAINERS = (
    Container(_ZIP, "an Excel workbook", f"open it, {_SAVE}", b"xl/"),
    Container(
        _ZIP, "an OpenDocument spreadsheet", f"open it, {_SAVE}", b"opendocument"
    ),
    Container(_ZIP, "a Word document", f"copy its table, {_SAVE}", b"word/"),
    Container(_ZIP, "a zip archive", _UNPACK),
    Container(b"PK\x05\x06", "an empty zip archive", "read the export itself"),
    Container(b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", f"open it, {_SAVE}"),
    Container(b"\x1f\x8b", "a gzip file", _UNPACK),
    Container(b"BZh", "a bzip2 file", _UNPACK),
    Container(b"\xfd7zXZ\x00", "an xz file", _UNPACK),
    Container(b"\x28\xb5\x2f\xfd", "a Zstandard file", _UNPACK),
    Container(b"\x04\x22\x4d\x18", "an LZ4 file", _UNPACK),
    Container(b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    Container(b"Rar!", "a RAR archive", _UNPACK),
    Container(b"%PDF", "a PDF", "export the data as CSV instead"),
    Container(b"{\\rtf", "a rich text document", "export the data as CSV instead"),
    Container(
        b"\x93NUMPY", "a numpy array", "use Responses.from_matrix(numpy.load(…))"
    ),
    Container(b"RDX", "an R data file", _TABLE),
    Container(b"X\n\x00", "an R data file", _TABLE),
    Container(b"$FL2", "an SPSS file", _TABLE),
    Container(b"$FL3", "an SPSS file", _TABLE),
    Container(b"<stata_dta>", "a Stata file", _TABLE),
    Container(b"SQLite format 3", "an SQLite database", _TABLE),
    Container(b"\x89HDF", "an HDF5 file", _TABLE),
    Container(b"Obj\x01", "an Avro file", _TABLE),
    Container(b"ORC", "an ORC file", _TABLE),
    Container(b"\x80\x04\x95", "a Python pickle", _TABLE),
    Container(b"\x80\x05\x95", "a Python pickle", _TABLE),
    Container(b"\x89PNG", "a picture", "export the data as CSV instead"),
    Container(b"\xff\xd8\xff", "a picture", "export the data as CSV instead"),
    Container(b"GIF8", "a picture", "export the data as CSV instead"),
)


_PAGE = Container(
    b"<", "a web page", "it is often that of a login: log in, and download the export"
)


def container_of(first: bytes, last: bytes) -> Container | None:
    """Tell what a file is by its first and last bytes; None when it may be text.

    Examples
    --------
    >>> container_of(b"%PDF-1.7", b"").name
    'a PDF'
    """
    if first.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        return _PAGE
    return next(
        (
            kind
            for kind in _CONTAINERS
            if first.startswith(kind.begins)
            and (kind.holds in first or kind.holds in last)
        ),
        None,
    )
