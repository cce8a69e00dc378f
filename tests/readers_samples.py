"""Small exports of each format, as the systems write them; nobody in them is real."""

import csv
import hashlib
import io
import json

LEAD = (
    "name",
    "id",
    "sis_id",
    "section",
    "section_id",
    "section_sis_id",
    "submitted",
    "attempt",
)
LAST = ("n correct", "n incorrect", "score")
QUESTIONS = ("101: What?", "1.0", "102: Say, in\nwords", "1.0", "103: Pool", "2.5")

CANVAS_ROWS = (
    (
        *("Zoë Ex", "007", "s7", "A, B", "1, 2", "x, ", "2026-10-01 09:00:00 UTC", 1),
        *("Paris", "1.0", "=cmd()|'x'\nnext, line", "0.5", "", "", 2, 0, "1.75"),
    ),
    (
        *("Null", "8", "", "A", "1", "x", "2026-10-01 09:30:00 UTC", 1),
        *("", "0.0", r"a=>b\,c,d=>", "", "NA", "2.5", 2, 1, "2.5"),
    ),
    (
        *("Zoë Ex", "007", "s7", "A, B", "1, 2", "x, ", "2026-10-02 09:00:00 UTC", 2),
        *("Rome", "0.0", "", "", "NA", "2.5", 1, 1, "2.5"),
    ),
    (
        *("Test Student", "99", "", "A", "1", "x", "2026-10-01 08:00:00 UTC", 1),
        *("Paris", "1.0", "", "0.0", "", "", 1, 1, "1.0"),
    ),
)

NEW_LEAD = "Name,ID,SISID,SectionIDs,SectionNames,SectionSISIDs,Submitted,ElapsedTime"
NEW_LAST = (
    "NumberOfCorrect",
    "NumberOfIncorrect",
    "NoResponse",
    "PointsPossible",
    "OverallScore",
)
NEW_TITLES = ("<p>What?</p>", "<p>Say</p>", "<p>What?</p>")
NEW_ROWS = (
    (
        *("Zoë Ex", "007", "s7", "1,2", "A,B", ",", "2026-10-01T09:00:00Z"),
        *("25:23:18", "1"),
        *("101", "choice", "Paris", "1.0", "Graded"),
        *("102", "essay", "<p>a,\nb</p>", "", "Not Graded"),
        *("", "", "", "", "Not Shown"),
        *("1", "0", "0", "3.0", "1.75"),
    ),
    (
        *("Null", "8", "", "1", "Smith, John", "", "2026-10-01T09:30:00Z"),
        *("00:01:02", "1"),
        *("101", "choice", "", "0", "Not Attempted"),
        *("102", "essay", "<p>c</p>", "1.5", "Graded"),
        *("103", "choice", "NA", "2.5", "graded "),
        *("1", "1", "0", "3.0", "4.0"),
    ),
    (
        *("Test Student", "99", "", "", "", "", "", ""),
        *("",),
        *("", "", "", "", ""),
        *("", "", "", "", ""),
        *("", "", "", "", ""),
        *("", "", "", "", ""),
    ),
)

RECORDS = (
    {
        "created_timestamp": "2026-10-02T00:00:00.000Z",
        "student_data": {
            "id": 7,
            "name": "Zoë Ex",
            "sis_id": "s7",
            "submitted_at": "2026-10-01T09:00:00.000Z",
            "elapsed_time": "25:23:18",
            "attempt": 1,
            "section_info": {
                "section_ids": [1, 2],
                "section_sis_ids": ["x", None],
                "section_names": ["A", "B"],
            },
        },
        "item_responses": [
            {"item_id": "101", "answer": "Paris", "item_type": "choice", "score": 1.0},
            {"item_id": "102", "answer": "<p>a</p>", "item_type": "essay", "score": 0},
        ],
        "summary": {"points_possible": 3.0, "score": 1.75},
    },
    {
        "student_data": {
            "id": "007",
            "name": "Null",
            "submitted": "2026-10-01T09:30:00Z",
            "elapsed": "00:01:02",
            "attempt": 1,
        },
        "item_responses": [
            {"item_id": 101, "answer": None, "item_type": "choice", "score": 0.0},
            {"item_id": 102, "answer": "b", "item_type": "essay", "score": 0.0},
            {"item_id": 103, "answer": "", "item_type": "essay", "score": 0},
        ],
        "summary": {"score": 0},
    },
)

TIDY = "student_id,item_id,response,score\n007,q1,NA,1\n8,q1,,0\nNull,q1,x,\n"


def left_out(responses):
    """What was left out, by reason, without what is only noted."""
    rows = responses.left_out.to_pylist()
    return {row["reason"]: row["n"] for row in rows if row["left_out"]}


def text_of(rows, delimiter=",", end="\n"):
    """Write rows as CSV."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return file.getvalue()


def canvas(rows=CANVAS_ROWS, without=(), **dialect):
    """Write a classic Student Analysis, with some of the lead columns left out."""
    keep = [name not in without for name in LEAD] + [True] * 9
    table = [(*LEAD, *QUESTIONS, *LAST), *rows]
    kept = [[c for c, k in zip(row, keep, strict=True) if k] for row in table]
    return text_of(kept, **dialect)


def new_quizzes(rows=NEW_ROWS, titles=NEW_TITLES, **dialect):
    """Write a student_analysis of New Quizzes."""
    blocks = [
        ("ItemID", "ItemType", title, "EarnedPoints", "Status") for title in titles
    ]
    header = [*NEW_LEAD.split(","), "Attempt", *sum(blocks, ()), *NEW_LAST]
    return text_of([header, *rows], **dialect)


def new_quizzes_json(records=RECORDS):
    """Write the same as JSON."""
    return json.dumps(list(records), ensure_ascii=False)


def digest(text):
    """What the ids of students without one say of the file's content."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
