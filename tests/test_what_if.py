"""What if a question is dropped, keyed, credited or weighed otherwise."""

import json
from fractions import Fraction
from pathlib import Path

import oracle
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import strategies
import what_if_oracle
from exact import exact
from handed_in import quizzes_of
from hypothesis import assume, given
from hypothesis import strategies as st
from spread_parts import ipc
from test_oracle_agreement import described, disagreements, read, reasons
from test_public_api import calls_of, quizzes

import quizanalysis as qa
from quizanalysis.schema import REPORTS

COURSE = Path(__file__).parents[1] / "fixtures" / "course"
WEIGHTS = ("0", "0.5", "1", "3", "10", "0.333333333", "70")
ATTEMPTS = ("last", "first", "best", "kept", "all")
TABLES = ("students", "items", "summary")

data_sets = st.one_of(
    strategies.tidy(quizzes=2, students=8, items=4, attempts=2),
    strategies.tidy(quizzes=1, students=10, items=4, attempts=1),
)


def possible(quiz, item):
    """Which changes of an item are not refused."""
    worth, seen = quiz["worth"][item], [r for r in quiz["anyone"] if r["item"] == item]
    kinds = [{"weight"}] if worth or not any(r["x"] for r in seen) else []
    options, _, _ = oracle.options_of(quiz, item, 12)
    if quiz["items"][item]["item_type"] == "essay":
        options = []
    for kind in ["credit"] + ["rekey"] * bool(options):
        kinds += [{kind, "weight"}] + [{kind}] * (worth is not None)
    return [set(), {"drop"}, *kinds], [option["id"] for option in options]


@st.composite
def requests(draw, data):
    """Draw what is asked of each item of one quiz: see `what_if_oracle`."""
    rows, items = data
    quiz = draw(st.sampled_from(list(quizzes_of(rows, items, "all"))))
    request, names = {}, list(quiz["items"])
    for item in names:
        kinds, options = possible(quiz, item)
        asked = dict.fromkeys(sorted(draw(st.sampled_from(kinds))), True)
        if "weight" in asked:
            asked["weight"] = draw(st.sampled_from(WEIGHTS))
        if "rekey" in asked:
            some = st.sets(st.sampled_from(options), min_size=1, max_size=2)
            asked["rekey"] = draw(st.lists(some, min_size=1, max_size=3))
        if asked:
            request[quiz["quiz_id"], item] = asked
    assume(sum("drop" in asked for asked in request.values()) < len(names))
    return request


@st.composite
def cases(draw, sets=data_sets):
    rows, items, students = described(draw(sets))
    return (rows, items, students), draw(requests((rows, items)))


def keywords(request):
    """The request as `what_if` takes it."""
    named = [(item, asked) for (_, item), asked in request.items()]
    return {
        "drop": [item for item, asked in named if "drop" in asked],
        "full_credit": [item for item, asked in named if "credit" in asked],
        "weights": {
            i: float(asked["weight"]) for i, asked in named if "weight" in asked
        },
        "rekey": {
            item: [sorted(one) for one in asked["rekey"]]
            for item, asked in named
            if "rekey" in asked
        },
        "quiz_id": next((quiz for quiz, _ in request), None),
    }


def rows_of(table):
    rows = table.to_pylist()
    return [row | {"undefined": reasons(row)} for row in rows]


def same(expected, table, key):
    """See that a table has just these rows, in any order."""
    got = {tuple(row[name] for name in key): row for row in rows_of(table)}
    wanted = {tuple(row[name] for name in key): row for row in expected}
    assert len(expected) == len(wanted) == table.num_rows
    assert wanted.keys() == got.keys()
    assert all(row.keys() == {*table.column_names} for row in expected)
    assert disagreements(wanted, got, table.column_names) == []


def scores(responses):
    """(quiz, student, attempt, item, position) and its score, ungraded ones as 0."""
    rows = responses.to_arrow().to_pylist()
    names = ("quiz_id", "student_id", "attempt", "item_id", "position")
    return {
        tuple(row[name] for name in names): exact(row["score"] or 0)
        for row in rows
        if row["status"] != "not_shown"
    }


# ---- against the oracle ---------------------------------------------------------


@given(cases(), st.sampled_from(ATTEMPTS), st.sampled_from([None, 0, 33.3, 60, 100]))
def test_every_table_equals_the_oracle(case, attempt, mark):
    data, request = case
    made = qa.what_if(read(*data), **keywords(request), attempt=attempt, pass_mark=mark)
    before, people = data[:2], data[2]
    after = what_if_oracle.changed(*before, request)
    students = what_if_oracle.students(before, after, attempt, mark, people)
    every = ["attempt_before"] * (attempt == "all")
    same(students, made.students, ["quiz_id", "student_id", *every])
    items = what_if_oracle.items(before, after, attempt, request)
    same(items, made.items, ["quiz_id", "item_id"])
    summary = what_if_oracle.summary(before, after, attempt, students)
    same(summary, made.summary, ["quiz_id"])


@given(cases(), st.sampled_from(ATTEMPTS))
def test_the_new_responses_give_the_reports_of_changed_rows(case, attempt):
    data, request = case
    responses = qa.what_if(read(*data), **keywords(request)).responses
    after = what_if_oracle.changed(*data[:2], request)
    for name, key in (
        ("item_analysis", ["item_id"]),
        ("student_analysis", ["student_id", "attempt"]),
        ("summary", []),
    ):
        table = getattr(qa, name)(responses, attempt=attempt)
        people = data[2:] if name == "student_analysis" else ()
        expected = getattr(oracle, name)(*after, *people, attempt=attempt)
        same(expected, table, ["quiz_id", *key])


@given(cases())
def test_options_are_keyed_as_asked(case):
    data, request = case
    responses = qa.what_if(read(*data), **keywords(request)).responses
    after = what_if_oracle.changed(*data[:2], request)
    expected = oracle.option_analysis(*after)
    same(expected, qa.option_analysis(responses), ["quiz_id", "item_id", "option"])


@given(cases())
def test_what_is_added_to_a_score_is_the_sum_of_what_is_added_to_its_items(case):
    data, request = case
    before = read(*data)
    made = qa.what_if(before, **keywords(request), attempt="all")
    old, new = scores(before), scores(made.responses)
    added = {}
    for key, score in old.items():
        change = new.get(key, Fraction(0)) - score
        added[key[:3]] = added.get(key[:3], 0) + change
    for row in made.students.to_pylist():
        key = row["quiz_id"], row["student_id"], row["attempt_before"]
        if row["score_change"] is not None:
            assert exact(row["score_change"]) == added.get(key, 0)


# ---- nothing asked, and undone --------------------------------------------------


def outputs(responses):
    """Bytes of all that can be written of responses."""
    report = qa.analyze(responses)
    tables = [report.item_analysis, report.option_analysis, report.student_analysis]
    return [
        ipc(qa.Tally.of(responses).to_arrow()),
        ipc(responses.to_arrow()),
        responses.digest,
        *map(ipc, [*tables, report.summary, report.exclusions]),
    ]


DENSE = {
    "rows": lambda: qa.read(COURSE / "tidy.parquet"),
    "matrix": lambda: qa.Responses.from_matrix([[1, 0, 1], [0, 1, 1], [1, 1, 0]]),
    "answers": lambda: qa.Responses.from_answers(
        pa.array([1, 2, 1, 1]).to_numpy().reshape(2, 2), key=[1, 1]
    ),
}


@pytest.mark.parametrize("make", DENSE.values(), ids=DENSE)
def test_nothing_asked_changes_nothing(make):
    made = qa.what_if(make(), pass_mark=50)
    assert outputs(made.responses) == outputs(make())
    students = made.students
    assert pc.all(pc.equal(students["score_change"], 0)).as_py()
    assert set(students["gains"].to_pylist()) == {0}
    assert set(students["crosses"].to_pylist()) == {0}
    assert made.items["changed"].null_count == made.items.num_rows


@pytest.mark.parametrize("make", list(DENSE.values())[1:], ids=list(DENSE)[1:])
def test_a_matrix_changes_as_its_rows_do(make):
    asked = {"drop": "i1", "weights": {"i2": 3}}
    rows = qa.Responses.concat(make().batches(1))
    assert make().dense is not None
    assert rows.dense is None
    dense, laid_out = (qa.what_if(one, **asked) for one in (make(), rows))
    for name in TABLES:
        assert getattr(dense, name) == getattr(laid_out, name)
    assert qa.Tally.of(dense.responses) == qa.Tally.of(laid_out.responses)


@given(data_sets, st.data())
def test_a_dropped_item_whose_rows_are_added_again_is_as_before(data, draw):
    rows, items, students = described(data)
    unsaid = {"recorded_score": None, "recorded_points_possible": None}
    rows = [row | unsaid for row in rows]
    quiz, item = draw.draw(st.sampled_from(sorted(items)))
    assume(sum(of == quiz for of, _ in items) > 1)
    whole = read(rows, items, students)
    dropped = qa.what_if(whole, drop=item, quiz_id=quiz).responses
    assert item not in dropped.where(quiz=quiz).items["item_id"].to_pylist()
    tidy = whole.to_arrow()
    mine = pc.and_(pc.equal(tidy["quiz_id"], quiz), pc.equal(tidy["item_id"], item))
    both = pa.concat_tables([dropped.to_arrow(), tidy.filter(mine)])
    table = strategies.items_table(items)
    kinds = pa.array([one["item_type"] for one in items.values()], pa.string())
    again = qa.Responses.from_arrow(both, table.append_column("item_type", kinds))
    assert qa.Tally.of(again) == qa.Tally.of(whole)


@given(
    strategies.matrix(),
    st.lists(st.sampled_from(["1", "2", "3"]), min_size=6, max_size=6),
)
def test_keying_as_it_is_keyed_changes_nothing(matrix, key):
    answers = [[str(int(abs(x or 0) * 4)) for x in row] for row in matrix]
    # Answers of which none is right are refused, as written otherwise than the key.
    key = [answers[0][0], *key[1 : len(answers[0])]]
    before = qa.Responses.from_answers(answers, key=key)
    rekey = {f"i{i}": right for i, right in enumerate(key, 1)}
    after = qa.what_if(before, rekey=rekey).responses
    assert outputs(after) == outputs(before)


@given(cases())
def test_the_new_responses_can_be_cut_and_put_together(case):
    data, request = case
    whole = qa.what_if(read(*data), **keywords(request)).responses
    parts = list(whole.batches(2))
    assert qa.Tally.of(parts) == qa.Tally.of(whole)
    assert qa.Tally.of(qa.Responses.concat(parts)) == qa.Tally.of(whole)


@given(cases())
def test_the_responses_that_were_given_stay_as_they_are(case):
    data, request = case
    before = read(*data)
    digest = before.digest
    qa.what_if(before, **keywords(request))
    assert before.digest == digest == read(*data).digest


# ---- worked by hand -------------------------------------------------------------


@pytest.fixture
def quiz():
    """Four students; q1 is keyed A but B is right, q3 is an essay worth 4."""
    answers = {
        "ann": ("B", "C", "x", 4),
        "bob": ("B", "C", "y", 2),
        "cem": ("A", "D", None, 0),
        "dee": ("A", "C", "z", None),
    }
    rows = []
    for student, (first, second, essay, points) in answers.items():
        rows += [
            {"item_id": "q1", "response": first, "score": float(first == "A")},
            {"item_id": "q2", "response": second, "score": float(second == "C")},
            {"item_id": "q3", "response": essay, "score": points},
        ]
        for row in rows[-3:]:
            row["student_id"] = student
    names = [("A", "one"), ("B", "two"), ("C", "two")]
    options = [{"id": i, "text": t, "correct": i == "A"} for i, t in names]
    items = pa.table(
        {
            "item_id": ["q1", "q2", "q3"],
            "points_possible": [1.0, 1.0, 4.0],
            "position": [1, 2, 3],
            "item_type": ["choice", "choice", "essay"],
            "options": [options, None, None],
        }
    )
    return qa.Responses.from_arrow(pa.Table.from_pylist(rows), items)


def column(table, name, key="student_id"):
    return dict(zip(table[key].to_pylist(), table[name].to_pylist(), strict=True))


def test_another_key_by_hand(quiz):
    made = qa.what_if(quiz, rekey={"q1": "B"}, pass_mark=50)
    assert column(made.students, "score_before") == {
        "ann": 5,
        "bob": 3,
        "cem": 1,
        "dee": 2,
    }
    assert column(made.students, "score_after") == {
        "ann": 6,
        "bob": 4,
        "cem": 0,
        "dee": 1,
    }
    assert column(made.students, "rank_change") == {
        "ann": 0,
        "bob": 0,
        "cem": 0,
        "dee": 0,
    }
    assert column(made.students, "crosses") == {"ann": 0, "bob": 0, "cem": 0, "dee": 0}
    # Without the item: 5, 3, 0, 1; who chose A has 0.5 on average, who chose B 4.
    q1 = made.items.to_pylist()[0]
    assert q1["changed"] == "rekeyed"
    assert q1["point_biserial_corrected_before"] == pytest.approx(-7 / 59**0.5)
    assert q1["point_biserial_corrected_after"] == pytest.approx(7 / 59**0.5)


def test_an_option_has_earned_what_it_earns_under_the_new_key(quiz):
    choices = qa.what_if(quiz, rekey={"q1": "B"}).responses.choices
    assert choices.earned[choices.item == 0].tolist() == [0, 1_000_000_000, 0]


def test_full_credit_is_for_blanks_and_what_is_not_graded_too(quiz):
    made = qa.what_if(quiz, full_credit="q3", pass_mark=90)
    assert column(made.students, "score_change") == {
        "ann": 0,
        "bob": 2,
        "cem": 4,
        "dee": 4,
    }
    assert column(made.students, "crosses") == {"ann": 0, "bob": 0, "cem": 0, "dee": 1}
    row = qa.item_analysis(made.responses).to_pylist()[2]
    assert (row["n"], row["n_blank"], row["n_not_graded"]) == (4, 1, 0)


def test_who_has_more_than_full_points_keeps_it():
    scores = qa.Responses.from_matrix([[3, 1], [0, 1]], points_possible=2)
    made = qa.what_if(scores, full_credit=["i1"])
    assert made.students["score_after"].to_pylist() == [4, 3]


def test_a_dropped_item_takes_its_points_along(quiz):
    made = qa.what_if(quiz, drop="q3")
    assert column(made.students, "points_possible_after") == dict.fromkeys(
        ("ann", "bob", "cem", "dee"), 2
    )
    assert column(made.students, "percent_after") == {
        "ann": 50,
        "bob": 50,
        "cem": 50,
        "dee": 100,
    }
    assert column(made.students, "gains") == {"ann": -1, "bob": 0, "cem": 1, "dee": 1}
    assert made.summary["n_gain"].to_pylist() == [2]
    assert (
        made.items["undefined"]
        .to_pylist()[2]
        .endswith("point_biserial_corrected_after: dropped")
    )
    gone = qa.analyze(made.responses).exclusions.to_pylist()
    assert [row["n"] for row in gone if row["reason"] == "dropped"] == [1]


def test_scores_grow_in_proportion_to_the_nearest_billionth():
    before = qa.Responses.from_matrix([[1], [2], [3]], points_possible=3)
    made = qa.what_if(before, weights={"i1": 1})
    assert made.students["score_after"].to_pylist() == [0.333333333, 0.666666667, 1]
    half = qa.Responses.from_matrix([[1e-9], [3e-9], [2]], points_possible=2)
    made = qa.what_if(half, weights={"i1": 1})
    assert made.students["score_after"].to_pylist() == [0, 2e-9, 1]


def test_sets_of_options_are_right_only_as_a_whole():
    table = pa.table(
        {
            "student_id": ["a", "b", "c", "d", "e"],
            "item_id": ["q"] * 5,
            "response": [["A", "C"], ["A"], ["A", "B", "C"], ["C", "A", "A"], ["D"]],
            "score": [0.0, 1.0, 0.0, 0.0, 0.0],
        }
    )
    before = qa.Responses.from_arrow(table)
    for key, expected in (
        ([["A", "C"]], [1, 0, 0, 1, 0]),
        ([["C", "A"], "D"], [1, 0, 0, 1, 1]),
        (["A", "C"], [0, 1, 0, 0, 0]),
        ("D", [0, 0, 0, 0, 1]),
    ):
        made = qa.what_if(before, rekey={"q": key})
        assert made.students["score_after"].to_pylist() == expected


def test_a_recorded_total_moves_with_its_items():
    table = pa.table(
        {
            "student_id": ["a", "a", "b", "b"],
            "item_id": ["q1", "q2", "q1", "q2"],
            "score": [1.0, 0.0, 0.0, 2.0],
            "recorded_score": [1.5, 1.5, None, None],
            "recorded_points_possible": [4.0, 4.0, None, None],
            "points_possible": [1.0, 2.0, 1.0, 2.0],
        }
    )
    made = qa.what_if(qa.Responses.from_arrow(table), drop="q1", weights={"q2": 4})
    assert made.students["score_after"].to_pylist() == [0.5, 4]
    assert made.students["points_possible_after"].to_pylist() == [5, 4]
    assert made.responses.submissions["recorded_score"].to_pylist() == [0.5, None]


def test_a_millionth_of_a_point_less_than_the_mark_passes():
    close = qa.Responses.from_matrix([[0.999999], [0.999998], [1]], points_possible=1)
    made = qa.what_if(close, pass_mark=100)
    assert made.students["passed_after"].to_pylist() == [True, False, True]


def test_another_attempt_may_be_the_best_then():
    table = pa.table(
        {
            "student_id": ["a", "a", "b", "b", "a", "a"],
            "attempt": [1, 1, 1, 1, 2, 2],
            "item_id": ["q1", "q2"] * 3,
            "score": [1.0, 0.0, 0.5, 0.5, 0.0, 2.0],
            "points_possible": [1.0, 2.0] * 3,
        }
    )
    before = qa.Responses.from_arrow(table)
    students = qa.what_if(before, drop="q2", attempt="best").students
    rows = {row["student_id"]: row for row in students.to_pylist()}
    assert (rows["a"]["attempt_before"], rows["a"]["attempt_after"]) == (2, 1)
    assert (rows["a"]["score_before"], rows["a"]["score_after"]) == (2, 1)
    assert (rows["b"]["attempt_before"], rows["b"]["attempt_after"]) == (1, 1)
    assert (rows["b"]["score_before"], rows["b"]["score_after"]) == (1, 0.5)


# ---- the fixture's planted faults -----------------------------------------------


@pytest.mark.parametrize("file", ["canvas_classic.csv", "new_quizzes.csv"])
def test_the_right_key_mends_the_question_that_was_keyed_wrong(file):
    truth = json.loads((COURSE / "truth.json").read_text("utf-8"))
    wrong, bank = truth["miskeyed"], truth["bank"]["item_ids"]
    course = qa.read(COURSE / file)
    rekey = {wrong["item_id"]: wrong["right_option"]}
    row = next(
        row
        for row in qa.what_if(course, rekey=rekey).items.to_pylist()
        if row["changed"]
    )
    assert row["item_id"] == wrong["item_id"]
    for name in ("discrimination", "point_biserial_corrected"):
        assert row[f"{name}_before"] < 0
        assert row[f"{name}_after"] > 0.3
    # The bank leaves nobody with every question, so there is no alpha with it.
    fixed = qa.what_if(course, drop=bank).responses
    quiz = qa.what_if(fixed, rekey=rekey).summary.to_pylist()[0]
    assert quiz["alpha_before"] + 0.01 < quiz["alpha_after"]
    assert quiz["sem_after"] < quiz["sem_before"]


# ---- what is refused ------------------------------------------------------------

REFUSED = {
    "an item that is not there": (
        {"drop": "q9"},
        "'item_id': drop: there is no such item (found 'q9'); the items are q1, q2, q3",
    ),
    "a quiz that is not there": (
        {"quiz_id": "z", "drop": "q1"},
        "the quizzes are quiz",
    ),
    "all items": ({"drop": ["q1", "q2", "q3"]}, "drop: all items of a quiz"),
    "dropped and credited": (
        {"drop": "q1", "full_credit": "q1"},
        "drop and full_credit of one item (found 'q1')",
    ),
    "dropped and weighed": (
        {"drop": "q1", "weights": {"q1": 2}},
        "drop and weights of",
    ),
    "keyed and credited": (
        {"rekey": {"q1": "B"}, "full_credit": "q1"},
        "rekey and full_credit of one item",
    ),
    "an option that is not there": (
        {"rekey": {"q1": ["B", "E"]}},
        "'options': rekey: no option of item 'q1' (found 'E'); its options are A, B, C",
    ),
    "a text of two options": ({"rekey": {"q1": "two"}}, "name one by its id: B, C"),
    "a key for an essay": ({"rekey": {"q3": "x"}}, "the answers to the item are no"),
    "points below 0": (
        {"weights": {"q1": -1}},
        "no possible points of item 'q1' (found",
    ),
    "points that are no number": (
        {"weights": {"q1": float("nan")}},
        "no possible points",
    ),
    "too many points": ({"weights": {"q1": 2e6}}, "0 to 1,000,000"),
}


@pytest.mark.parametrize(("asked", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused(quiz, asked, message):
    with pytest.raises(qa.DataError) as error:
        qa.what_if(quiz, **asked)
    assert message in str(error.value)
    assert all(problem.hint for problem in error.value.problems)


def test_all_that_is_wrong_is_said_at_once(quiz):
    asked = {"drop": ["q8", "q9"], "rekey": {"q1": "E"}, "weights": {"q2": -1}}
    with pytest.raises(qa.DataError) as error:
        qa.what_if(quiz, **asked)
    assert error.value.total == 4


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({"drop": {"q1": 1}}, TypeError),
        ({"drop": [1]}, TypeError),
        ({"full_credit": 3}, TypeError),
        ({"rekey": ["q1"]}, TypeError),
        ({"rekey": {"q1": []}}, ValueError),
        ({"rekey": {"q1": [[]]}}, ValueError),
        ({"rekey": {"q1": 2}}, ValueError),
        ({"rekey": {"q1": [1]}}, ValueError),
        ({"weights": {"q1": "2"}}, TypeError),
        ({"weights": {"q1": True}}, TypeError),
        ({"pass_mark": 101}, ValueError),
        ({"pass_mark": float("nan")}, ValueError),
        ({"pass_mark": "60"}, TypeError),
        ({"attempt": "second"}, ValueError),
    ],
)
def test_what_is_no_such_thing_is_refused(quiz, asked, kind):
    with pytest.raises(kind):
        qa.what_if(quiz, **asked)


def test_only_responses_can_be_changed(quiz):
    with pytest.raises(TypeError, match="Responses are needed, not Tally"):
        qa.what_if(qa.Tally.of(quiz), drop="q1")


def test_an_id_of_several_quizzes_needs_the_quiz(quiz):
    tidy = quiz.to_arrow()
    other = tidy.set_column(0, "quiz_id", pa.array(["other"] * len(tidy)))
    both = qa.Responses.concat([quiz, qa.Responses.from_arrow(other)])
    with pytest.raises(qa.DataError, match="drop: an item id of 2 quizzes") as error:
        qa.what_if(both, drop="q1")
    assert "with quiz_id: quiz, other" in str(error.value)
    changed = qa.what_if(both, drop="q1", quiz_id="other").items
    assert [row["quiz_id"] for row in changed.to_pylist() if row["changed"]] == [
        "other"
    ]


def test_full_points_that_nobody_knows_are_asked_for():
    nobody = qa.Responses.from_matrix([[0, 1], [0, 0]])
    with pytest.raises(qa.DataError, match="give them with weights"):
        qa.what_if(nobody, full_credit="i1")
    made = qa.what_if(nobody, full_credit="i1", weights={"i1": 2})
    assert made.students["score_after"].to_pylist() == [3, 2]


def test_scores_of_what_is_worth_nothing_cannot_be_scaled():
    bonus = qa.Responses.from_matrix([[0.5, 1], [0, 0]], points_possible=[0, 1])
    with pytest.raises(qa.DataError, match="worth 0 points cannot be scaled"):
        qa.what_if(bonus, weights={"i1": 2})


def test_scores_that_become_too_large_are_refused():
    much = qa.Responses.from_matrix([[1e6], [0]], points_possible=1e-9)
    with pytest.raises(qa.DataError, match="become too large"):
        qa.what_if(much, weights={"i1": 1e6})


def test_scores_that_a_new_key_replaces_are_not_scaled():
    answers = pa.table(
        {
            "student_id": ["a", "b"],
            "item_id": ["q", "q"],
            "response": ["A", "B"],
            "score": [1e6, 0.0],
            "points_possible": [1e-9, 1e-9],
        }
    )
    before = qa.Responses.from_arrow(answers)
    made = qa.what_if(before, rekey={"q": "B"}, weights={"q": 1e6})
    assert made.students["score_after"].to_pylist() == [0, 1e6]


def test_points_that_add_up_to_too_many_are_refused():
    many = qa.Responses.from_matrix([[1.0] * 9001], points_possible=1)
    weights = {f"i{i}": 1e6 for i in range(1, 9002)}
    with pytest.raises(qa.DataError, match="add up to too many"):
        qa.what_if(many, weights=weights)


# ---- as tables ------------------------------------------------------------------


def test_the_tables_are_as_declared_and_say_what_was_asked(quiz):
    asked = {
        "drop": "q3",
        "rekey": {"q1": ["B", ("A", "C")]},
        "weights": {"q2": 2},
        "pass_mark": 60,
    }
    made = qa.what_if(quiz, **asked)
    for name in TABLES:
        table = getattr(made, name)
        columns = REPORTS[f"what_if_{name}"]
        assert table.schema.names == [column.name for column in columns]
        assert table.schema.types == [column.type for column in columns]
        said = json.loads(table.schema.metadata[b"made"])
        assert said["input_digest"] == quiz.digest
        assert said["options"] == {
            "attempt": "last",
            "drop": ["q3"],
            "rekey": {"q1": [["B"], ["A", "C"]]},
            "full_credit": [],
            "weights": {"q2": 2.0},
            "quiz_id": None,
            "pass_mark": 60.0,
        }


def test_a_thousand_quizzes_take_as_many_python_calls_as_ten():
    def change(data):
        qa.what_if(data, weights={"q0": 3}, quiz_id="quiz 00001", pass_mark=50)

    few, many = quizzes(10), quizzes(1_000)
    change(few)
    assert calls_of(change, many) <= calls_of(change, few) * 1.1 + 20
