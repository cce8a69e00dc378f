"""R's psych and CTT: their own output, and their formulas done slowly.

The packages' output on the sets of ``fixtures/golden`` is in ``r_packages.json``; on
sets that may not be carried into the project it is tested where they are at hand.
"""

import json
from functools import cache
from itertools import combinations

import numpy as np
import pytest
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


def covariances(scores, i, j):
    both = [(a[i], a[j]) for a in scores if not (np.isnan(a[i]) or np.isnan(a[j]))]
    n = len(both)
    if n < 2:
        return np.nan, np.nan, np.nan
    x, y = (np.array(side) for side in zip(*both, strict=True))
    x, y = x - x.mean(), y - y.mean()
    return (x * y).sum() / (n - 1), (x * x).sum() / (n - 1), (y * y).sum() / (n - 1)


def slow_alpha(scores):
    """psych's alpha, average r and item-rest correlations, straight from the table."""
    k = len(scores[0])
    kept = [j for j in range(k) if covariances(scores, j, j)[0] > 1e-18]
    c = np.array([[covariances(scores, i, j) for j in kept] for i in kept])
    if not kept:
        return kept, None, None
    cov = c[:, :, 0]
    cor = cov / np.sqrt(c[:, :, 1] * c[:, :, 2])
    return kept, cov, cor


@given(rows=strategies.matrix(students=12, items=5))
def test_psych_from_the_table_itself(rows):
    scores = np.array([[np.nan if x is None else x for x in row] for row in rows])
    table = np.rint(scores * 1e9) / 1e9
    with np.errstate(invalid="ignore", divide="ignore"):
        kept, cov, cor = slow_alpha(table)
    responses = qa.Responses.from_matrix(scores)
    items = r_psych.item_analysis(responses)
    assert items["item_id"].to_pylist() == [f"i{j + 1}" for j in kept]
    row = r_psych.summary(responses).to_pylist()[0]
    k = len(kept)
    if k < 2 or np.isnan(cov).any() or abs(cov.sum()) < 1e-9:
        return
    alpha = k / (k - 1) * (1 - np.trace(cov) / cov.sum())
    assert row["raw_alpha"] == pytest.approx(alpha, rel=1e-9, abs=1e-9)
    if not np.isnan(cor).any():
        r = np.mean([cor[i, j] for i, j in combinations(range(k), 2)])
        assert row["average_r"] == pytest.approx(r, rel=1e-9, abs=1e-9)
    for j, found in enumerate(items["r.drop"].to_pylist()):
        rest = cov.sum() - 2 * cov[j].sum() + cov[j, j]
        if rest > 1e-9:
            wanted = (cov[j].sum() - cov[j, j]) / np.sqrt(cov[j, j] * rest)
            assert found == pytest.approx(wanted, rel=1e-7, abs=1e-9)


@given(rows=strategies.matrix(students=12, items=5))
def test_ctt_from_the_table_itself(rows):
    scores = np.array([[np.nan if x is None else x for x in row] for row in rows])
    responses = qa.Responses.from_matrix(scores)
    for missing in ("listwise", "zero"):
        table = np.nan_to_num(np.rint(scores * 1e9) / 1e9)
        if missing == "listwise":
            seen = ~np.isnan(scores).all(axis=0)
            table = table[:, seen][~np.isnan(scores[:, seen]).any(axis=1)]
        items = r_ctt.item_analysis(responses, missing=missing).to_pylist()
        row = r_ctt.summary(responses, missing=missing).to_pylist()[0]
        if not table.size:
            continue
        assert row["nPerson"] == len(table)
        assert row["scaleMean"] == pytest.approx(table.sum(axis=1).mean())
        shown = [one for one in items if one["itemMean"] is not None]
        for j, found in enumerate(shown):
            x, rest = table[:, j], np.delete(table, j, 1).sum(axis=1)
            assert found["itemMean"] == pytest.approx(x.mean())
            if len(table) < 2 or x.std() < 1e-8 or rest.std() < 1e-6:
                continue
            wanted = np.corrcoef(x, rest)[0, 1]
            assert found["pBis"] == pytest.approx(wanted, rel=1e-7, abs=1e-9)


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
    exact = [[None if x is None else round(x * 10**9) for x in row] for row in rows]
    for a, b in {(0, 0), (0, len(rows[0]) - 1)}:
        here = (total.item == a) & (total.other == b)
        both = [(r[a], r[b]) for r in exact if None not in (r[a], r[b])]
        assert total.n[here].sum() == len(both)
        assert sum(total.sum[here]) == sum(x for x, _ in both)
        assert sum(total.square[here]) == sum(x * x for x, _ in both)
        assert sum(total.product[here]) == sum(x * y for x, y in both)


def test_pairs_hold_what_64_bits_do_not():
    scores = [[999_999.999_999_999, 1 / 3], [-999_999.999_999_999, 2 / 3]]
    pairs = Pairs.of(qa.Responses.from_matrix(scores * 500))
    big, third = 999_999_999_999_999, 333_333_333
    assert pairs.product.tolist()[0] == 1000 * big * big
    assert pairs.product.tolist()[1] == 500 * big * (third - 666_666_667)
    assert pairs.to_arrow().num_rows == 4


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
    assert sum(pairs.n) == n.sum()
    assert sum(pairs.product) == products.sum()


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
