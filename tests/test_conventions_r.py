"""R's psych and CTT: their own output, and their formulas done slowly.

The packages' output on the sets of ``fixtures/golden`` is in ``r_packages.json``; on
sets that may not be carried into the project it is tested where they are at hand.
"""

import json
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
import r_rules
import strategies
from hypothesis import given
from hypothesis import strategies as st
from test_golden import HERE, OURS, THEIRS, golden, matrix, raw

import quizanalysis as qa
from quizanalysis import MergeError
from quizanalysis._counts.pairs import Pairs
from quizanalysis.conventions import r_ctt, r_psych

PEERS = json.loads((HERE / "r_packages.json").read_text())["sets"]
SETS = [*OURS, "synth_missing", *THEIRS]
SPLIT = [name for name in SETS if name not in ("synth_long", *THEIRS)]
SPLIT += ["science", "testscores"]
CHOICES = ["synth_mc", "sat12", "exam1", "cttdata"]
NEAR = 1e-9

STATS = {
    "n": "n",
    "raw_r": "raw.r",
    "std_r": "std.r",
    "r_cor": "r.cor",
    "r_drop": "r.drop",
    "mean": "mean",
    "sd": "sd",
    "alpha_drop_raw": "raw_alpha",
    "alpha_drop_std": "std.alpha",
    "g6_drop": "G6(smc)",
}
TOTAL = {"G6.smc.": "G6(smc)", "S.N": "S/N"}
BY_COR = {"std_r", "r_cor", "alpha_drop_std", "g6_drop"}
BY_COR |= {"std.alpha", "G6.smc.", "average_r", "S.N", "median_r"}
"""What rests on correlations: of missing data, other ones in psych 2.2.9."""


def peer(name, which):
    """The output of a package on a set; skips where there is none."""
    if name in PEERS:
        found = PEERS[name].get(which)
    else:
        found = golden(name)["peers"].get(which)
    if found is None or "error" in found.get("result", {}):
        pytest.skip(f"{which} gave nothing for {name}")
    return found["result"]


def scores_of(name):
    case = golden(name)
    if name == "synth_missing":
        rows = case["input_rows"]
        return np.array([[np.nan if x is None else x for x in r] for r in rows], float)
    return np.array(matrix(case), float)


@cache
def responses_of(name):
    scores = scores_of(name)
    items = golden(name)["items"]
    return qa.Responses.from_matrix(scores, item_ids=items)


def same(ours, theirs, what, tolerance=NEAR):
    theirs = [theirs] if theirs is None or isinstance(theirs, (int, float)) else theirs
    assert len(ours) == len(theirs), what
    for one, other in zip(ours, theirs, strict=True):
        if one is None or other is None:
            assert one is other, (what, ours, theirs)
        else:
            assert one == pytest.approx(other, rel=tolerance, abs=tolerance), what


@pytest.mark.parametrize("version", ["new", "debian"])
@pytest.mark.parametrize(
    ("name", "use"),
    [*((name, "pairwise") for name in SETS), ("synth_missing", "complete")],
)
def test_psych_alpha(name, use, version):
    theirs = peer(name, f"psych_{version}_alpha_{use}")
    responses = responses_of(name)
    other = version == "debian" and use == "pairwise" and name == "synth_missing"
    skipped = BY_COR if other else set()
    items = r_psych.item_analysis(responses, use=use)
    assert items["item_id"].to_pylist() == theirs["items"]
    for given_as, column in STATS.items():
        if given_as not in skipped:
            same(items[column].to_pylist(), theirs[given_as], (name, column))
    row = r_psych.summary(responses, use=use).to_pylist()[0]
    for given_as, value in theirs["total"].items():
        if given_as not in skipped:
            column = TOTAL.get(given_as, given_as)
            same([row[column]], value, (name, column))
    same([row["lower.ci"]], theirs["feldt_lower"], name)
    same([row["upper.ci"]], theirs["feldt_upper"], name)


@pytest.mark.parametrize("version", ["new", "debian"])
@pytest.mark.parametrize("kind", ["cov", "cor"])
@pytest.mark.parametrize("name", SPLIT)
def test_psych_split_half(name, kind, version):
    theirs = dict(peer(name, f"psych_{version}_splitHalf_{kind}"))
    responses = responses_of(name)
    odd = responses.items.num_rows % 2
    if version == "debian" and (odd or name == "synth_edge"):
        # That version tries half of the splits of an odd number of items, and leaves
        # negative reliabilities as they are.
        theirs = {
            k: v for k, v in theirs.items() if k not in ("maxrb", "minrb", "meanr")
        }
    if name == "synth_edge":
        # A singular matrix: psych puts other figures in the place of missing ones.
        theirs.pop("lambda6")
    row = r_psych.split_half(responses, covar=kind == "cov").to_pylist()[0]
    for column, value in theirs.items():
        same([row[column]], value, (name, column))


@pytest.mark.parametrize(
    ("name", "missing"),
    [*((name, "listwise") for name in SETS), ("synth_missing", "zero")],
)
def test_ctt_item_analysis(name, missing):
    suffix = "_zero" if missing == "zero" else ""
    theirs = peer(name, f"CTT_itemAnalysis{suffix}")
    responses = responses_of(name)
    items = r_ctt.item_analysis(responses, missing=missing)
    for column in ("itemMean", "pBis", "bis", "alphaIfDeleted"):
        same(items[column].to_pylist(), theirs[column], (name, column))
    row = r_ctt.summary(responses, missing=missing).to_pylist()[0]
    for column in ("nItem", "nPerson", "alpha", "scaleMean", "scaleSD"):
        same([row[column]], theirs[column], (name, column))


@pytest.mark.parametrize("groups", [3, 4, 27])
@pytest.mark.parametrize("name", CHOICES)
def test_ctt_distractor_analysis(name, groups):
    theirs = peer(name, f"CTT_distractorAnalysis_{groups}")
    case = golden(name)
    answers, key = raw(case)
    responses = qa.Responses.from_answers(answers, key=key, item_ids=case["items"])
    cut = (0.27, 0.46, 0.27) if groups == 27 else groups
    ours = r_ctt.option_analysis(responses, groups=cut).to_pylist()
    if groups == 27:
        keyed = [row["discrim"] for row in ours if row["correct"] == "*"]
        same(keyed, theirs, name)
        return
    for item, rows in theirs.items():
        mine = [row for row in ours if row["item_id"] == item]
        assert [row["key"] for row in mine] == [row["key"] for row in rows]
        for row, expected in zip(mine, rows, strict=True):
            for column, value in expected.items():
                if isinstance(value, str):
                    assert row[column] == value
                else:
                    same([row[column]], value, (item, row["key"], column))


@pytest.mark.parametrize("version", ["new", "debian"])
@pytest.mark.parametrize("name", SETS)
def test_psychometric_item_exam(name, version):
    theirs = peer(name, f"psychometric_{version}_item_exam")
    responses = responses_of(name)
    ctt = r_ctt.item_analysis(responses)
    same(ctt["pBis"].to_pylist(), theirs["Item.Tot.woi"], name)
    same(ctt["itemMean"].to_pylist(), theirs["Difficulty"], name)
    alpha = r_ctt.summary(responses)["alpha"].to_pylist()
    same(alpha, theirs["alpha"], name)
    psych = r_psych.item_analysis(responses, use="complete")
    there = psych["item_id"].to_pylist()
    all_items = ctt["item_id"].to_pylist()
    total = dict(zip(all_items, theirs["Item.total"], strict=True))
    same(psych["raw.r"].to_pylist(), [total[i] for i in there], name)


@pytest.mark.parametrize("name", SETS)
def test_ltm_descript(name):
    theirs = peer(name, "ltm_descript")
    responses = responses_of(name)
    ctt = r_ctt.item_analysis(responses)
    if theirs["bisCorr"]:
        raw_r = r_psych.item_analysis(responses)["raw.r"].to_pylist()
        same(raw_r, theirs["bisCorr"], name)
        same(ctt["pBis"].to_pylist(), theirs["ExBisCorr"], name)
    if name != "synth_missing":  # ltm takes variances and totals of different rows
        same(r_ctt.summary(responses)["alpha"].to_pylist(), theirs["alpha"], name)
        same(ctt["alphaIfDeleted"].to_pylist(), theirs["alpha_excl"], name)


@pytest.mark.parametrize("name", [*OURS, *THEIRS])
def test_guttmans_lambdas(name):
    reference = golden(name)["reference"]
    reference = (reference.get("complete") or reference)["test"]
    responses = responses_of(name)
    for covar, given_as in ((True, "guttman_cov"), (False, "guttman_cor")):
        row = r_psych.split_half(responses, covar=covar).to_pylist()[0]
        for ours, theirs in (
            ("alpha", "lambda3_alpha"),
            ("lambda2", "lambda2"),
            ("lambda6", "lambda6"),
        ):
            value = (reference.get(given_as) or {}).get(theirs)
            if value is not None:
                same([row[ours]], value, (name, given_as, ours))


# ---- slowly ----------------------------------------------------------------------


def responses_from(rows):
    scores = [[np.nan if x is None else x for x in row] for row in rows]
    return qa.Responses.from_matrix(np.array(scores))


def near(ours, theirs, what):
    """Equal to a billionth; a figure that explodes next to a zero is not compared."""
    theirs = r_rules.number(theirs)
    if theirs is None:
        assert ours is None or abs(ours) > 1e6, (what, ours)
    elif abs(theirs) < 1e6:
        assert ours == pytest.approx(theirs, rel=1e-7, abs=1e-7), what


def shaky(rows, *, own_base, use="pairwise"):
    """Whether rounding decides what psych takes for a singular matrix."""
    table = r_rules.table_of(rows)
    size = range(len(table[0]))
    kept = [j for j in size if r_rules.cov(*[r_rules.column(table, j)] * 2)]
    if use == "complete":
        table = [row for row in table if None not in [row[j] for j in kept]]
    r = r_rules.correlations(table, kept, own_base=own_base)
    if not r:
        return False
    parts = [r, *(r_rules.without(r, i) for i in range(len(r)) if len(r) > 1)]
    known = [part for part in parts if part and r_rules.everything(part) is not None]
    if r in known and (
        abs(r_rules.everything(r) - len(r) + sum(r_rules.smc(r))) < 1e-6
    ):
        return True
    return any(loose(np.array(part, float)) for part in known)


def loose(r):
    """Whether an eigenvalue, a precision or the sum is all but 0."""
    values, vectors = np.linalg.eigh(r)
    small = np.abs(values) < 1e-5
    turned = np.where(small, 0, 1 / np.where(small, 1, values))
    precision = np.abs((vectors**2 * turned).sum(axis=1))
    near_zero = (np.abs(values[small]) > 1e-12).any() or (precision < 1e-6).any()
    return near_zero or abs(r.sum()) < 1e-6


@given(
    rows=strategies.matrix(students=9, items=5),
    use=st.sampled_from(["pairwise", "complete"]),
)
def test_psych_alpha_as_a_slow_transcription(rows, use):
    items, total = r_rules.psych_alpha(rows, use)
    ours = r_psych.item_analysis(responses_from(rows), use=use).to_pylist()
    row = r_psych.summary(responses_from(rows), use=use).to_pylist()[0]
    near(row["mean"], total["mean"], "mean")
    near(row["sd"], total["sd"], "sd")
    if not any(items):
        assert len(ours) < 2
        return
    assert [one["item_id"] for one in ours] == [
        f"i{j}" for j, one in enumerate(items, 1) if one
    ]
    if shaky(rows, own_base=True, use=use):
        return
    low, high = total.pop("feldt") or (None, None)
    near(row["lower.ci"], low, "lower.ci")
    near(row["upper.ci"], high, "upper.ci")
    named = {"alpha se": "ase", "med.r": "median_r"}
    for name, value in total.items():
        if name != "var.r":
            near(row[named.get(name, name)], value, name)
    for mine, theirs in zip(ours, filter(None, items), strict=True):
        for name, value in (theirs | theirs["drop"]).items():
            if name != "drop":
                near(mine[name], value, name)


@given(rows=strategies.matrix(students=9, items=5), covar=st.booleans())
def test_split_halves_as_a_slow_transcription(rows, covar):
    theirs = r_rules.split_half(rows, covar=covar)
    row = r_psych.split_half(responses_from(rows), covar=covar).to_pylist()[0]
    names = set(row) - {"quiz_id"}
    if not theirs:
        assert all(row[n] is None for n in names - {"av.r", "med.r"}), row
    elif not shaky(rows, own_base=False):
        for name in names:
            near(row[name], theirs[name], name)


@given(
    rows=strategies.matrix(students=9, items=5),
    missing=st.sampled_from(["listwise", "zero"]),
)
def test_ctt_item_analysis_as_a_slow_transcription(rows, missing):
    items, head = r_rules.itemanalysis(rows, missing)
    responses = responses_from(rows)
    row = r_ctt.summary(responses, missing=missing).to_pylist()[0]
    for name, value in head.items():
        near(row[name], value, name)
    ours = r_ctt.item_analysis(responses, missing=missing).to_pylist()
    for j, theirs in items.items():
        for name, value in (theirs or {}).items():
            near(ours[j][name], value, (j, name))


answered = st.sampled_from(["A", "B", "C", "C", "", None])


@given(
    answers=st.integers(1, 4).flatmap(
        lambda k: st.lists(
            st.lists(answered, min_size=k, max_size=k), min_size=1, max_size=12
        )
    ),
    groups=st.sampled_from([3, 4, 5, (0.27, 0.46, 0.27), (0.29, 0.42, 0.29)]),
)
def test_ctt_distractor_analysis_as_a_slow_transcription(answers, groups):
    key = ["A", "B", "C", "A"][: len(answers[0])]
    rows = [
        {
            "student_id": f"s{i}",
            "item_id": f"i{j}",
            "position": j + 1,
            "response": answer,
            "score": None if answer is None else float(answer == key[j]),
            "status": {None: "not_shown", "": "not_attempted"}.get(answer),
        }
        for i, row in enumerate(answers)
        for j, answer in enumerate(row)
    ]
    options = [[{"id": c, "text": c, "correct": c == k} for c in "ABCD"] for k in key]
    names = [f"i{j}" for j in range(len(key))]
    items = pa.table(
        {"item_id": names, "options": options, "points_possible": [1.0] * len(key)}
    )
    data = qa.Responses.from_arrow(pa.Table.from_pylist(rows), items)
    ours = r_ctt.option_analysis(data, groups=groups).to_pylist()
    blank = [["-" if a == "" else a for a in row] for row in answers]
    theirs = r_rules.distractors(blank, key, groups)
    found = {(int(row["item_id"][1:]), row["key"]): row for row in ours}
    assert found.keys() == theirs.keys()
    for place, expected in theirs.items():
        for name, value in expected.items():
            if isinstance(value, str):
                assert found[place][name] == value
            else:
                near(found[place][name], value, (place, name))


def test_two_items_in_psych():
    # alpha.drop by hand: covariance 1/6 over the variances 1/4 and 1/3, and r.
    table = r_psych.item_analysis(responses_from([[1, 1], [1, 1], [1, 0], [0, 0]]))
    r = 1 / 3**0.5
    same(table["raw_alpha"].to_pylist(), [1 / 2, 2 / 3], "raw_alpha")
    for name, value in {"std.alpha": r, "G6(smc)": 1 / 3, "med.r": r}.items():
        same(table[name].to_pylist(), [value] * 2, name)
    same(table["S/N"].to_pylist(), [r / (1 - r)] * 2, "S/N")
    assert table["var.r"].to_pylist() == [0.0, 0.0]


def test_totals_that_do_not_vary():
    # The second item is the first one turned: alpha would be one over 0.
    responses = responses_from([[0.1, 0.2], [0.2, 0.1], [0.1, 0.2]])
    assert r_psych.summary(responses)["raw_alpha"].to_pylist() == [None]
    assert r_ctt.summary(responses)["alpha"].to_pylist() == [None]
    assert r_psych.split_half(responses, covar=True)["alpha"].to_pylist() == [None]


def test_one_student():
    responses = responses_from([[1, 0.5, 0]])
    assert r_psych.item_analysis(responses).num_rows == 0
    assert r_psych.summary(responses)["mean"].to_pylist() == [1.5]
    head = r_ctt.summary(responses).to_pylist()[0]
    assert (head["nPerson"], head["scaleMean"], head["scaleSD"]) == (1, 1.5, None)
    assert r_ctt.item_analysis(responses)["itemMean"].to_pylist() == [1, 0.5, 0]


def test_who_drew_an_item_twice_is_no_row_of_the_table():
    plain = {"student_id": ["a", "a", "b", "b", "c", "c"], "item_id": ["p", "q"] * 3}
    plain |= {"score": [1, 0, 1, 1, 0, 0], "position": [1, 2] * 3}
    plain |= {"response": ["x", "y", "x", "x", "y", "y"]}
    drawn = {"student_id": ["d"] * 3, "item_id": ["p", "p", "q"], "score": [1, 0, 1]}
    drawn |= {"position": [1, 3, 2], "response": ["x", "y", "x"]}
    without = qa.Responses.from_arrow(pa.table(plain))
    tables = [pa.table(plain), pa.table(drawn).select(list(plain))]
    both = qa.Responses.from_arrow(pa.concat_tables(tables))
    for function in (
        r_psych.item_analysis,
        r_psych.summary,
        r_psych.split_half,
        r_ctt.item_analysis,
        r_ctt.summary,
        r_ctt.option_analysis,
    ):
        assert function(both).equals(function(without)), function
    zero = r_ctt.summary(both, missing="zero")
    assert zero.equals(r_ctt.summary(without, missing="zero"))


def test_pairs_counted_elsewhere():
    whole = responses_of("synth_missing")
    parts = [Pairs.of(batch).to_arrow() for batch in whole.batches(7)]
    pairs = sum(map(Pairs.from_arrow, parts), Pairs.empty())
    assert Pairs.from_arrow(pa.concat_tables(parts)) == pairs
    assert r_psych.split_half(pairs).equals(r_psych.split_half(whole))
    assert r_ctt.summary(pairs).equals(r_ctt.summary(whole))


PAIRS = Pairs.of(qa.Responses.from_matrix([[1, 0], [1, 1], [0.5, 0]]))


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"a": [1]}),
        PAIRS.to_arrow().replace_schema_metadata(None),
        PAIRS.to_arrow().replace_schema_metadata({"table": "pairs", "blank": "nil"}),
        PAIRS.to_arrow().replace_schema_metadata({"table": "rests", "blank": "zero"}),
        PAIRS.to_arrow().drop_columns("pairs"),
        PAIRS.to_arrow().drop_columns("items"),
        PAIRS.to_arrow().set_column(1, "items", pa.array([["i1"]])),
        PAIRS.to_arrow().set_column(1, "items", pa.array([["i1", None]])),
        PAIRS.to_arrow().set_column(0, "quiz_id", pa.array([None], pa.string())),
        PAIRS.to_arrow().set_column(2, "pairs", pa.array([1])),
        qa.Tally.of(qa.Responses.from_matrix([[1]])).to_arrow(),
    ],
)
def test_a_foreign_table_is_no_pairs(table):
    with pytest.raises(MergeError, match="not a table of pairs"):
        Pairs.from_arrow(table)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("item", 9),
        ("other", -1),
        ("n", 0),
        ("n", None),
        ("k", 0),
        ("square", -1),
        ("product", 10**60),
    ],
)
def test_damaged_pairs_are_a_merge_error(key, value):
    whole = PAIRS.to_arrow()
    rows = whole["pairs"].to_pylist()
    rows[0][1] |= {key: value}
    damaged = whole.set_column(2, "pairs", pa.array(rows, whole["pairs"].type))
    with pytest.raises(MergeError, match="not a table of pairs"):
        Pairs.from_arrow(damaged)


@given(rows=strategies.matrix(), data=st.data())
def test_pairs_are_the_same_however_they_are_split(rows, data):
    scores = np.array([[np.nan if x is None else x for x in row] for row in rows])
    whole = qa.Responses.from_matrix(scores)
    total = Pairs.empty()
    for part in data.draw(strategies.splits(len(rows))):
        if part:
            ids = [f"s{i + 1}" for i in part]
            total += Pairs.of(qa.Responses.from_matrix(scores[part], student_ids=ids))
    assert total == Pairs.of(whole) == Pairs.of(whole.batches(3))
    assert Pairs.from_arrow(total.to_arrow()) == total
    exact = [[None if x is None else round(x * 10**9) for x in row] for row in rows]
    for a, b in {(0, 0), (0, len(rows[0]) - 1)}:
        rows = total.pairs
        here = (rows["item"] == a) & (rows["other"] == b)
        both = [(r[a], r[b]) for r in exact if None not in (r[a], r[b])]
        assert rows["n"][here].sum() == len(both)
        assert sum(rows["sum"][here]) == sum(x for x, _ in both)
        assert sum(rows["square"][here]) == sum(x * x for x, _ in both)
        assert sum(rows["product"][here]) == sum(x * y for x, y in both)


def test_pairs_hold_what_64_bits_do_not():
    scores = [[999_999.999_999_999, 1 / 3], [-999_999.999_999_999, 2 / 3]]
    pairs = Pairs.of(qa.Responses.from_matrix(scores * 500))
    big, third = 999_999_999_999_999, 333_333_333
    assert pairs.pairs["product"].tolist()[0] == 1000 * big * big
    assert pairs.pairs["product"].tolist()[1] == 500 * big * (third - 666_666_667)
    assert Pairs.from_arrow(pairs.to_arrow()) == pairs


def test_pairs_of_sparse_tables():
    # So many items that few students have: the other way of multiplying.
    rng = np.random.default_rng(1)
    scores = np.full((200, 60), np.nan)
    for row in scores:
        row[rng.choice(60, 3, replace=False)] = rng.choice([0, 0.5, 1], 3)
    pairs = Pairs.of(qa.Responses.from_matrix(scores))
    there = ~np.isnan(scores)
    n = there.T.astype(int) @ there
    filled = np.rint(np.nan_to_num(scores) * 1e9).astype(np.int64).astype(object)
    products = filled.T @ filled
    assert sum(pairs.pairs["n"]) == n.sum()
    assert sum(pairs.pairs["product"]) == products.sum()


def test_pairs_that_count_blanks_differently_do_not_add():
    with pytest.raises(MergeError, match="blanks"):
        Pairs.empty("zero") + Pairs.empty("omit")


def test_several_quizzes_at_once():
    one = responses_of("synth_tiny").to_arrow().drop_columns("quiz_id")
    two = responses_of("synth_missing").to_arrow().drop_columns("quiz_id")
    first = qa.Responses.from_arrow(one, quiz_id="b")
    second = qa.Responses.from_arrow(two, quiz_id="a")
    third = qa.Responses.from_arrow(two, quiz_id="c")
    both = qa.Responses.concat([first, second, third])
    for function in (
        r_psych.item_analysis,
        r_psych.summary,
        r_psych.split_half,
        r_ctt.item_analysis,
        r_ctt.summary,
    ):
        apart = [function(part).to_pylist() for part in (second, first, third)]
        together = function(both).to_pylist()
        wanted = [row for rows in apart for row in rows]
        assert len(together) == len(wanted)
        for row, expected in zip(together, wanted, strict=True):
            for name, value in expected.items():
                if isinstance(value, float):
                    assert row[name] == pytest.approx(value, rel=1e-12), name
                else:
                    assert row[name] == value


def test_an_unknown_way_with_missing_answers():
    with pytest.raises(ValueError, match="listwise or zero"):
        r_ctt.summary(qa.Responses.from_matrix([[1]]), missing="omit")


def test_groups_that_coincide_are_null():
    answers = [["A"], ["A"], ["B"]]
    responses = qa.Responses.from_answers(answers, key=["A"])
    table = r_ctt.option_analysis(responses)
    assert table["discrim"].to_pylist() == [None, None]
    assert table["lower"].to_pylist() == [None, None]
    assert table["n"].to_pylist() == [2, 1]
