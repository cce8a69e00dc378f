"""What people and programs do to an export of Canvas before they share it.

A way takes a `Sheet` and a `random.Random`, and gives the changed sheet. The programs
that the tests need anyway are run; the others are imitated.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd
import polars as pl

import quizanalysis as qa
from quizanalysis.conventions import canvas_classic, new_quizzes

COURSE = Path(__file__).parents[1] / "fixtures" / "course"
LEAD = {
    "canvas": "name id sis_id section section_id section_sis_id submitted attempt",
    "new": "Name ID SISID SectionIDs SectionNames SectionSISIDs Submitted ElapsedTime "
    "Attempt",
}
_KINDS = {
    "name": "name",
    "id": "id",
    "sis_id": "sis",
    "sisid": "sis",
    "submitted": "time",
    "attempt": "attempt",
}
BLOCK = ("itemid", "type", "answer", "points", "status")


@dataclass(frozen=True)
class Sheet:
    """A file of rows, what each column is, and what is gone from it.

    Attributes
    ----------
    rows : list of list of str
        The header first.
    roles : list of (str, str)
        What each column is: ("lead", "id"), ("points", "40211"), ("last", "score"),
        ("own", "") and so on.
    raw : bytes or None
        The file as a program wrote it.
    gone : frozenset of str
        What cannot be known any more: id, sis, name, time, attempt, points.
    questions : frozenset of str
        Questions that were dropped.
    """

    rows: list
    roles: list
    delimiter: str = ","
    end: str = "\r\n"
    encoding: str = "utf-8"
    raw: bytes | None = None
    gone: frozenset = frozenset()
    questions: frozenset = frozenset()

    @property
    def data(self):
        """The file."""
        if self.raw is not None:
            return self.raw
        return text_of(self.rows, self.delimiter, self.end).encode(self.encoding)

    @property
    def body(self):
        """The rows below the header."""
        return self.rows[1:]

    def places(self, *kinds):
        """Places of the columns of these kinds."""
        return [at for at, (kind, _) in enumerate(self.roles) if kind in kinds]

    def place(self, kind, name):
        """Place of one column, or None."""
        role = (kind, name)
        return self.roles.index(role) if role in self.roles else None

    def names(self):
        """The questions that are there, in the order of the file."""
        return [name for kind, name in self.roles if kind == "answer"]

    def with_rows(self, rows, **changes):
        """Change the rows."""
        return replace(self, rows=rows, raw=None, **changes)

    def with_columns(self, places, **changes):
        """Keep the columns at these places, in this order."""
        rows = [[row[at] for at in places] for row in self.rows]
        return self.with_rows(rows, roles=[self.roles[at] for at in places], **changes)

    def lost(self, *words):
        """Note what cannot be known any more."""
        return replace(self, gone=self.gone | set(words))


def text_of(rows, delimiter=",", end="\r\n", quoting=csv.QUOTE_MINIMAL):
    """Write rows as CSV."""
    file = io.StringIO(newline="")
    csv.writer(
        file, delimiter=delimiter, lineterminator=end, quoting=quoting
    ).writerows(rows)
    return file.getvalue()


def rows_of(data, delimiter=",", encoding="utf-8"):
    """Read CSV as rows of the width of the header."""
    text = data.decode(encoding)
    rows = [
        r for r in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if r
    ]
    assert {len(row) for row in rows} == {len(rows[0])}
    return rows


def open_sheet(data):
    """Make a sheet of a report of Canvas."""
    rows = rows_of(data, encoding="utf-8-sig")
    header, roles = rows[0], []
    lead = {word for words in LEAD.values() for word in words.split()}
    at = 0
    while at < len(header):
        name = header[at]
        if name in lead:
            roles.append(("lead", _KINDS.get(name.lower(), name)))
        elif name == "ItemID":
            item = next(row[at] for row in rows[1:] if row[at])
            roles += [(part, item) for part in BLOCK]
        elif found := re.match(r"(\d+): ", name):
            roles += [("answer", found[1]), ("points", found[1])]
        else:
            roles.append(("last", name))
        at = len(roles)
    return Sheet(rows, roles, raw=data)


def open_course(name):
    """Make a sheet of a report of the course, Canvas's own or ours."""
    path = COURSE / f"{name.removeprefix('own_')}.csv"
    if not name.startswith("own_"):
        return open_sheet(path.read_bytes())
    return open_sheet(write_own(name))


def write_own(name):
    """Write our own student report of the course."""
    responses = qa.read(COURSE / f"{name.removeprefix('own_')}.csv")
    if name == "own_new_quizzes":
        table = new_quizzes.student_analysis(responses, attempt="all")
    else:
        table = canvas_classic.student_analysis(responses, attempt="all")
    file = io.BytesIO()
    qa.write_csv(table, file)
    return file.getvalue()


def _resaved(sheet, data, *, delimiter=",", encoding="utf-8", front=0):
    """Take what a program wrote; in front it may have put columns of its own."""
    rows = rows_of(data, delimiter, encoding)
    roles = [("own", "")] * front + sheet.roles
    assert len(rows[0]) == len(roles)
    return replace(
        sheet, rows=rows, roles=roles, delimiter=delimiter, encoding=encoding, raw=data
    )


def _plain(sheet):
    """Give the sheet as UTF-8, for programs that want it so."""
    if sheet.encoding == "utf-8":
        return sheet.data
    return sheet.data.decode(sheet.encoding).encode()


# ---- programs that are run --------------------------------------------------------


def save_by_pandas(sheet, _random, *, text=False, **options):
    """Read and write by pandas, without the index where nothing else is asked."""
    how = {"dtype": str, "keep_default_na": False} if text else {}
    frame = pd.read_csv(
        io.BytesIO(_plain(sheet)), sep=sheet.delimiter, low_memory=False, **how
    )
    encoding = options.setdefault("encoding", "utf-8")
    index = options.setdefault("index", False)
    file = io.BytesIO()
    frame.to_csv(file, **options)
    return _resaved(
        sheet,
        file.getvalue(),
        delimiter=options.get("sep", ","),
        encoding=encoding,
        front=int(index),
    )


def save_by_polars(sheet, _random, *, text=False, **options):
    """Read and write by polars."""
    how = {"infer_schema": False} if text else {"infer_schema_length": None}
    frame = pl.read_csv(
        _plain(sheet), separator=sheet.delimiter, truncate_ragged_lines=False, **how
    )
    file = io.BytesIO()
    frame.write_csv(file, **options)
    return _resaved(sheet, file.getvalue(), delimiter=options.get("separator", ","))


def save_by_duckdb(sheet, _random, *, text=False, delimiter=","):
    """Read and write by DuckDB, which wants files."""
    with TemporaryDirectory() as folder, duckdb.connect() as database:
        source, target = Path(folder, "in.csv"), Path(folder, "out.csv")
        source.write_bytes(_plain(sheet))
        database.execute("SET timezone = 'UTC'")
        table = database.read_csv(
            str(source),
            header=True,
            delimiter=sheet.delimiter,
            quotechar='"',
            escapechar='"',
            all_varchar=text,
            sample_size=-1,
        )
        table.write_csv(str(target), header=True, sep=delimiter)
        data = target.read_bytes()
    return _resaved(sheet, data, delimiter=delimiter)


# ---- programs that are imitated ---------------------------------------------------

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def _is_number_column(cells):
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_NUMBER.fullmatch(cell) for cell in filled)


def _shorten(cell):
    """Write a number without zeros that say nothing."""
    if not _NUMBER.fullmatch(cell):
        return cell
    value = float(cell)
    return str(int(value)) if value == int(value) else repr(value)


def _columns(rows):
    return [list(column) for column in zip(*rows, strict=True)]


def _rows(columns):
    return [list(row) for row in zip(*columns, strict=True)]


def number_readr(names):
    """Number repeated names by their place, the first too, as readr does."""
    often = Counter(names)
    return [
        f"{name}...{at}" if often[name] > 1 or not name else name
        for at, name in enumerate(names, 1)
    ]


def number_sqlite(names):
    """Number repeated names by their place, as the shell of SQLite does."""
    names = [name or "?" for name in names]
    often = Counter(name.lower() for name in names)
    return [
        f"{name}_{at}" if often[name.lower()] > 1 else name
        for at, name in enumerate(names, 1)
    ]


def number_again(names, form, *, first=2, unnamed="Column{}"):
    """Number repeated names from the second on, around the names that are there."""
    found, seen = [], set()
    taken = {name.lower() for name in names}
    for at, given in enumerate(names, 1):
        name = given or unnamed.format(at)
        number, word = first, name
        while word.lower() in seen or (word != name and word.lower() in taken):
            word = form.format(name, number)
            number += 1
        seen.add(word.lower())
        found.append(word)
    return found


def make_r_names(names):
    """Make names valid and unique, as R's make.names(unique = TRUE) does."""
    valid = []
    for name in names:
        word = re.sub(r"[^\w.]", ".", name)
        if not re.match(r"[^\W\d_]|\.(?!\d)", word):
            word = "X" + word
        valid.append(word)
    found, seen, last = [], set(valid), Counter()
    for at, name in enumerate(valid):
        word = name
        if name in valid[:at]:
            while word in seen:
                last[name] += 1
                word = f"{name}.{last[name]}"
            seen.add(word)
        found.append(word)
    return found


def _read_by_r(cells):
    """Give a column as R holds it: its values, None for NA, and whether it is text."""
    missing = {"NA"}
    filled = [cell for cell in cells if cell not in {"", "NA"}]
    words = {"T", "F", "TRUE", "FALSE", "true", "false", "True", "False"}
    if filled and all(cell in words for cell in filled):
        return [cell.upper() if cell in filled else None for cell in cells], False
    if all(_NUMBER.fullmatch(cell) for cell in filled):
        return [
            _shorten(cell) if cell not in {"", "NA"} else None for cell in cells
        ], False
    return [None if cell in missing else cell for cell in cells], True


def save_by_r(sheet, _random, *, check_names=True, row_names=True):
    """Imitate read.csv and write.csv of R, which quote texts and write NA."""
    names = make_r_names(sheet.rows[0]) if check_names else sheet.rows[0]
    columns = [_read_by_r(cells) for cells in _columns(sheet.body)]

    def quote(cell):
        return '"' + cell.replace('"', '""') + '"'

    lines = [[quote(name) for name in (*[""] * row_names, *names)]]
    for at in range(len(sheet.body)):
        cells = [quote(str(at + 1))] * row_names
        for values, text in columns:
            value = values[at]
            cells.append("NA" if value is None else quote(value) if text else value)
        lines.append(cells)
    data = "".join(",".join(line) + "\n" for line in lines).encode()
    return _resaved(sheet, data, front=int(row_names))


def save_by_readr(sheet, _random, *, na="NA"):
    """Imitate read_csv and write_csv of readr: empty cells are NA."""
    columns = []
    for cells in _columns(sheet.body):
        given = [cell.strip() for cell in cells]
        filled = [cell for cell in given if cell not in {"", "NA"}]
        leading = any(re.match(r"-?0\d", cell) for cell in filled)
        if filled and all(cell in {"True", "False"} for cell in filled):
            given = [cell.upper() if cell in filled else "" for cell in given]
        elif not leading and all(_NUMBER.fullmatch(cell) for cell in filled):
            given = [_shorten(cell) for cell in given]
        columns.append([na if cell in {"", "NA"} else cell for cell in given])
    rows = [number_readr([name.strip() for name in sheet.rows[0]]), *_rows(columns)]
    return _resaved(sheet, text_of(rows, end="\n").encode())


def save_by_sqlite(sheet, _random):
    """Imitate .import and .mode csv of the shell of SQLite."""
    rows = [number_sqlite(sheet.rows[0]), *sheet.body]
    return sheet.with_rows(rows, delimiter=",", end="\r\n", encoding="utf-8")


def save_by_power_query(sheet, _random):
    """Imitate Power Query, which numbers repeated names _1, _2."""
    rows = [number_again(sheet.rows[0], "{}_{}", first=1), *sheet.body]
    return sheet.with_rows(rows, delimiter=",", encoding="utf-8-sig")


def _enter(rows):
    """Give cells as a spreadsheet holds them: numbers without needless zeros."""
    return [
        [cell.upper() if cell in {"True", "False"} else _shorten(cell) for cell in row]
        for row in rows
    ]


def save_by_spreadsheet(sheet, _random, *, comma=False):
    """Imitate a spreadsheet: 1 for 1.0; with a decimal comma it writes semicolons."""
    rows = _enter(sheet.rows)
    if comma:
        rows = [
            [
                cell.replace(".", ",") if re.fullmatch(r"-?\d+\.\d+", cell) else cell
                for cell in row
            ]
            for row in rows
        ]
    return sheet.with_rows(
        rows, delimiter=";" if comma else ",", encoding="utf-8-sig", end="\r\n"
    )


def save_as_excel_table(sheet, _random):
    """Imitate a table in Excel, where repeated names end in 2, 3."""
    rows = _enter(sheet.rows)
    rows = [number_again(rows[0], "{}{}"), *rows[1:]]
    return sheet.with_rows(rows, delimiter=",", encoding="utf-8-sig", end="\r\n")


def encode(sheet, _random, *, encoding="utf-8", end="\r\n", delimiter=","):
    """Write the same cells in another dialect."""
    return sheet.with_rows(sheet.rows, encoding=encoding, end=end, delimiter=delimiter)


def quote_all(sheet, _random):
    """Put all cells in quotes."""
    text = text_of(sheet.rows, sheet.delimiter, sheet.end, csv.QUOTE_ALL)
    return replace(sheet, raw=text.encode(sheet.encoding))


# ---- headers and cells ------------------------------------------------------------


def write_whole_points(sheet, _random):
    """Write 1 for 1.0 in the headers of points."""
    return sheet.with_rows([[_shorten(name) for name in sheet.rows[0]], *sheet.body])


def pad_headers(sheet, random):
    """Put blanks around headers."""
    header = [f"{' ' * random.randrange(3)}{name} " for name in sheet.rows[0]]
    return sheet.with_rows([header, *sheet.body])


def write_truth(sheet, random):
    """Write TRUE and FALSE for the scores of questions of one point."""
    words = random.choice([("TRUE", "FALSE"), ("True", "False"), ("true", "false")])
    columns = _columns(sheet.rows)
    for at in sheet.places("points"):
        filled = {cell for cell in columns[at][1:] if cell}
        if filled == {"0.0", "1.0"} and random.random() < 0.7:
            truth = {"1.0": words[0], "0.0": words[1], "": ""}
            columns[at][1:] = [truth[cell] for cell in columns[at][1:]]
    return sheet.with_rows(_rows(columns))


def _cells(sheet, kind, change):
    """Change the cells of one lead column."""
    at = sheet.place("lead", kind)
    if at is None:
        return sheet
    rows = [
        [*row[:at], change(row[at], number), *row[at + 1 :]]
        for number, row in enumerate(sheet.body)
    ]
    return sheet.with_rows([sheet.rows[0], *rows])


def reformat_times(sheet, random, *, forms=("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M")):
    """Write times as spreadsheets show them."""
    form = random.choice(forms)

    def change(cell, _number):
        found = re.match(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)[.\d]*( UTC|Z)?$", cell)
        if not found:
            return cell
        at = datetime.fromisoformat(found[1])
        return re.sub(r"\b0(\d[/:])", r"\1", at.strftime(form))

    return _cells(sheet, "time", change)


def empty_cells(sheet, random):
    """Empty a lead column and leave its header."""
    kind = random.choice(["name", "id", "sis", "time", "attempt"])
    if sheet.place("lead", kind) is None:
        return sheet
    return _cells(sheet, kind, lambda _cell, _number: "").lost(kind)


def shorten_ids(sheet, _random):
    """Write long ids as a spreadsheet shows them, after which many are the same."""
    return _cells(sheet, "id", lambda cell, _number: cell and "1.00E+14").lost("id")


def pseudonymise(sheet, random):
    """Give each student another id, the same one in each row."""
    number = random.randrange(1000, 9000)
    known = {}

    def change(cell, _number):
        return known.setdefault(cell, f"P{number + 7 * len(known)}") if cell else cell

    return _cells(_cells(sheet, "id", change), "sis", change).lost("same ids")


def rename_students(sheet, _random):
    """Give each student another name, the same one in each row."""
    known = {}

    def change(cell, _number):
        return known.setdefault(cell, f"Student {len(known) + 1}")

    at = sheet.place("lead", "name")
    if at is None:
        return sheet
    # The test student is known by this name alone.
    kept = [row for row in sheet.rows if "Test Student" not in row[at]]
    return _cells(sheet.with_rows(kept), "name", change).lost("test student")


# ---- rows -------------------------------------------------------------------------


def sort_rows(sheet, random):
    """Sort the rows by a column, or shuffle them."""
    body = list(sheet.body)
    if random.random() < 0.5:
        random.shuffle(body)
    else:
        at = random.randrange(len(sheet.roles))
        body.sort(key=lambda row: row[at], reverse=random.random() < 0.5)
    return sheet.with_rows([sheet.rows[0], *body])


def repeat_rows(sheet, random):
    """Have some rows twice."""
    body = list(sheet.body)
    for row in random.sample(body, random.choice([1, 2, len(body)])):
        body.insert(random.randrange(len(body) + 1), row)
    return sheet.with_rows([sheet.rows[0], *body]).lost("uniqueness")


def join_exports(sheet, random):
    """Have the header once more in the middle, as where two exports were joined."""
    body = list(sheet.body)
    body.insert(random.randrange(1, len(body)), list(sheet.rows[0]))
    return sheet.with_rows([sheet.rows[0], *body])


def add_blank_rows(sheet, random):
    """Have rows of nothing in between, and at the end."""
    body = list(sheet.body)
    for _ in range(random.randrange(1, 5)):
        at = random.choice([len(body), random.randrange(len(body) + 1)])
        body.insert(at, [""] * len(sheet.roles))
    return sheet.with_rows([sheet.rows[0], *body])


def _summary(sheet, word, figure):
    """Make a row of figures of the columns of numbers."""
    row = [""] * len(sheet.roles)
    for at in sheet.places("points", "last"):
        cells = [line[at] for line in sheet.body]
        if _is_number_column(cells):
            row[at] = figure([float(cell) for cell in cells if cell])
    row[0] = word
    return row


_FIGURES = {
    "Average": lambda v: f"{sum(v) / len(v):.4f}",
    "Mean": lambda v: f"{sum(v) / len(v):.2f}",
    "Max": lambda v: str(max(v)),
    "Min": lambda v: str(min(v)),
    "Points possible": lambda v: str(max(v)),
    "    Points Possible": lambda v: str(max(v)),
    "Count": lambda v: str(len(v)),
    "Total": lambda v: str(sum(v)),
    "Gemiddelde": lambda v: f"{sum(v) / len(v):.4f}",
    "": lambda v: f"{sum(v) / len(v):.4f}",
}


def add_summaries(sheet, random, *, words=tuple(_FIGURES)):
    """Have rows of averages and the like, at the end or below the header."""
    rows = [
        _summary(sheet, word, _FIGURES[word])
        for word in random.sample(words, random.randrange(1, min(4, len(words)) + 1))
    ]
    if random.random() < 0.3:
        return sheet.with_rows([sheet.rows[0], *rows, *sheet.body])
    blank = [[""] * len(sheet.roles)] * random.randrange(2)
    return sheet.with_rows([*sheet.rows, *blank, *rows]).lost("only students")


# ---- columns ----------------------------------------------------------------------


def _drop(sheet, places, **changes):
    places = set(places)
    kept = [at for at in range(len(sheet.roles)) if at not in places]
    return sheet.with_columns(kept, **changes)


def drop_lead(sheet, random, *, kinds=None):
    """Drop some of the lead columns, or these."""
    there = [name for kind, name in sheet.roles if kind == "lead"]
    if kinds is None:
        kinds = random.sample(there, random.randrange(len(there) + 1))
    at = [sheet.place("lead", kind) for kind in kinds if kind in there]
    return _drop(sheet, at).lost(*kinds)


def drop_last(sheet, random):
    """Drop some of the columns at the end."""
    places = sheet.places("last")
    if not places:
        return sheet
    places = random.sample(places, random.randrange(1, len(places) + 1))
    gone = {"last", *(sheet.roles[at][1] for at in places)}
    return _drop(sheet, places).lost(*gone)


def drop_questions(sheet, random, *, number=None):
    """Drop whole questions."""
    names = sheet.names()
    if len(names) < 2:
        return sheet
    number = number or random.choice([1, 2, len(names) - 1])
    chosen = set(random.sample(names, min(number, len(names) - 1)))
    places = [
        at
        for at, (kind, name) in enumerate(sheet.roles)
        if kind in BLOCK and name in chosen
    ]
    return _drop(sheet, places, questions=sheet.questions | chosen)


def drop_part(sheet, random, *, part=None):
    """Drop one column of a question and leave its others."""
    parts = sorted({kind for kind, _ in sheet.roles} & set(BLOCK))
    places = sheet.places(part or random.choice(parts))
    if not places:
        return sheet
    return _drop(sheet, [random.choice(places)]).lost("parts")


def add_column(sheet, at, name, cells):
    """Put a column before the one at this place."""
    rows = [
        [*row[:at], cell, *row[at:]]
        for row, cell in zip(sheet.rows, [name, *cells], strict=True)
    ]
    roles = [*sheet.roles[:at], ("own", name), *sheet.roles[at:]]
    return sheet.with_rows(rows, roles=roles)


def make_cells(sheet, random):
    """Draw a teacher's own column: its name and its cells."""
    n = len(sheet.body)
    kinds = {
        "Group": lambda: [random.choice("AB") for _ in range(n)],
        "grade": lambda: [str(random.randrange(1, 11)) for _ in range(n)],
        "percent": lambda: [f"{random.random():.3f}" for _ in range(n)],
        "%": lambda: [f"{random.randrange(101)}%" for _ in range(n)],
        "comment": lambda: [random.choice(["", "late", "see me"]) for _ in range(n)],
        "Notes": lambda: [""] * n,
        "": lambda: [random.choice(["", "x"]) for _ in range(n)],
        "Bonus": lambda: [random.choice(["0.0", "1.0"]) for _ in range(n)],
        "points": lambda: [random.choice(["0.0", "1.0"]) for _ in range(n)],
        "Score (adjusted)": lambda: [str(random.randrange(30)) for _ in range(n)],
        "passed": lambda: [random.choice(["TRUE", "FALSE"]) for _ in range(n)],
    }
    name = random.choice(sorted(kinds))
    return name, kinds[name]()


def add_at_end(sheet, random):
    """Put a teacher's own column at the end."""
    return add_column(sheet, len(sheet.roles), *make_cells(sheet, random))


def add_points_at_end(sheet, random):
    """Put a column at the end whose name could be the points of a question."""
    cells = [random.choice(["0.0", "2.0"]) for _ in sheet.body]
    return add_column(sheet, len(sheet.roles), random.choice(["2", "1.0"]), cells)


def add_inside(sheet, random):
    """Put a teacher's own column anywhere."""
    at = random.randrange(len(sheet.roles) + 1)
    return add_column(sheet, at, *make_cells(sheet, random))


def add_empty_columns(sheet, random):
    """Put columns of nothing at the end, and empty lines, as spreadsheets do."""
    for _ in range(random.randrange(1, 4)):
        sheet = add_column(sheet, len(sheet.roles), "", [""] * len(sheet.body))
    blank = [[""] * len(sheet.roles)] * random.randrange(3)
    return sheet.with_rows([*sheet.rows, *blank])


ROW_NUMBERS = ("", "Unnamed: 0", "X", "...1", "index", "row")


def add_row_numbers(sheet, random, *, names=ROW_NUMBERS):
    """Number the rows in front."""
    start = random.randrange(2)
    cells = [str(start + at) for at in range(len(sheet.body))]
    return add_column(sheet, 0, random.choice(names), cells)


def move_column(sheet, random):
    """Move one column to another place."""
    order = list(range(len(sheet.roles)))
    at = order.pop(random.randrange(len(order)))
    order.insert(random.randrange(len(order) + 1), at)
    return sheet.with_columns(order)


def move_score(sheet, _random):
    """Move the score to the front."""
    at = next((sheet.place("last", n) for n in ("score", "OverallScore")), None)
    if at is None:
        return sheet
    return sheet.with_columns([at, *(i for i in range(len(sheet.roles)) if i != at)])


def move_question(sheet, random):
    """Move a whole question to another place between the others."""
    names = sheet.names()
    chosen = random.choice(names)
    mine = [i for i, r in enumerate(sheet.roles) if r[0] in BLOCK and r[1] == chosen]
    rest = [i for i in range(len(sheet.roles)) if i not in mine]
    starts = [
        at
        for at, i in enumerate(rest)
        if sheet.roles[i][0] in {"itemid", "last", "lead"}
        or (sheet.roles[i][0] == "answer" and ("itemid", names[0]) not in sheet.roles)
    ]
    at = random.choice(starts or [0])
    return sheet.with_columns([*rest[:at], *mine, *rest[at:]])


# ---- all of them ------------------------------------------------------------------

PROGRAMS = {
    "pandas": save_by_pandas,
    "pandas with index": partial(save_by_pandas, index=True),
    "pandas as text": partial(save_by_pandas, text=True),
    "pandas with NA": partial(save_by_pandas, na_rep="NA"),
    "pandas as text with NA": partial(save_by_pandas, text=True, na_rep="NA"),
    "pandas with semicolons": partial(save_by_pandas, sep=";"),
    "pandas with decimal commas": partial(save_by_pandas, sep=";", decimal=","),
    "pandas in UTF-16": partial(save_by_pandas, encoding="utf-16"),
    "pandas with a BOM": partial(save_by_pandas, encoding="utf-8-sig"),
    "pandas with CRLF": partial(save_by_pandas, lineterminator="\r\n"),
    "polars": save_by_polars,
    "polars as text": partial(save_by_polars, text=True),
    "polars with semicolons": partial(save_by_polars, separator=";"),
    "polars with null": partial(save_by_polars, null_value="null"),
    "duckdb": save_by_duckdb,
    "duckdb as text": partial(save_by_duckdb, text=True),
    "duckdb with semicolons": partial(save_by_duckdb, delimiter=";"),
    "readr": save_by_readr,
    "readr with empty cells": partial(save_by_readr, na=""),
    "R": save_by_r,
    "R without row names": partial(save_by_r, row_names=False),
    "R with names as they are": partial(save_by_r, check_names=False),
    "SQLite": save_by_sqlite,
    "Power Query": save_by_power_query,
    "a spreadsheet": save_by_spreadsheet,
    "a spreadsheet with commas": partial(save_by_spreadsheet, comma=True),
    "a table in Excel": save_as_excel_table,
    "LF": partial(encode, end="\n"),
    "tabs": partial(encode, delimiter="\t"),
    "UTF-16": partial(encode, encoding="utf-16"),
    "quotes": quote_all,
}
"""Ways to save a file again that leave its meaning as it is."""

_CELLS = {
    "whole points": write_whole_points,
    "blanks around headers": pad_headers,
    "truth for scores": write_truth,
    "times as in America": partial(reformat_times, forms=("%m/%d/%Y %H:%M",)),
    "times as elsewhere": partial(reformat_times, forms=("%d/%m/%Y %H:%M",)),
    "an empty lead column": empty_cells,
    "shortened ids": shorten_ids,
    "pseudonyms": pseudonymise,
    "other names": rename_students,
}
_ROWS = {
    "rows sorted": sort_rows,
    "rows twice": repeat_rows,
    "exports joined": join_exports,
    "blank rows": add_blank_rows,
    "summaries": add_summaries,
}
_COLUMNS = {
    "without lead columns": drop_lead,
    "without names": partial(drop_lead, kinds=["name"]),
    "without times": partial(drop_lead, kinds=["time"]),
    "without attempts": partial(drop_lead, kinds=["attempt"]),
    "without times and attempts": partial(drop_lead, kinds=["time", "attempt"]),
    "without ids": partial(drop_lead, kinds=["id", "sis"]),
    "anonymous": partial(drop_lead, kinds=["id", "sis", "name", "attempt"]),
    "without last columns": drop_last,
    "without a question": drop_questions,
    "without points": partial(drop_part, part="points"),
    "without answers": partial(drop_part, part="answer"),
    "without a part": drop_part,
    "a column at the end": add_at_end,
    "a column named 2": add_points_at_end,
    "a column inside": add_inside,
    "empty columns": add_empty_columns,
    "row numbers": add_row_numbers,
    "a column moved": move_column,
    "the score in front": move_score,
    "a question moved": move_question,
}
WAYS = PROGRAMS | _CELLS | _ROWS | _COLUMNS
"""All ways, by what they are called."""

_REFUSALS = (pl.exceptions.PolarsError, duckdb.Error, pd.errors.ParserError)


def change(sheet, way, random):
    """Change a sheet in the way of this name; a program may refuse to read it."""
    try:
        return WAYS[way](sheet, random)
    except _REFUSALS:
        return sheet
