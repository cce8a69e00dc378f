"""What can be given away: nobody's name, and no count of too few by any arithmetic."""

import hmac
import json
from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from test_oracle_agreement import described, read, reasons

import quizanalysis as qa

KEY = b"sixteen bytes or"
GROUPS = ("n_upper", "n_middle", "n_lower")

# ---- pseudonyms ---------------------------------------------------------------------


def test_a_pseudonym_is_what_rfc_4231_prints():
    responses = qa.Responses.from_matrix([[1]], student_ids=["Hi There"])
    (alias,) = responses.pseudonymise(b"\x0b" * 20).students["student_id"].to_pylist()
    assert alias == "b0344c61d8db38535ca8afceaf0bf12b"


@given(strategies.tidy(quizzes=2, students=9, items=3))
def test_pseudonyms_change_no_figure_and_leave_no_name(data):
    responses = read(*described(data))
    hidden = responses.pseudonymise(KEY)
    assert qa.Tally.of(hidden.attempts("last")) == qa.Tally.of(
        responses.attempts("last")
    )
    alias = {
        student: hmac.new(KEY, student.encode(), "sha256").hexdigest()[:32]
        for student in responses.students["student_id"].to_pylist()
    }
    plain = qa.student_analysis(responses, attempt="all").to_pylist()
    kept = qa.student_analysis(hidden, attempt="all").to_pylist()
    for row in plain:
        row.update(student_id=alias[row["student_id"]], name=None, sis_id=None)
    key = ("quiz_id", "student_id", "attempt")
    assert kept == sorted(plain, key=lambda row: [row[name] for name in key])


@given(strategies.tidy(quizzes=2, students=9, items=3), st.data())
def test_pseudonymous_rows_do_not_tell_the_order_of_the_input(data, draw):
    rows, items, students = described(data)
    shuffled = draw.draw(st.permutations(rows))
    one, two = (
        read(own, items, students).pseudonymise(KEY) for own in (rows, shuffled)
    )
    assert one.submissions.equals(two.submissions)
    assert one.students.equals(two.students)


def test_the_same_key_gives_the_same_pseudonym_across_exports():
    monday = qa.Responses.from_matrix([[1, 0], [0, 0]], student_ids=["ann", "bob"])
    tuesday = qa.Responses.from_matrix([[1], [0]], student_ids=["bob", "eve"])
    one, two, other = (
        {*r.pseudonymise(key).students["student_id"].to_pylist()}
        for r, key in ((monday, KEY), (tuesday, KEY), (tuesday, KEY + b"x"))
    )
    assert len(one & two) == 1
    assert not one & other


def test_a_text_is_as_good_a_key_as_its_bytes():
    responses = qa.Responses.from_matrix([[1, 0]])
    assert responses.pseudonymise("ä" * 8) == responses.pseudonymise("ä".encode() * 8)


@pytest.mark.parametrize("key", [b"", b"fifteen bytes..", "a short text"])
def test_a_short_key_is_refused(key):
    with pytest.raises(ValueError, match="at least 16 bytes"):
        qa.Responses.from_matrix([[1]]).pseudonymise(key)


def test_a_key_of_another_type_is_refused():
    with pytest.raises(TypeError, match="bytes or text, not int"):
        qa.Responses.from_matrix([[1]]).pseudonymise(10**20)


# ---- without names -------------------------------------------------------------------


@given(strategies.tidy(quizzes=2, students=9, items=3), st.data())
def test_an_anonymous_report_depends_on_nothing_that_it_does_not_show(data, draw):
    rows, items, students = described(data)
    names = sorted(students)
    other = dict(zip(names, draw.draw(st.permutations(names)), strict=True))
    swapped = [row | {"student_id": other[row["student_id"]]} for row in rows]
    swapped = draw.draw(st.permutations(swapped))
    moved = {
        other[one]: about | {"name": f"Other {one}", "sis_id": None}
        for one, about in students.items()
    }
    files = []
    for own, people in ((rows, students), (swapped, moved)):
        report = qa.analyze(read(own, items, people), anonymous=True)
        for table in (report.student_analysis, report.exclusions):
            for write in (qa.write_csv, qa.write_json):
                write(table, file := BytesIO())
                files.append(file.getvalue())
    assert files[:4] == files[4:]


def test_anonymous_rows_are_numbered_from_the_best():
    scores = [[0, 0], [1, 1], [1, 0]]
    responses = qa.Responses.from_matrix(scores, student_ids=["x", "y", "z"])
    table = qa.student_analysis(responses, anonymous=True, items=True)
    assert table["student_id"].to_pylist() == ["1", "2", "3"]
    assert table["score"].to_pylist() == [2.0, 1.0, 0.0]
    assert table["i2 score"].to_pylist() == [1.0, 0.0, 0.0]
    assert json.loads(table.schema.metadata[b"made"]) == {
        "options": {"attempt": "last", "anonymous": True},
        "input_digest": None,
    }


def test_answers_that_are_lists_can_stand_in_an_anonymous_table():
    tidy = pa.table(
        {
            "student_id": ["a", "b", "c"],
            "item_id": ["q"] * 3,
            "response": [["x", None], None, ["x"]],
            "score": [1.0, 0.0, 1.0],
        }
    )
    responses = qa.Responses.from_arrow(tidy)
    table = qa.student_analysis(responses, anonymous=True, items=True)
    assert table["student_id"].to_pylist() == ["1", "2", "3"]
    assert None in table["q response"].to_pylist()[2:]


def test_a_batch_cannot_be_anonymous():
    responses = qa.Responses.from_matrix([[1, 0]])
    whole = qa.Tally.of(responses, total="recorded")
    with pytest.raises(ValueError, match="all submissions at once"):
        qa.student_analysis(responses, whole=whole, anonymous=True)


# ---- small cells: the attack ---------------------------------------------------------


def found_out(equations, known):
    """The unknown variables that the equations and what is known determine.

    An equation is {variable: coefficient} that adds up to a known number. A variable is
    determined when it is 0 in all that the equations leave free.
    """
    free = sorted({v for one in equations for v in one if v not in known}, key=str)
    if not free:
        return set()
    rows = [[one.get(v, 0) for v in free] for one in equations]
    _, size, turned = np.linalg.svd(np.array(rows, float))
    left = turned[(size > 1e-9).sum() :]
    fixed = (np.abs(left) < 1e-9).all(axis=0) if len(left) else np.ones(len(free), bool)
    return {v for v, known_now in zip(free, fixed, strict=True) if known_now}


def published(table):
    """{(place, column): count} of all counts that are not hidden, none left out."""
    names = [c for c in table.column_names if c == "n" or c.startswith("n_")]
    return {
        (where(row), name): row[name]
        for row in table.to_pylist()
        for name in names
        if row[name] is not None
    }


def where(row):
    ids = ("section", "quiz_id", "item_id", "option")
    return tuple(row[name] for name in ids if name in row)


@st.composite
def classes(draw):
    """Answers to single-choice items, some blank or not graded, in sections."""
    n, k = draw(st.integers(2, 60)), draw(st.integers(1, 3))
    seed = draw(st.integers(0, 2**32 - 1))
    skew = draw(st.lists(st.integers(0, 30), min_size=6, max_size=6).filter(any))
    sizes = draw(st.lists(st.integers(1, 30), min_size=1, max_size=4))
    rng = np.random.default_rng(seed)
    kinds = rng.choice(6, size=(n, k), p=np.array(skew) / sum(skew))
    section = rng.choice(len(sizes), size=n, p=np.array(sizes) / sum(sizes))
    rows = [
        {
            "student_id": f"s{i}",
            "item_id": f"q{j}",
            "response": "ABCD"[kind] if kind < 4 else None,
            "score": None if kind == 5 else float(kind == 0),
            "status": {4: "not_attempted", 5: "not_graded"}.get(kind, "graded"),
        }
        for (i, j), kind in np.ndenumerate(kinds)
        if rng.random() < 0.95
    ]
    options = [{"id": o, "text": o, "correct": o == "A"} for o in "ABCD"]
    about = pa.table(
        {
            "item_id": [f"q{j}" for j in range(k)],
            "points_possible": [1.0] * k,
            "options": [options] * k,
        }
    )
    people = pa.table(
        {
            "student_id": [f"s{i}" for i in range(n)],
            "section_names": [[f"section {one}"] for one in section],
        }
    )
    rows = rows or [{"student_id": "s0", "item_id": "q0", "score": 1.0}]
    return qa.Responses.from_arrow(pa.Table.from_pylist(rows), about, people)


least = st.integers(2, 15)


def hidden_counts(plain, table):
    """{(place, column): count} of the counts of somebody that are hidden."""
    shown = published(table)
    return {v: n for v, n in published(plain).items() if v not in shown and n}


@given(classes(), least)
def test_no_hidden_count_of_an_option_is_found_by_arithmetic(responses, min_cell):
    plain = qa.option_analysis(responses)
    table = qa.suppressed(plain, min_cell)
    known, truth = published(table), published(plain)
    secret = hidden_counts(plain, table)
    assert {v for v, n in truth.items() if 0 < n < min_cell} <= secret.keys()
    for item in {where(row)[:2] for row in plain.to_pylist()}:
        options = [where(row) for row in plain.to_pylist() if where(row)[:2] == item]
        if (options[0], "n_item") not in known:
            assert all(
                (o, name) not in known for o in options for name in ("n", *GROUPS)
            )
            continue
        chosen = [truth[o, "n"] for o in options]
        rest = truth[options[0], "n_item"] - sum(chosen)
        if max(chosen) == truth[options[0], "n_item"]:
            continue  # what everybody chose has the groups of everybody
        beside = {(item, "rest"): rest} if rest >= min_cell or not rest else {}
        equations = [{**{(o, "n"): 1 for o in options}, (item, "rest"): 1}]
        equations += [
            {(o, "n"): 1, **{(o, name): -1 for name in GROUPS}} for o in options
        ]
        for name in GROUPS:
            others = {(item, f"rest {name}"): 1} if rest else {}
            equations.append({**{(o, name): 1 for o in options}, **others})
        seen = found_out(equations, {**known, **beside})
        assert not seen & secret.keys()
        assert (item, "rest") not in seen


@given(classes(), least, st.integers(2, 5))
def test_an_item_with_a_small_cell_has_no_traces(responses, min_cell, groups):
    plain = qa.option_traces(responses, groups=groups).to_pylist()
    table = qa.suppressed(qa.option_traces(responses, groups=groups), min_cell)
    items = {}
    for row in plain:
        items.setdefault(row["item_id"], {}).setdefault(row["group"], []).append(row)
    few = set()
    received = {
        item: sum(rows[0]["n_group"] or 0 for rows in parts.values())
        for item, parts in items.items()
    }
    for item, parts in items.items():
        # Other items tell the submissions, and so those that lack this one.
        if 1e-6 < max(received.values()) - received[item] < min_cell - 1e-6:
            few.add(item)
        for rows in parts.values():
            size = rows[0]["n_group"] or 0
            cells = [size, *((row["n"] or 0) for row in rows)]
            cells.append(size - sum(cells[1:]))
            if any(1e-6 < cell < min_cell - 1e-6 for cell in cells):
                few.add(item)
    for before, after in zip(plain, table.to_pylist(), strict=True):
        if before["item_id"] in few:
            assert after["n"] is after["ratio"] is after["n_group"] is None
        else:
            assert after == before


def rows_of(table):
    """The equations of item rows: their three counts are the submissions."""
    names = ("n", "n_not_shown", "n_not_graded")
    return [
        {**{(where(row), name): 1 for name in names}, ("submissions", owner(row)): -1}
        for row in table.to_pylist()
    ]


def owner(row):
    return row.get("section"), row["quiz_id"]


@given(classes(), least)
def test_no_hidden_count_of_an_item_is_found_by_arithmetic(responses, min_cell):
    plain = qa.item_analysis(responses)
    table = qa.suppressed(plain, min_cell)
    secret = hidden_counts(plain, table)
    small = {v for v, n in published(plain).items() if 0 < n < min_cell}
    assert small <= secret.keys()
    known = published(table)
    if len(responses) >= min_cell:
        # The submissions are known even when no item tells them.
        known["submissions", (None, "quiz")] = len(responses)
    assert not found_out(rows_of(plain), known) & secret.keys()


@given(classes(), least)
def test_no_small_count_of_a_section_is_found_from_the_whole(responses, min_cell):
    whole, plain = qa.item_analysis(responses), qa.item_analysis_by_section(responses)
    hidden, table = (qa.suppressed(one, min_cell) for one in (whole, plain))
    assert not found_out(rows_of(plain), published(table)) & {
        *hidden_counts(plain, table)
    }
    truth = published(plain) | published(whole)
    secret = {v for v, n in truth.items() if 0 < n < min_cell}
    equations = rows_of(plain) + rows_of(whole)
    names = ("n", "n_not_shown", "n_not_graded", "n_blank", "n_complete")
    for row in whole.to_pylist():
        parts = [
            where(own) for own in plain.to_pylist() if where(own)[1:] == where(row)
        ]
        for name in names:
            # Who has every item of the section need not have every item of the whole.
            if sum(truth[part, name] for part in parts) == truth[where(row), name]:
                sums = {(part, name): 1 for part in parts}
                equations.append({**sums, (where(row), name): -1})
    known = published(table) | published(hidden)
    assert not secret & {*known, *found_out(equations, known)}


@given(classes(), least)
def test_hidden_options_come_to_the_least_in_sum(responses, min_cell):
    plain = qa.option_analysis(responses)
    table = qa.suppressed(plain, min_cell)
    sums = {}
    for row, kept in zip(plain.to_pylist(), table.to_pylist(), strict=True):
        own = sums.setdefault(row["item_id"], [row["n_item"], 0, False])
        own[0] -= row["n"]
        own[1] += row["n"] if kept["n"] is None else 0
        own[2] |= kept["n"] is not None
    for rest, hidden, some in sums.values():
        whole = hidden + (rest if rest < min_cell else 0)
        assert not hidden or not some or whole >= min_cell


@given(classes(), least)
def test_what_rests_on_a_hidden_count_is_hidden_with_it(responses, min_cell):
    for table, besides in (
        (qa.item_analysis(responses), ("n_complete", "alpha_if_deleted")),
        (qa.option_analysis(responses), ("n_item",)),
        (qa.summary(responses), ("n_items", "points_possible")),
    ):
        figures = [f.name for f in table.schema if pa.types.is_floating(f.type)]
        figures += [name for name in table.column_names if name.startswith("n_")]
        rest = {*figures} - {*besides, "points_possible", "n_not_shown", "n_not_graded"}
        for row in qa.suppressed(table, min_cell).to_pylist():
            if row["n"] is None:
                assert {name for name in rest if row[name] is not None} == set()
            assert {k for k, why in reasons(row).items() if row[k] is not None} == set()


# ---- small cells: what is left -------------------------------------------------------


def test_a_hidden_figure_is_null_and_said_to_be_suppressed():
    answers = [["A"]] * 30 + [["B"]] * 20 + [["C"]] * 4
    responses = qa.Responses.from_answers(answers, ["A"])
    plain = qa.option_analysis(responses).to_pylist()
    table = qa.suppressed(qa.option_analysis(responses), 10)
    first, second, third = table.to_pylist()
    assert first["n"] == 30
    assert third["n"] is second["n"] is second["ratio"] is None
    assert {*reasons(third).values()} == {"suppressed"}
    assert {name for name, value in third.items() if value is None} == {*reasons(third)}
    assert first["mean_total"] == plain[0]["mean_total"]


def test_a_reason_gives_way_to_suppression():
    table = qa.item_analysis(qa.Responses.from_matrix([[1, 0], [1, 1]], 1))
    assert reasons(table.to_pylist()[0])["point_biserial"] == "no_variance"
    row = qa.suppressed(table, 3).to_pylist()[0]
    assert {*reasons(row).values()} == {"suppressed"}


def test_large_tables_keep_all_but_the_extremes():
    rng = np.random.default_rng(3)
    scores = (rng.random((400, 5)) < 0.5).astype(float)
    responses = qa.Responses.from_matrix(scores, 1)
    report, hidden = (qa.analyze(responses, min_cell=least) for least in (None, 10))
    for table, kept, names in (
        (
            report.item_analysis,
            hidden.item_analysis,
            {"min", "max", "discrimination_low", "discrimination_high"},
        ),
        (report.summary, hidden.summary, {"min", "max", "skewness", "kurtosis"}),
    ):
        changed = {c for c in table.column_names if table[c] != kept[c]}
        assert changed == {*names, "undefined"}


def test_the_counts_of_a_small_quiz_are_all_hidden():
    responses = qa.Responses.from_matrix([[1, 0], [0, 1], [1, 1]], 1)
    report = qa.analyze(responses, min_cell=5)
    for table in (report.summary, report.item_analysis):
        assert published(table).keys() <= {(("quiz",), "n_items")} | {
            v for v in published(table) if published(table)[v] == 0
        }
    counts = {
        r["n"] for r in report.exclusions.to_pylist() if r["unit"] == "submissions"
    }
    assert counts == {None}
    assert report.student_analysis.num_rows == 3


def test_few_in_a_group_hide_the_comparison():
    one, two = (qa.Responses.from_matrix([[1, 0], [0, 1]] * n, 1) for n in (30, 4))
    table = qa.dif(one, two)
    assert published(qa.suppressed(table, 10)) == {}
    assert (
        qa.suppressed(table, 8)
        .drop_columns("undefined")
        .equals(table.drop_columns("undefined"))
    )


def test_what_was_left_out_is_hidden_with_the_number_it_is_taken_from():
    rows = [{"student_id": f"s{i}", "item_id": "q", "score": 1.0} for i in range(30)]
    rows += [{"student_id": f"t{i}", "item_id": "q", "score": None} for i in range(3)]
    made = qa.analyze(qa.Responses.from_arrow(pa.Table.from_pylist(rows)), min_cell=10)
    counts = {(r["unit"], r["reason"]): r["n"] for r in made.exclusions.to_pylist()}
    assert counts["submissions", "read"] is None
    assert counts["submissions", "nothing graded yet"] is None
    assert counts["submissions", "analysed"] == 30


def test_a_suppressed_table_names_no_digest_and_says_the_least():
    table = qa.suppressed(qa.summary(qa.Responses.from_matrix([[1, 0]])), 7)
    made = json.loads(table.schema.metadata[b"made"])
    assert made["input_digest"] is None
    assert made["options"]["min_cell"] == 7


@pytest.mark.parametrize("min_cell", [1, 0, 2.5, True])
def test_a_least_that_is_none_is_refused(min_cell):
    table = qa.summary(qa.Responses.from_matrix([[1, 0]]))
    with pytest.raises(ValueError, match="whole number of 2 or more"):
        qa.suppressed(table, min_cell)


def test_students_cannot_be_suppressed():
    table = qa.student_analysis(qa.Responses.from_matrix([[1, 0]]))
    with pytest.raises(ValueError, match="not student_analysis"):
        qa.suppressed(table)
    with pytest.raises(ValueError, match="not another"):
        qa.suppressed(pa.table({"n": [1]}))


# ---- small cells: each way to one of them --------------------------------------------


def of_counts(right, n, **columns):
    """Scores of one item per count of right answers, with n students each."""
    scores = np.array([[float(i < r) for r in right] for i in range(n)])
    return qa.Responses.from_matrix(scores, 1, **columns)


SCORED = (
    *("mean", "sd", "difficulty", "correct_ratio", "discrimination", "biserial"),
    *("point_biserial", "point_biserial_corrected", "alpha_if_deleted"),
)
ENDS = tuple(
    f"{name}_{end}"
    for name in SCORED
    if name not in ("sd", "biserial", "alpha_if_deleted")
    for end in ("low", "high")
)


def test_the_ends_of_an_interval_are_hidden_with_the_figure():
    table = qa.item_analysis(of_counts([27, 15, 14], 30))
    few, many, _ = qa.suppressed(table, 10).to_pylist()
    before, *_ = table.to_pylist()
    assert [name for name in (*SCORED, *ENDS) if few[name] is not None] == []
    assert [name for name in (*SCORED, *ENDS) if before[name] is None] == []
    assert {reasons(few)[name] for name in (*SCORED, *ENDS)} == {"suppressed"}
    # Of two questions more each score can be told, so nothing tells how they spread.
    assert many["difficulty_low"] is not None
    assert many["n"] == few["n"] == 30


def in_sections(**sizes):
    """Students s0, s1, … with as many in each section."""
    names = [name for name, n in sizes.items() for _ in range(n)]
    return pa.table(
        {
            "student_id": [f"s{i}" for i in range(len(names))],
            "section_names": [[name] for name in names],
        }
    )


def test_the_right_answers_of_a_section_are_not_what_the_others_leave():
    scores = [1.0] * 25 + [0.0] * 5 + [1.0] * 18 + [0.0] * 12
    tidy = {"student_id": [f"s{i}" for i in range(60)], "item_id": ["q"] * 60}
    responses = qa.Responses.from_arrow(
        pa.table({**tidy, "score": scores, "points_possible": [1.0] * 60}),
        students=in_sections(X=30, Y=30),
    )
    sections = qa.suppressed(qa.item_analysis_by_section(responses), 10)
    whole = qa.suppressed(qa.item_analysis(responses), 10)
    assert whole["difficulty"].to_pylist() == [43 / 60]
    assert sections["difficulty"].to_pylist() == [None, None]
    assert sections["mean"].to_pylist() == [None, None]
    assert sections["n"].to_pylist() == [30, 30]


@pytest.mark.parametrize("lacking", [3, 10])
def test_a_section_where_all_have_every_item_does_not_tell_it(lacking):
    """Then the n of each of its items is known, and that of the other section."""
    rows = [
        {"student_id": f"s{i}", "item_id": item, "score": float(i % 2)}
        for i in range(40)
        for item in ("i0", "i1")
        if i < 20 or (item == "i0" and i >= 20 + lacking) or (item == "i1" and i < 23)
    ]
    responses = qa.Responses.from_arrow(
        pa.Table.from_pylist(rows), students=in_sections(A=20, B=20)
    )
    table = qa.suppressed(qa.item_analysis_by_section(responses), 5)
    # Of i1 the whole has n = 23: those of A are not to be known, by n_complete either.
    assert table["n"].to_pylist()[1::2] == [None, None]
    assert table["n_complete"].to_pylist()[:2] == [None, None]


def test_many_cells_of_one_are_not_told_by_their_number():
    answers = [["A"]] * 20 + [[word] for word in "BCDEFGHIJK"]
    responses = qa.Responses.from_answers(answers, ["A"])
    table = qa.suppressed(qa.option_analysis(responses), 10)
    assert table["n"].to_pylist() == [None] * 11
    answers = [["A"]] * 20 + [[word] for word in "BBCDEFGHIJK"]
    responses = qa.Responses.from_answers(answers, ["A"])
    table = qa.suppressed(qa.option_analysis(responses), 10)
    assert table["n"].to_pylist() == [20] + [None] * 10


def test_cells_of_the_most_that_is_hidden_are_not_told_by_their_number():
    answers = [["A"]] * 30 + [[word] for word in "BCD" * 4]
    responses = qa.Responses.from_answers(answers, ["A"])
    table = qa.suppressed(qa.option_analysis(responses), 5)
    assert table["n"].to_pylist() == [None] * 4
    table = qa.suppressed(qa.option_analysis(responses), 6)
    assert table["n"].to_pylist() == [30, None, None, None]


def hidden_items(report):
    return np.flatnonzero(report.item_analysis["difficulty"].is_null()).tolist()


def test_an_only_hidden_item_takes_another_with_it():
    """Else it is what the mean total leaves."""
    responses = of_counts([27, 15, 16, 14, 17, 18], 30)
    report = qa.analyze(responses, min_cell=10)
    # Of 12 one answered otherwise than of 13, 14 and 15: the fewest are hidden too.
    assert hidden_items(report) == [0, 5]
    assert report.summary["mean"].to_pylist() == [107 / 30]


def test_hidden_items_that_are_equal_take_another_with_them():
    """Their sum would tell both; and 4 of 30 vary like 26 of 30."""
    for counts in ([26, 26, 16, 14, 17, 18], [26, 4, 16, 14, 17, 18]):
        report = qa.analyze(of_counts(counts, 30), min_cell=10)
        assert hidden_items(report) == [0, 1, 5]
    report = qa.analyze(of_counts([27, 24, 16, 14, 17, 18], 30), min_cell=10)
    assert hidden_items(report) == [0, 1]


def test_an_item_that_no_other_can_be_taken_for_takes_the_totals_with_it():
    """Here the only one of 1 point: the others are of 2."""
    points = [1.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    right = np.array([27, 15, 16, 14, 17, 18])
    scores = (np.arange(30)[:, None] < right) * points
    report = qa.analyze(qa.Responses.from_matrix(scores, points), min_cell=10)
    assert hidden_items(report) == [0]
    row = report.summary.to_pylist()[0]
    names = ("mean", "mean_low", "sd", "median", "alpha", "alpha_low", "sem")
    assert [name for name in names if row[name] is not None] == []
    assert row["n"] == 30
    assert report.item_analysis["point_biserial"].null_count == 6
    assert report.item_analysis["point_biserial_corrected"].null_count == 1


def test_equal_items_that_no_other_can_be_taken_for_take_the_reliability():
    """26 each is one way of many to have the sum, and the only one with variances."""
    row = qa.analyze(of_counts([26] * 8, 30), min_cell=10).summary.to_pylist()[0]
    assert row["mean"] == 8 * 26 / 30
    assert row["alpha"] is row["alpha_high"] is row["sem"] is None


def test_options_that_tell_hidden_items_apart_are_hidden():
    """Of q0 a sure 13 are wrong, so only q1 could have 26 right ones."""
    columns = "A" * 7 + "B" * 13 + "C" * 10, "A" * 26 + "B" * 2 + "C" * 2, "AB" * 15
    rows = [list(row) for row in zip(*columns, strict=True)]
    responses = qa.Responses.from_answers(rows, ["A", "A", "A"])
    alone = qa.suppressed(qa.option_analysis(responses), 10)
    assert alone["n"].to_pylist()[:3] == [None, 13, None]
    report = qa.analyze(responses, min_cell=10)
    assert hidden_items(report) == [0, 1]
    assert report.option_analysis["n"].to_pylist()[:6] == [None] * 6
    assert report.option_analysis["n_item"].to_pylist()[:6] == [30] * 6


def test_submissions_of_which_nothing_is_graded_are_not_what_an_item_lacks():
    """Of q0 20 are graded and 13 are not; 30 have a score, so 3 would have none."""
    graded = {"q0": range(20), "q1": range(30)}
    rows = [
        {
            "student_id": f"s{i}",
            "item_id": item,
            "score": float(i % 2) if i in who else None,
            "status": "graded" if i in who else "not_graded",
        }
        for item, who in graded.items()
        for i in range(33)
    ]
    report = qa.analyze(
        qa.Responses.from_arrow(pa.Table.from_pylist(rows)), min_cell=10
    )
    assert report.summary["n"].to_pylist() == [30]
    assert report.item_analysis["n"].to_pylist() == [20, None]
    assert report.item_analysis["n_not_graded"].to_pylist() == [None, None]


def test_points_that_few_have_reached_are_hidden():
    """Taken from the best score, they are the score of one."""
    scores = np.array([[6.0, 1.0], *([[4.0, 0.0]] * 20), *([[2.0, 1.0]] * 19)])
    report = qa.analyze(qa.Responses.from_matrix(scores), min_cell=10)
    assert report.item_analysis["points_possible"].to_pylist() == [None, 1.0]
    assert report.summary["points_possible"].to_pylist() == [None]


def test_points_that_few_of_a_section_have_reached_are_hidden_in_all():
    tidy = {
        "student_id": [f"s{i}" for i in range(60)],
        "item_id": ["q"] * 60,
        "score": [6.0] + [4.0] * 29 + [2.0] * 30,
    }
    responses = qa.Responses.from_arrow(
        pa.table(tidy), students=in_sections(A=30, B=30)
    )
    table = qa.suppressed(qa.item_analysis_by_section(responses), 10)
    assert table["points_possible"].to_pylist() == [None, None]


def test_four_figures_of_few_scores_do_not_tell_how_many_have_each():
    """Of 5 points 30 earn all, 28 earn one and 2 none: sum and squares are 28 more."""
    scores = [[5.0, 1.0]] * 30 + [[1.0, 0.0]] * 28 + [[0.0, 1.0]] * 2
    row = first_item(scores, [5.0, 1.0])
    assert row["sd"] is row["correct_ratio"] is row["mean_low"] is None


def test_scores_just_below_all_points_do_not_tell_how_many_have_each():
    """Of 7 points 30 earn all, 29 earn 6 and one 5: 31 are lost, and 33 squares."""
    scores = [[7.0, 1.0]] * 30 + [[6.0, 0.0]] * 29 + [[5.0, 1.0]]
    row = first_item(scores, [7.0, 1.0])
    assert row["sd"] is row["correct_ratio"] is row["mean_low"] is None


def first_item(scores, points):
    table = qa.item_analysis(qa.Responses.from_matrix(scores, points))
    return qa.suppressed(table, 10).to_pylist()[0]


def test_submissions_are_not_students():
    responses = qa.Responses.from_matrix([[1, 0], [0, 1]] * 20, 1)
    table = qa.item_analysis(responses, attempt="all")
    with pytest.raises(ValueError, match="attempt='all'"):
        qa.suppressed(table, 10)
    with pytest.raises(ValueError, match="attempt='all'"):
        qa.analyze(responses, attempt="all", min_cell=10)


def test_an_n_that_is_hidden_is_not_what_its_options_add_up_to():
    answers = [["A", "A"]] * 20 + [["B", "B"]] * 15
    rows = [
        {
            "student_id": f"s{i}",
            "item_id": f"q{j}",
            "response": option,
            "score": float(option == "A"),
            "status": "not_graded" if j and i < 2 else "graded",
        }
        for i, own in enumerate(answers)
        for j, option in enumerate(own)
    ]
    options = [{"id": o, "text": o, "correct": o == "A"} for o in "AB"]
    items = {"item_id": ["q0", "q1"], "points_possible": [1.0] * 2}
    about = pa.table({**items, "options": [options] * 2})
    report = qa.analyze(
        qa.Responses.from_arrow(pa.Table.from_pylist(rows), about), min_cell=10
    )
    assert report.item_analysis["n"].to_pylist() == [35, None]
    assert report.option_analysis["n_item"].to_pylist() == [35, 35, None, None]
    assert report.option_analysis["n"].to_pylist() == [20, 15, None, None]
