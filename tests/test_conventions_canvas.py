"""Canvas classic's reports: its own cases, and its rules written out."""

import csv
import io
import json
import time
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import canvas_rules as rules
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_readers_hostile import MARKUP

import quizanalysis as qa
from quizanalysis.conventions import _canvas_items as inner
from quizanalysis.conventions import canvas_classic as canvas

FIXTURES = Path(__file__).parents[1] / "fixtures"
ELSEWHERE = Path(__file__).parents[2] / "shared" / "golden" / "canvas_golden.json"
CASES = {
    case["id"]: case
    for case in json.loads((FIXTURES / "golden" / "canvas.json").read_text())["cases"]
}
LEFT_OUT = {
    "gem_metric": "figures of the Quiz Statistics API, which is no report",
    "progress": "the job's progress, not the report's content",
    "report_api": "endpoints, not the report's content",
}
"""Kinds of cases that are not about the two reports, and why."""
LEFT_OUT_CASES = {
    "sa-anon-userids": "user ids in the Quiz Statistics API; the report has none",
    "sa-d-statcounts": "on the screen only, by a mark that no export has",
}
NANO = 1_000_000_000


def of_kind(kind):
    return [case for case in CASES.values() if case["kind"] == kind]


def ids_of(case):
    return case["id"]


def of_quiz(given, **more):
    """The responses of a case: items with options and key, answers, totals."""
    items = [
        {
            "item_id": item["id"],
            "position": item["position"],
            "title": "<p>Question text</p>",
            "item_type": item["type"],
            "points_possible": float(item["points"]),
            "options": [
                {"id": o, "text": o, "correct": o == item["correct"]}
                for o in item["options"]
            ],
        }
        for item in given["items"]
    ]
    rows = [
        {
            "student_id": student,
            "item_id": item["id"],
            "response": answer,
            "score": float(item["points"] * (answer == item["correct"])),
            "recorded_score": total,
        }
        for student, answers, total in zip(
            given["students"], given["responses"], given["scores"], strict=True
        )
        for item, answer in zip(given["items"], answers, strict=True)
    ]
    return qa.Responses.from_arrow(
        pa.Table.from_pylist(rows), pa.Table.from_pylist(items), **more
    )


def bucket_sizes(totals, cuts=inner.CUTS):
    values = np.array([round(t * NANO) for t in totals], np.int64)
    zeros = np.zeros(len(values), np.int64)
    level = inner.buckets(zeros, values, zeros + 1, cuts)
    return dict(
        zip(
            ("bottom", "middle", "top"),
            np.bincount(level, minlength=3).tolist(),
            strict=True,
        )
    )


def near(ours, theirs, tolerance=1e-12):
    if theirs is None or ours is None:
        assert ours == theirs
    else:
        assert ours == pytest.approx(theirs, abs=tolerance, rel=tolerance)


def test_every_case_about_the_reports_is_carried_and_the_others_have_a_reason():
    if not ELSEWHERE.exists():
        pytest.skip("the collection of cases is not at hand")
    for case in json.loads(ELSEWHERE.read_text()):
        if case["kind"] in LEFT_OUT or case["id"] in LEFT_OUT_CASES:
            assert case["id"] not in CASES
        else:
            assert CASES[case["id"]] == case


def test_item_analysis_of_the_known_quiz_is_that_file():
    case = CASES["ia-csv-1"]
    table = canvas.item_analysis(of_quiz(case["input"]))
    assert table.column_names == case["expected"]["header"]
    for ours, theirs in zip(table.to_pylist(), case["expected"]["rows"], strict=True):
        for name, text in theirs.items():
            if name in ("Question Id", "Question Title", "Alpha"):
                assert ours[name] == text
            elif name.endswith("Count"):
                assert str(ours[name]) == text
            else:
                near(ours[name], None if text is None else float(text))


QUIZZES = [c for c in of_kind("item_analysis_figures") if "items" in c["input"]]


@pytest.mark.parametrize("case", QUIZZES, ids=ids_of)
def test_figures_of_items(case):
    expected, tolerance = case["expected"], case.get("tolerance", 1e-12)
    responses = of_quiz(case["input"])
    table = canvas.item_analysis(responses)
    rows = table.to_pylist()
    assert set(table["Alpha"].to_pylist()) == {"N/A"}
    if "item" in expected:
        row = next(r for r in rows if r["Question Id"] == expected["item"])
        check_item(row, expected, tolerance)
        return
    for row, item in zip(rows, expected.get("items", ()), strict=False):
        check_item(row, item, tolerance)
    assert {row["Quiz Question Count"] for row in rows} == {
        expected.get("item_count", len(rows))
    }
    for key, value in about_totals(responses).items():
        if key in expected:
            near(value, expected[key], tolerance)
    if "scores" in expected:
        recorded = responses.submissions["recorded_score"].to_pylist()
        assert recorded == expected["scores"]
    if "buckets" in expected:
        check_buckets(case["input"], expected["buckets"])
    if "buckets_sizes" in expected:
        assert bucket_sizes(case["input"]["scores"]) == expected["buckets_sizes"]


def about_totals(responses):
    parts = inner.counted(responses).parts
    alpha = inner.item_figures(parts).alpha[0]
    alpha = None if np.isnan(alpha) else alpha
    variance = float(inner.total_variance(parts)[0])
    return {
        "alpha": alpha,
        "alpha_ungated": alpha,
        "variance": variance,
        "total_variance": variance,
        "stdev": variance**0.5,
    }


NAMES = {
    "num_respondents": "Answered Student Count",
    "answered": "Answered Student Count",
    "correct": "Correct Student Count",
    "incorrect": "Wrong Student Count",
    "wrong": "Wrong Student Count",
    "top": "Top Student Count",
    "middle": "Middle Student Count",
    "bottom": "Bottom Student Count",
    "top_correct": "Correct Top Student Count",
    "middle_correct": "Correct Middle Student Count",
    "variance": "Variance",
    "stdev": "Standard Deviation",
    "sd": "Standard Deviation",
    "difficulty_index": "Difficulty Index",
    "correct_ratio": "Correct Student Ratio",
}


def check_item(row, expected, tolerance):
    for key, value in expected.items():
        if key == "point_biserials":
            columns = [name for name in row if name.startswith("Point Biserial")]
            for name, figure in zip(columns, value, strict=False):
                near(row[name], figure, tolerance)
        elif key in ("top_incorrect", "middle_incorrect"):
            group = key.split("_")[0].capitalize()
            wrong = (
                row[f"{group} Student Count"] - row[f"Correct {group} Student Count"]
            )
            assert wrong == value
        elif key != "item":
            near(row[NAMES[key]], value, tolerance)


def check_buckets(given, expected):
    values = np.array([round(t * NANO) for t in given["scores"]], np.int64)
    zeros = np.zeros(len(values), np.int64)
    level = inner.buckets(zeros, values, zeros + 1)
    for number, name in enumerate(("bottom", "middle", "top")):
        there = [
            s for s, v in zip(given["students"], level, strict=True) if v == number
        ]
        assert there == expected[name]


def test_variances_of_few_values():
    case = CASES["variance-degenerate"]
    for values, expected in zip(
        case["input"]["values"], case["expected"]["variance"], strict=True
    ):
        answers = ["T" if value else "F" for value in values] or [None]
        item = {
            "id": "1",
            "type": "true_false_question",
            "options": ["T", "F"],
            "correct": "T",
            "points": 1,
            "position": 1,
        }
        quiz = {
            "students": [f"s{i}" for i in range(len(answers))],
            # Without any answer at all nothing is known to be blank.
            "items": [item, item | {"id": "2", "position": 2}],
            "responses": [[answer, "T"] for answer in answers],
            "scores": [float(answer == "T") for answer in answers],
        }
        row = canvas.item_analysis(of_quiz(quiz)).to_pylist()[0]
        assert row["Variance"] == expected
        assert row["Standard Deviation"] == expected**0.5
        assert row["Answered Student Count"] == len(values)
        assert row["Correct Student Ratio"] == (np.mean(values) if values else 0)


@pytest.mark.parametrize("case", of_kind("item_analysis_buckets"), ids=ids_of)
def test_buckets(case):
    given, expected = case["input"], case["expected"]
    if "n" in given:
        for n, top, middle, bottom in expected["rows"]:
            sizes = {"top": top, "middle": middle, "bottom": bottom}
            assert bucket_sizes(range(n)) == sizes
        return
    cuts = tuple(cut for _, cut in given.get("cutoffs", ()))[:2] or inner.CUTS
    sizes = bucket_sizes(given["scores"], cuts)
    if "sizes" in expected:
        assert sizes == expected["sizes"]
    for name, (share, margin) in expected.get("share", {}).items():
        assert abs(sizes[name] / len(given["scores"]) - share) <= margin


def test_only_choices_between_options_become_items():
    case = CASES["item-3"]
    kinds = case["input"]["question_types"]
    rows = [
        {
            "student_id": "s",
            "item_id": kind,
            "response": "T",
            "score": 1,
            "item_type": k,
        }
        for kind, k in zip(kinds, kinds, strict=True)
    ]
    table = canvas.item_analysis(qa.Responses.from_arrow(pa.Table.from_pylist(rows)))
    there = table["Question Id"].to_pylist()
    assert [kind in there for kind in kinds] == case["expected"]["is_item"]


def one(kind, response, *, score=1.0, options=None, **more):
    """The only row of a student analysis of one answer."""
    row = {"student_id": "7", "item_id": "1", "response": response, "score": score}
    item = {"item_id": "1", "item_type": kind, "points_possible": 1.0, "title": "Text"}
    if options is not None:
        item["options"] = options
    responses = qa.Responses.from_arrow(
        pa.Table.from_pylist([row]), pa.Table.from_pylist([item])
    )
    return canvas.student_analysis(responses, **more).to_pylist()[0]


def cell(kind, response, **more):
    return one(kind, response, **more)["1: Text"]


def raw_cell(question, response):  # noqa: PLR0911  one for each type
    """Raw text of an answer, by the function of its type."""
    kind = question["type"].removesuffix("_question")
    answers = question.get("answers", [])
    texts = [canvas.option_text(a.get("text", ""), a.get("html", "")) for a in answers]
    if kind == "multiple_choice":
        return texts[response]
    if kind == "multiple_answers":
        return canvas.cell_of_answers(texts[i] for i in sorted(response))
    if kind == "fill_in_multiple_blanks" and isinstance(response, dict):
        return canvas.cell_of_blanks(map(response.get, question["blanks"]))
    if kind == "calculated":
        drawn = [
            (v["name"], v["value"]) for a in answers[:1] for v in a.get("variables", [])
        ]
        drawn = drawn or [("x", 1)] * ("variables" in question)
        return canvas.cell_of_formula(drawn, response)
    if kind == "file_upload":
        return canvas.cell_of_upload([response["display_name"]])
    if isinstance(response, dict):
        keyed = {a["id"]: a["text"] for a in answers}
        return keyed.get(response["answer_id"], response["text"])
    return response


CELLS = [c for c in of_kind("student_analysis_cell") if "question" in c["input"]]


@pytest.mark.parametrize("case", CELLS, ids=ids_of)
def test_cells_of_every_type(case):
    given, expected = case["input"], case["expected"]
    text = canvas.html_to_text(raw_cell(given["question"], given["response"]))
    if "cell" in expected:
        assert text == expected["cell"]
    else:
        assert text.endswith(",calculated")


@pytest.mark.parametrize("case", CELLS, ids=ids_of)
def test_cells_of_every_type_in_a_report(case):
    given, expected = case["input"], case["expected"]
    question, response = given["question"], given["response"]
    options = [
        {"id": str(a.get("id", i)), "text": a.get("text") or a.get("html") or str(i)}
        for i, a in enumerate(question.get("answers", []))
    ]
    match response:
        case int():
            response = str(response)
        case list():
            response = [str(i) for i in reversed(response)]
        case {"answer_id": known}:
            response = str(known)
        case {"display_name": name}:
            response = name
        case dict():
            response = list(response.values())
    if question["type"] == "calculated_question":
        response = raw_cell(question, response)
    said = {"options": options} if options else {}
    text = cell(question["type"], response, **said)
    if "cell" in expected:
        assert text == expected["cell"]
    else:
        assert text.endswith(",calculated")


def test_what_of_cells_is_not_about_answers():
    account = CASES["sa-root-account"]
    row = list(lead_row(root_account=account["input"]["account_host"]).values())
    assert row[account["expected"]["cell_index"]] == account["expected"]["cell"]
    row = list(lead_row(root_account="school1", sis_ids=False).values())
    assert row[2] is None
    row = list(lead_row(student="logged-out-1").values())
    assert row[:3] == CASES["sa-loggedout"]["expected"]["cells_0_to_2"]


def test_sections_are_joined():
    case = CASES["sa-sections"]
    given, expected = case["input"], case["expected"]
    row = lead_row(
        name=given["name"],
        sis_id=given["sis_id"],
        section_names=[s["name"] for s in given["sections"]],
        section_sis_ids=[s["sis"] for s in given["sections"]],
    )
    assert row["name"] == expected["cell0"]
    assert list(row.values())[2] == expected["cell2"]
    between = expected["separator"]
    assert set(row["section"].split(between)) == set(expected["section_contains"])
    sis = set(row["section_sis_id"].split(between))
    assert sis == set(expected["section_sis_id_contains"])
    row = lead_row(section_names=["A", "B"], section_sis_ids=["x", None])
    assert row["section_sis_id"] == "x, "


def lead_row(student="7", root_account=None, *, sis_ids=True, **about):
    tidy = {"student_id": [student], "item_id": ["1"], "score": [1]}
    person = {"student_id": student, "sis_id": "s1", **about}
    responses = qa.Responses.from_arrow(
        pa.table(tidy), students=pa.Table.from_pylist([person])
    )
    return canvas.student_analysis(
        responses, root_account=root_account, sis_ids=sis_ids
    ).to_pylist()[0]


@pytest.mark.parametrize("case", of_kind("student_analysis_columns"), ids=ids_of)
def test_columns(case):
    given, expected = case["input"], case["expected"]
    tidy = {"student_id": ["7"], "item_id": ["q"], "title": ["<b>T</b>"], "score": [1]}
    table = canvas.student_analysis(
        qa.Responses.from_arrow(pa.table(tidy)),
        attempt="all" if given.get("includes_all_versions") else "kept",
        sis_ids=given["includes_sis_ids"],
        anonymous=given["anonymous"],
        root_account="school1" if given.get("trust_exists") else None,
    )
    names = {
        "<question id>: <question text>": "q: T",
        "<points possible>": "1.0",
    }
    assert table.column_names == [names.get(n, n) for n in expected["columns"]]
    assert table.num_columns == expected.get("column_count", table.num_columns)


@pytest.mark.parametrize("case", of_kind("submission_statistics"), ids=ids_of)
def test_statistics_of_totals_are_those_of_the_reports(case):
    # The histogram that Canvas draws beside them is on the screen only.
    totals = case["input"]["scores"]
    rows = [
        {"student_id": str(i), "item_id": "1", "score": points, "recorded_score": total}
        for i, (points, total) in enumerate(
            zip(case["input"].get("question_points", ()), totals, strict=True)
        )
    ]
    none = qa.Responses.from_matrix([[1]]).where(quiz=[])
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows)) if rows else none
    scores = canvas.student_analysis(responses)["score"].to_pylist()
    found = dict.fromkeys(("average", "high", "low", "stdev"))
    if scores:
        variance = inner.total_variance(inner.counted(responses).parts)[0]
        figures = (np.mean(scores), max(scores), min(scores), variance**0.5)
        found = dict(zip(found, figures, strict=True))
    for name, value in found.items():
        near(value, case["expected"][f"score_{name}"], case.get("tolerance", 0))


def test_three_questions_make_sixteen_columns():
    responses = qa.Responses.from_matrix([[1, 1, 0]])
    count = CASES["sa-fimb-1"]["expected"]["column_count"]
    assert canvas.student_analysis(responses).num_columns == count


def test_what_counts_as_correct():
    case = CASES["sa-d-ncorrect"]
    made = {
        True: ("multiple_choice_question", "a", 1.0),
        "partial": ("multiple_answers_question", "a,b", 0.5),
        "undefined": ("essay_question", "Hm.", None),
        "defined": ("essay_question", "No.", 0.0),
        "no_score": ("text_only_question", None, 0.0),
        False: ("multiple_choice_question", "b", 0.0),
        None: ("multiple_choice_question", None, 0.0),
    }
    rows = [
        {
            "student_id": "7",
            "item_id": str(i),
            "item_type": kind,
            "points_possible": 0.0 if "only" in kind else 1.0,
            "response": answer,
            "score": score,
        }
        for i, (kind, answer, score) in enumerate(
            made[value] for value in case["input"]["correct_values"]
        )
    ]
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows))
    row = canvas.student_analysis(responses).to_pylist()[0]
    counted = {"n_correct": row["n correct"], "n_incorrect": row["n incorrect"]}
    assert counted == case["expected"]
    expected = tuple(case["expected"].values())
    assert rules.marks(case["input"]["correct_values"]) == expected


def test_previews_and_the_test_student_are_not_counted():
    header = "name,id,section,section_id,submitted,1: T,1.0,n correct,n incorrect,score"
    row = "Test Student,9,A,1,2026-10-01 09:00:00 UTC,x,1.0,1,0,1.0"
    responses = qa.read(io.StringIO(f"{header}\n{row}\n"))
    table = canvas.student_analysis(responses)
    expected = CASES["sa-excluded"]["expected"]
    assert table.num_rows == expected["unique_submission_count"]
    assert canvas.item_analysis(responses).num_rows == 0


@pytest.mark.parametrize("case", of_kind("strip_tags"), ids=ids_of)
def test_tags_are_stripped(case):
    text, expected = case["input"]["text"], case["expected"]["text"]
    assert canvas.strip_tags(text) == expected
    assert rules.strip_tags(text) == expected


PIECES = ["<", "</", ">", "\n", "&", "&#", "#", ";", "x41", "65", "1114112", "55296"]
PIECES += ["amp", "é", " ", "_", "b"]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_stripping_equals_the_rule_written_out(text):
    assert canvas.strip_tags(text) == rules.strip_tags(text)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        (" a\n  b ", "a b"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("one<p>two</p>three", "one\n\ntwo\n\nthree"),
        ("<p>a<p>b<div><div>c</div></div>", "a\n\nb\n\nc"),
        ("<pre>a\n  b</pre>  c\nd", "a\nb\n\nc d"),
        ("<ul><li>a</li><li>b</li></ul>", "* a\n\n* b"),
        (
            "<h1>Big</h1><h2>Two<br>lines</h2>",
            "***\nBig\n***\n\n-----\nTwo\nlines\n-----",
        ),
        ("<h4>Low</h4>x", "Low\n---\n\nx"),
        ('<img src="/i" alt="cat"><img src="/j">', "[cat] (/i)/j"),
        ('<a href="/x">here</a> <a href="y">y</a> <a>z</a>', "[here] (/x) y z"),
        ("a<script>var b = '<p>'</script><link rel=x>c", "ac"),
        ("<b>x</i></b>&lt;&amp;&nbsp;&#x27;&eacute;", "x<&\xa0'é"),
        ("6 < 7 and 8 > 7, a<!-- b -->", "6 < 7 and 8 > 7, a"),
        ("Which holds if (a <![b])?", "Which holds if (a <![b])?"),
        ("<![if !supportLists]>a<![endif]><br>b", "a\nb"),
        (f"<b>&#{'9' * 5_000};</b>", "\ufffd"),
        ("<h1>One <h3>two</h3></h1>", "***\nOne\n\ntwo\n***"),
        ("<h1>a <div>b</div></h1>", "*\na\n\nb\n*"),
        ("<a href='/x'><a href='/y'>z</a></a>", "[[z] (/y)] (/x)"),
        ("<a href='/x'><b>/x</b></a><a href='ab'>cd</a>", "/x[cd] (ab)"),
        ("<style>p</style>a<b", "pa<b"),
    ],
)
def test_html_becomes_text(html, text):
    assert canvas.html_to_text(html) == text


def test_deep_html_ends():
    text = canvas.html_to_text("<div><p>" * 3000 + "x")
    assert text == "x"


def doubled_costs(make, n):
    """How many times as long twice as much takes; 1 while that takes hardly any."""

    def cost(html):
        start = time.process_time()
        canvas.html_to_text(html)
        return time.process_time() - start

    twice = min(cost(make(2 * n)) for _ in range(2))
    return 1 if twice < 0.3 else twice / max(cost(make(n)) for _ in range(2))


@pytest.mark.parametrize("part", [*MARKUP, "<p>", "<h1><b>", "<a href=x>y", "<li>"])
@pytest.mark.parametrize("end", ["", ">", "</p>" * 5_000])
def test_html_that_is_never_closed_takes_time_by_its_length(part, end):
    assert doubled_costs(lambda size: part * (size // len(part)) + end, 40_000) < 3


def test_headings_in_one_another_do_not_multiply_the_text():
    html = "<h1>" * 1_000 + "x" * 1_000
    assert len(canvas.html_to_text(html)) < 2 * len(html)


OPTIONS = [
    {"id": "1", "text": "blue", "correct": True},
    {"id": "2", "text": "red, dark", "correct": True},
    {"id": "3", "text": "<i>green</i>", "correct": False},
]


@pytest.mark.parametrize(
    ("kind", "response", "text"),
    [
        ("multiple_choice_question", "3", "green"),
        ("multiple_choice_question", "2", "red, dark"),
        ("multiple_choice_question", ["2"], "red, dark"),
        ("multiple_choice_question", "gone", "gone"),
        ("multiple_answers_question", ["3", "2"], r"red\, dark,green"),
        ("multiple_answers_question", "2", r"red\, dark"),
        ("multiple_answers_question", [], ""),
        ("multiple_answers_question", r"red\, dark,blue", r"red\, dark,blue"),
        ("multi-answer", ["3", "2"], r"red\, dark,green"),
        ("multiple_dropdowns_question", ["3", None, "2", ""], r"green,red\, dark"),
        ("fill_in_multiple_blanks_question", ["3", "1"], "3,1"),
        ("short_answer_question", "1", "blue"),
        (None, ["3", "1"], "blue,green"),
    ],
)
def test_chosen_options_are_written_by_their_texts(kind, response, text):
    assert cell(kind, response, options=OPTIONS) == text


@pytest.mark.parametrize(
    ("kind", "response", "text"),
    [
        ("fill_in_multiple_blanks_question", ["a", None, "", "b,c"], r"a,,b\,c"),
        ("multiple_dropdowns_question", ["a", "", None, "b"], "a,b"),
        ("matching_question", ["x=>y, z", "w=>"], r"x=>y\, z,w=>"),
        ("calculated_question", ["x=>4.3", "25,3"], r"x=>4.3,25\,3"),
        ("calculated_question", ["25,3"], r"25\,3"),
        ("short_answer_question", ["Well, yes"], "Well, yes"),
        ("file_upload_question", ["Lab 3, final.R", "old.R"], "Lab 3, final.R"),
        ("file-upload", ["a.R"], "a.R"),
        ("essay_question", ["Well, yes"], "Well, yes"),
        ("essay_question", "line\n\nline < 3 & more", "line\n\nline < 3 & more"),
        ("essay_question", "<p>line\nline</p><p>x</p>", "line line\n\nx"),
    ],
)
def test_answers_in_parts_and_in_words(kind, response, text):
    assert cell(kind, response) == text


def test_answers_can_be_said_to_be_html_or_not():
    assert cell("essay_question", "a\nb<i>c</i>", html=True) == "a bc"
    assert cell("essay_question", "a\nb", html=True) == "a b"
    assert cell("essay_question", "vector<int>", html=False) == "vector<int>"


def test_matching_escapes_arrows_and_commas():
    pairs = [("a=>b", "c,d"), ("e", None)]
    assert canvas.cell_of_matching(pairs) == r"a\=>b=>c\,d,e=>"


def test_rows_and_questions_in_canvas_order():
    start = datetime(2026, 10, 1, 9, tzinfo=UTC)
    rows = [
        ("ann", 1, 0, "1", "x", 1.0),
        ("ann", 1, 0, "b2", "x", 1.0),
        ("logged-out-2", 1, 9, "1", "x", 0.0),
        ("bob", 1, 5, "1", "x", 1.0),
        ("bob", 1, 5, "b1", None, 0.0),
        ("bob", 2, 7, "1", "x", 0.0),
        ("cem", 1, None, "2", "x", 1.0),
    ]
    names = ("student_id", "attempt", "submitted_at", "item_id", "response", "score")
    tidy = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    stamps = [
        None if row[2] is None else start + timedelta(hours=row[2]) for row in rows
    ]
    tidy = tidy.set_column(2, "submitted_at", pa.array(stamps))
    items = {
        "item_id": ["2", "b1", "1", "b2", "b3"],
        "position": [1, 3, 2, 3, 3],
        "points_possible": [2.5, 1.0, 1.0, 1.0, 1.0],
    }
    responses = qa.Responses.from_arrow(tidy, pa.table(items))
    table = canvas.student_analysis(responses, attempt="all")
    assert table["submitted"].to_pylist() == [
        "2026-10-01 16:00:00 UTC",
        "2026-10-01 14:00:00 UTC",
        "2026-10-01 09:00:00 UTC",
        None,
        "2026-10-01 18:00:00 UTC",
    ]
    assert table["id"].to_pylist() == ["bob", "bob", "ann", "cem", ""]
    assert table["attempt"].to_pylist() == [2, 1, 1, 1, 1]
    assert table.column_names[8:] == [
        *("2: ", "2.5", "1: ", "1.0", "b1: ", "1.0", "b2: ", "1.0"),
        *("n correct", "n incorrect", "score"),
    ]
    # Blank is an empty text with points, not shown is neither.
    assert table["b1: "].to_pylist() == [None, "", None, None, None]
    assert table.column(13).to_pylist() == [None, 0.0, None, None, None]
    kept = canvas.student_analysis(responses)
    assert kept["id"].to_pylist() == ["bob", "ann", "cem", ""]
    assert kept["submitted"][0].as_py() == "2026-10-01 14:00:00 UTC"


def test_several_quizzes_are_refused_and_counted_apart():
    tidy = pa.table(
        {
            "quiz_id": ["a", "a", "b", "b"],
            "student_id": ["s", "t", "s", "t"],
            "item_id": ["1", "1", "1", "1"],
            "response": ["x", "y", "x", "y"],
            "score": [1, 0, 0, 1],
        }
    )
    responses = qa.Responses.from_arrow(tidy)
    for report in (canvas.item_analysis, canvas.student_analysis):
        with pytest.raises(ValueError, match=r"where\(quiz="):
            report(responses)
    found = inner.item_figures(inner.counted(responses).parts)
    for number, quiz in enumerate("ab"):
        alone = canvas.item_analysis(responses.where(quiz=quiz)).to_pylist()[0]
        assert alone["Answered Student Count"] == found.n[:, number].sum()
        near(found.point_biserial[0, number], alone["Point Biserial of Correct"])


def test_a_tally_of_parts_gives_the_same_report():
    case = CASES["ia-csv-1"]
    responses = of_quiz(case["input"])
    tally = qa.Tally.of(responses.batches(2), blank="omit", total="recorded")
    assert canvas.item_analysis(tally).equals(canvas.item_analysis(responses))
    with pytest.raises(ValueError, match="recorded"):
        canvas.item_analysis(qa.Tally.of(responses))


@pytest.mark.parametrize("word", ["first", "last", "best", "kept"])
def test_one_attempt_has_no_column_of_that_name(word):
    rows = [
        {"student_id": "s", "attempt": n, "item_id": "1", "score": float(score)}
        for n, score in ((1, 0), (2, 1), (3, 1), (4, 0))
    ]
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows))
    table = canvas.student_analysis(responses, attempt=word)
    assert table["score"].to_pylist() == [float(word in ("best", "kept"))]
    assert "attempt" not in table.column_names
    every = canvas.student_analysis(responses, attempt="all")
    assert sorted(every["attempt"].to_pylist()) == [1, 2, 3, 4]


def test_unknown_words_are_refused():
    with pytest.raises(ValueError, match="kept or all"):
        canvas.student_analysis(qa.Responses.from_matrix([[1]]), attempt="latest")


def test_nothing_gives_empty_reports():
    none = qa.Responses.from_matrix([[1, 0]]).where(quiz=[])
    assert canvas.item_analysis(none).column_names == rules.COLUMNS
    assert canvas.item_analysis(none).num_rows == 0
    assert canvas.student_analysis(none).num_rows == 0


def test_items_without_a_type_are_judged_by_their_answers():
    answers = {
        "choice": (["a", "b", "a", "c"], [1, 0, 1, 0]),
        "partial": (["a", "b", "a", "c"], [1, 0.5, 1, 0]),
        "two keys": (["a", "b", "a", "c"], [1, 1, 1, 0]),
        "matching": (["x=>a", "x=>b", "x=>a", "x=>b"], [1, 0, 1, 0]),
        "blank": ([None] * 4, [0, 0, 0, 0]),
        "ungraded": (["a", "b", "a", "c"], [None] * 4),
    }
    rows = [
        {
            "student_id": f"s{i}",
            "item_id": item,
            "response": response,
            "score": None if score is None else float(score),
            "points_possible": 1.0,
        }
        for item, (responses, scores) in answers.items()
        for i, (response, score) in enumerate(zip(responses, scores, strict=True))
    ]
    table = canvas.item_analysis(qa.Responses.from_arrow(pa.Table.from_pylist(rows)))
    assert table["Question Id"].to_pylist() == ["choice"]
    bare = canvas.item_analysis(qa.Responses.from_matrix([[1, 0.5], [0, 1], [1, 0]]))
    assert bare["Question Id"].to_pylist() == ["i1"]
    assert bare["Correct Student Count"].to_pylist() == [2]
    near(bare["Point Biserial of Correct"][0].as_py(), 0.5)


def choice(number, options="ABCD", correct="A", points=1):
    """An item of a case."""
    return {
        "id": str(number),
        "type": "multiple_choice_question",
        "options": list(options),
        "correct": correct,
        "points": points,
        "position": number,
    }


def quiz_of(answers, **about):
    """A case: rows of letters, blank where it is a dot; keyed A unless said."""
    items = [choice(number, **about) for number in range(1, len(answers[0]) + 1)]
    rows = [[None if a == "." else a for a in row] for row in answers]
    key = about.get("correct", "A")
    return {
        "students": [f"s{i}" for i in range(len(rows))],
        "items": items,
        "responses": rows,
        "scores": [float(row.count(key)) for row in rows],
    }


@pytest.mark.parametrize("parts", [1, 2])
def test_a_deleted_option_is_wrong_and_has_no_column(parts):
    # 4 respondents with totals 1, 0, 0, 2; B stands between totals of mean 1 and 0.
    given = quiz_of(["Z", "A", "B", "A"], options="ABC")
    given["scores"] = [1.0, 1.0, 0.0, 2.0]
    responses = of_quiz(given)
    tally = qa.Tally.of(responses.batches(parts), blank="omit", total="recorded")
    for source in (responses, tally):
        table = canvas.item_analysis(source)
        assert table.column_names[-1] == "Point Biserial of Distractor 3"
        (row,) = table.to_pylist()
        assert row["Answered Student Count"] == 4
        assert (row["Correct Student Count"], row["Wrong Student Count"]) == (2, 2)
        # Deviations from the mean 1 are 0, 0, -1, 1: the variance is a half.
        near(row["Point Biserial of Correct"], (1.5 - 0.5) / 0.5**0.5 * 0.5)
        near(row["Point Biserial of Distractor 2"], (0 - 4 / 3) / 0.5**0.5 * 3**0.5 / 4)
        assert row["Point Biserial of Distractor 3"] is None


def test_what_is_the_same_for_all_has_no_correlation():
    rows = canvas.item_analysis(of_quiz(quiz_of(["AA", "AA", "AA"]))).to_pylist()
    for row in rows:
        assert [v for n, v in row.items() if n.startswith("Point")] == [None] * 4
        assert (row["Top Student Count"], row["Bottom Student Count"]) == (3, 0)


@pytest.mark.parametrize(("n_items", "alpha"), [(15, "N/A"), (16, "1.0")])
def test_alpha_is_shown_from_sixteen_items_on(n_items, alpha):
    # Item variances of 1/4 each; totals 0 and 16: 16/15 (1 - 4/64) = 1.
    table = canvas.item_analysis(of_quiz(quiz_of(["A" * n_items, "B" * n_items])))
    assert set(table["Alpha"].to_pylist()) == {alpha}


def test_printed_cells_are_those_of_the_known_file():
    case = CASES["ia-csv-1"]
    rows = canvas.printed(canvas.item_analysis(of_quiz(case["input"]))).to_pylist()
    for ours, theirs in zip(rows, case["expected"]["rows"], strict=True):
        for name, text in theirs.items():
            # Sums of doubles in another order differ in the last digit or two.
            if text is None or "." not in text:
                assert ours[name] == text
            else:
                assert "." in ours[name]
                near(float(ours[name]), float(text))


@pytest.mark.parametrize(
    ("answers", "ratio", "variance", "deviation"),
    [
        ((".A", ".A"), "0", "0", "0.0"),
        (("AA", ".A"), "1.0", "0", "0.0"),
        (("AA", "AA"), "1.0", "0.0", "0.0"),
        (("AA", "BA"), "0.5", "0.25", "0.5"),
    ],
)
def test_cells_of_few_answers_are_printed_as_whole_zeros(
    answers, ratio, variance, deviation
):
    table = canvas.printed(canvas.item_analysis(of_quiz(quiz_of(answers))))
    row = table.to_pylist()[0]
    assert row["Correct Student Ratio"] == row["Difficulty Index"] == ratio
    assert row["Variance"] == variance
    assert row["Standard Deviation"] == deviation


def test_points_are_printed_with_a_point():
    tidy = {"student_id": ["7"], "item_id": ["1"], "title": ["T"], "response": ["x"]}
    items = pa.table({"item_id": ["1"], "points_possible": [2 / 3]})
    responses = qa.Responses.from_arrow(pa.table({**tidy, "score": [0.5]}), items)
    table = canvas.printed(canvas.student_analysis(responses))
    assert table.column_names[-5:] == ["1: T", "0.666666667", *table.column_names[-3:]]
    cells = [column[0].as_py() for column in table.columns[-5:]]
    assert cells == ["x", "0.5", "1", "0", "0.5"]


def test_scores_without_answers_go_by_full_points():
    tidy = {"student_id": ["s", "t"], "item_id": ["1", "1"], "score": [1.0, 0.0]}
    items = pa.Table.from_pylist([{"item_id": "1", "options": OPTIONS}])
    table = canvas.item_analysis(qa.Responses.from_arrow(pa.table(tidy), items))
    assert table["Correct Student Count"].to_pylist() == [1]
    assert table.num_columns == len(rules.COLUMNS)


def test_several_choices_in_one_answer_are_no_item():
    rows = [
        {"student_id": "s", "item_id": "1", "response": ["1", "2"], "score": 1.0},
        {"student_id": "t", "item_id": "1", "response": ["1"], "score": 0.5},
    ]
    items = pa.Table.from_pylist([{"item_id": "1", "options": OPTIONS}])
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows), items)
    assert canvas.item_analysis(responses).num_rows == 0


KINDS = ["multiple_choice_question", "true_false_question", "essay_question"]
TITLES = ["What?", "<p>What?</p>", "A &amp; B", "x < y"]


@st.composite
def quizzes(draw):
    """Students with attempts, and items with weighted options."""
    n_items = draw(st.sampled_from([1, 2, 3, 4, 17]))
    items = []
    for number in range(n_items):
        options = list("ABCDE")[: draw(st.integers(1, 5))]
        weights = [draw(st.sampled_from([0, 0, 100])) for _ in options]
        items.append(
            {
                "id": str(number + 8),
                "title": draw(st.sampled_from(TITLES)),
                "type": KINDS[number % 2 if n_items > 4 else draw(st.integers(0, 2))],
                "position": draw(st.sampled_from([1, 2, number + 1])),
                "points": draw(st.sampled_from([1, 2, Fraction(1, 2)])),
                "options": list(zip(options, weights, strict=True)),
            }
        )
    quarter = st.integers(0, 8).map(lambda q: Fraction(q, 4))
    students = []
    for _ in range(draw(st.integers(1, 9))):
        attempts = []
        for number in range(1, draw(st.integers(1, 2)) + 1):
            chosen = {}
            for item in items:
                known = [option for option, _ in item["options"]]
                answers = [*known, "gone", None, "not shown"]
                answer = draw(st.sampled_from(answers))
                if answer != "not shown" or item is items[0]:
                    chosen[item["id"]] = None if answer == "not shown" else answer
            attempts.append(
                {"number": number, "total": draw(quarter), "chosen": chosen}
            )
        students.append(attempts)
    return students, items


def responses_of(students, items):
    by_id = {item["id"]: item for item in items}
    rows = [
        {
            "student_id": f"s{s}",
            "attempt": attempt["number"],
            "item_id": item,
            "response": answer,
            "score": float(attempt["number"] % 2 * by_id[item]["points"]),
            "recorded_score": float(attempt["total"]),
            "status": "not_attempted" if answer is None else None,
        }
        for s, attempts in enumerate(students)
        for attempt in attempts
        for item, answer in attempt["chosen"].items()
    ]
    table = [
        {
            "item_id": item["id"],
            "title": item["title"],
            "item_type": item["type"],
            "position": item["position"],
            "points_possible": float(item["points"]),
            "options": [
                {"id": o, "text": o, "correct": weight == 100}
                for o, weight in item["options"]
            ],
        }
        for item in items
    ]
    # An answer that is no option is of one that was deleted.
    return qa.Responses.from_arrow(
        pa.Table.from_pylist(rows), pa.Table.from_pylist(table)
    )


@given(quizzes())
def test_item_analysis_equals_the_rules_written_out(quiz):
    students, items = quiz
    header, expected = rules.item_analysis(students, items)
    table = canvas.item_analysis(responses_of(students, items))
    assert table.column_names == header
    for ours, theirs in zip(table.to_pylist(), expected, strict=True):
        for name, value in theirs.items():
            if name == "Alpha" and value != "N/A":
                near(float(ours[name]), value, 1e-11)
            elif isinstance(value, str):
                assert ours[name] == value
            else:
                near(ours[name], value)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60))
def test_buckets_equal_the_rule_written_out(totals):
    named = rules.buckets(totals)
    sizes = {name: named.count(name) for name in ("top", "middle", "bottom")}
    assert bucket_sizes(totals) == sizes


@given(quizzes())
def test_student_analysis_takes_the_rows_and_scores_of_the_rules(quiz):
    students, items = quiz
    table = canvas.student_analysis(responses_of(students, items))
    expected = {f"s{s}": float(rules.kept(a)["total"]) for s, a in enumerate(students)}
    ours = dict(zip(table["id"].to_pylist(), table["score"].to_pylist(), strict=True))
    assert ours == expected


def written(table):
    file = io.BytesIO()
    qa.write_csv(table, file, escape=False)
    return file.getvalue()


def test_the_classic_file_of_the_course_is_written_again():
    path = FIXTURES / "course" / "canvas_classic.csv"
    responses = qa.read(path)
    table = canvas.student_analysis(responses, attempt="all")
    data = written(table)
    with path.open(newline="", encoding="utf-8") as file:
        theirs = list(csv.reader(file))
    ours = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert ours[0] == theirs[0]
    # What counts as correct depends on the types, which the file does not have.
    skipped = {theirs[0].index("n correct"), theirs[0].index("n incorrect")}
    for mine, row in zip(ours[1:], theirs[1:], strict=True):
        for at, (cell_of_ours, text) in enumerate(zip(mine, row, strict=True)):
            if at not in skipped and cell_of_ours != text:
                assert float(cell_of_ours) == float(text)
    again = qa.read(io.BytesIO(data), quiz_id="canvas_classic")
    assert again == responses


def test_the_course_with_types_gives_the_file_canvas_would_write():
    course = FIXTURES / "course"
    parts = [
        pq.read_table(course / f"{name}.parquet")
        for name in ("tidy", "tidy_items", "tidy_students")
    ]
    table = canvas.student_analysis(qa.Responses.from_arrow(*parts), attempt="all")
    with (course / "canvas_classic.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    ids = [name.split(":")[0] for name in header]
    assert [name.split(":")[0] for name in table.column_names] == ids
    differ = []
    for at, name in enumerate(header):
        for ours, row in zip(table.column(at).to_pylist(), rows, strict=True):
            text = "" if ours is None else str(ours)
            if text != row[at]:
                differ.append((name.split(":")[0], text, row[at]))
    # Canvas lists left sides and variables even when nothing was answered.
    assert {ours for _, ours, _ in differ} <= {""}
    assert all(theirs.endswith((",", "=>")) for _, _, theirs in differ)


@given(quizzes())
def test_reading_our_own_file_gives_the_same_responses(quiz):
    responses = responses_of(*quiz)
    table = canvas.student_analysis(responses, attempt="all")
    again = qa.read(io.BytesIO(written(table)), quiz_id="quiz")
    keys = ("student_id", "attempt", "item_id")
    kept = ("response", "score", "status", "recorded_score")

    def content(of):
        return {
            tuple(row[k] for k in keys): tuple(row[k] for k in kept)
            for row in of.to_arrow().to_pylist()
            if row["status"] != "not_shown"
        }

    assert content(again) == content(responses)


def test_printed_figures_below_zero_have_no_apostrophe_in_csv():
    course = qa.read(FIXTURES / "course" / "canvas_classic.csv")
    table = canvas.printed(canvas.item_analysis(course))
    file = io.BytesIO()
    qa.write_csv(table, file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    cells = [row["Point Biserial of Distractor 2"] for row in rows]
    assert any(cell.startswith("-0.") for cell in cells)
    assert not any(cell.startswith("'") for cell in cells)


def typed(kind, answers, options=None, *, scores=None):
    """The answers of one question, as they stand in the report."""
    n = len(answers)
    table = pa.table(
        {
            "student_id": [f"s{i}" for i in range(n)],
            "item_id": ["q"] * n,
            "item_type": pa.array([kind] * n, pa.string()),
            "response": answers,
            "score": scores or [0.0] * n,
            "points_possible": [1.0] * n,
        }
    )
    items = None
    if options:
        given = [{"id": i, "text": t, "correct": c} for i, t, c in options]
        items = pa.table({"item_id": ["q"], "options": [given]})
    cells = canvas.student_analysis(qa.Responses.from_arrow(table, items))
    column = next(i for i, name in enumerate(cells.column_names) if name[:2] == "q:")
    return sorted(cells.column(column).to_pylist())


@pytest.mark.parametrize(
    "kind",
    ["short_answer_question", "numerical_question", "essay_question", None],
)
def test_what_a_student_typed_goes_through_the_parser(kind):
    """Entities are decoded and breaks are line ends, in answers of every kind."""
    assert typed(kind, ["<p>Tom &amp; Jerry<br>3 &lt; 4</p>"]) == ["Tom & Jerry\n3 < 4"]


def test_options_without_their_tags_lose_line_ends_and_runs_of_blanks_too():
    options = [
        ("1", "<p>a</p>\n<p>b</p>", True),
        ("2", "<p>one</p>  <i>two</i> ", None),
    ]
    kind = "multiple_choice_question"
    assert typed(kind, ["1", "2"], options) == ["a b", "one two"]


def test_a_short_answer_is_spelled_like_its_key():
    options = [("1", "Paris", True), ("2", "Lyon", False)]
    answers = ["paris", "  paRIS ", "Rome", "lyon"]
    printed = typed("short_answer_question", answers, options, scores=[1, 1, 0, 0])
    assert printed == ["Paris", "Paris", "Rome", "lyon"]


def test_answers_are_no_numbers_to_the_writer():
    file = io.BytesIO()
    answers = qa.Responses.from_answers([["=1+1"], ["-2+3"]], key=["=1+1"])
    qa.write_csv(canvas.printed(canvas.student_analysis(answers)), file)
    rows = list(csv.reader(io.StringIO(file.getvalue().decode())))
    assert sorted(cell for row in rows[1:] for cell in row if "+" in cell) == [
        "'-2+3",
        "'=1+1",
    ]
