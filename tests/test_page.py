"""The page: it is safe, stands alone, says what the tables say, and stays small."""

import io
import re
import subprocess
import sys
import time
from functools import cache
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

pytest.importorskip("jinja2", reason="the extra html is not installed")

import strategies
from hypothesis import given
from hypothesis import strategies as st
from page_reading import kinds, parsed
from page_samples import MISKEYED, classroom

import quizanalysis as qa
from quizanalysis.adapters import cli
from quizanalysis.adapters.cli import main
from quizanalysis.page import page

COURSE = Path(__file__).parents[1] / "fixtures" / "course"
EXPORT = str(COURSE / "canvas_classic.csv")
HOSTILE = (
    "<script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "]]><!--",
    "&lt;b&gt; & &#60;",
    "</svg></details></table>",
    "javascript:alert(1)",
    "\x1b[31m\x00\u202egnp",
)


@cache
def course():
    return qa.read(EXPORT)


@cache
def sample(n):
    return classroom(n)


@cache
def made(n):
    return page(course() if n == 140 else sample(n))


SIZES = pytest.mark.parametrize("n", [24, 140, 24_000])


# ---- what was read can do no harm -----------------------------------------------


def written(text, quiz="quiz", item="q1", twice="q2"):
    """Responses that have this text wherever a text can be."""
    rows = [(f"s{i}", i % 3 > 0, i % 2) for i in range(6)]
    options = [
        {"id": text, "text": text, "correct": True},
        {"id": "other", "text": "other " + text, "correct": False},
    ]
    return qa.Responses.from_arrow(
        pa.table(
            {
                "quiz_id": [quiz] * 12,
                "student_id": [s for s, _, _ in rows for _ in (1, 2)],
                "item_id": [item, twice] * 6,
                "response": [
                    text if right else "other" for _, a, b in rows for right in (a, b)
                ],
                "score": [float(right) for _, a, b in rows for right in (a, b)],
            }
        ),
        pa.table(
            {
                "quiz_id": [quiz] * 2,
                "item_id": [item, twice],
                "title": [text, text],
                "item_type": [text, None],
                "options": [options, options],
            }
        ),
        exclusions=[("submissions", text, 1)],
    )


@given(st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1).filter(str.strip)))
def test_no_text_of_the_input_becomes_markup(text):
    plain = page(written("plain", "quiz", "q1"), source="plain")
    odd = page(written(text, text + "quiz", text + "1", text + "2"), source=text)
    assert kinds(odd) == kinds(plain)


@given(st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1).filter(str.strip)))
def test_no_text_of_the_input_becomes_markup_in_a_notebook(text):
    plain = qa.analyze(written("plain"))._repr_html_()
    odd = qa.analyze(written(text, text + "quiz", text + "1", text + "2"))
    assert kinds(odd._repr_html_()) == kinds(plain)


def test_a_stem_with_a_script_shows_as_text():
    stems = [
        one.text
        for one in parsed(page(written(HOSTILE[0])))
        if one.attributes.get("class") == "stem"
    ]
    assert stems == [HOSTILE[0]] * 2


def test_nothing_that_steers_a_screen_is_left():
    text = page(written(HOSTILE[-1]))
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text) == []


# ---- it stands alone ------------------------------------------------------------


@SIZES
def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(n):
    every = parsed(made(n))
    tags = {one.tag for one in every}
    assert not tags & {"script", "link", "iframe", "object", "embed", "img", "base"}
    for one in every:
        for name, value in one.attributes.items():
            assert not name.startswith("on")
            if name in ("href", "src", "xlink:href", "action", "data"):
                assert value.startswith("#")
    (style,) = (one.text for one in every if one.tag == "style")
    assert "@import" not in style
    assert "url(" not in style


@SIZES
def test_every_link_leads_to_a_place_on_the_page(n):
    every = parsed(made(n))
    ids = [one.attributes["id"] for one in every if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    links = {one.attributes["href"][1:] for one in every if one.tag == "a"}
    assert links <= set(ids)


# ---- it can be read without seeing it -------------------------------------------


@SIZES
def test_every_picture_has_a_title_and_a_description(n):
    pictures = [one for one in parsed(made(n)) if one.tag == "svg"]
    assert len(pictures) > 10
    for picture in pictures:
        assert picture.attributes["role"] == "img"
        ids = picture.attributes["aria-labelledby"].split()
        (title,), (text,) = picture.all("title"), picture.all("desc")
        assert ids == [title.attributes["id"], text.attributes["id"]]
        assert title.text.strip()
        assert text.text.strip()


@pytest.mark.parametrize("several", [False, True], ids=["one quiz", "two quizzes"])
def test_headings_begin_at_one_and_skip_no_level(several):
    both = [classroom(24), classroom(30, quiz_id="other")]
    text = page(qa.Responses.concat(both)) if several else made(24)
    levels = [int(m) for m in re.findall(r"<h([1-6])[ >]", text)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_the_language_is_said_and_the_contents_can_be_skipped_to():
    every = parsed(made(24))
    assert every[0].attributes == {"lang": "en"}
    first = next(one for one in every if one.tag == "a")
    assert first.attributes["href"] == "#main"


# ---- it says what the tables say ------------------------------------------------


@SIZES
def test_the_figures_on_the_page_are_those_of_the_tables(n):
    report = qa.analyze(course() if n == 140 else sample(n))
    shown = {}
    for one in parsed(made(n)):
        if one.tag == "data":
            of = {k: v for k, v in one.attributes.items() if k.startswith("data-")}
            key = tuple(of.get(f"data-{k}") for k in ("question", "option", "figure"))
            assert key not in shown
            shown[key] = float(one.attributes["value"]), one.text
    expected = dict(expected_figures(report))
    assert {key: value for key, (value, _) in shown.items()} == expected
    for value, text in shown.values():
        number = float(text.replace(",", "").split()[0])
        assert abs((100 * value if "%" in text else value) - number) <= 0.5001 / (
            1 if "%" in text else 100
        )


def expected_figures(report):
    """What the page must show, by (question, option, figure)."""
    (row,) = report.summary.to_pylist()
    for name in (
        *("n", "n_items", "points_possible", "mean", "median", "sd", "min", "max"),
        *("alpha", "sem"),
    ):
        if row[name] is not None:
            yield (None, None, name), row[name]
    places = {}
    for item in report.item_analysis.to_pylist():
        places[item["item_id"]] = place = str(item["position"])
        for name in (
            *("difficulty", "correct_ratio", "discrimination"),
            *("point_biserial_corrected", "alpha_if_deleted"),
        ):
            if item[name] is not None:
                yield (place, None, name), item[name]
    counts = dict.fromkeys(places, 0)
    for option in report.option_analysis.to_pylist():
        item = option["item_id"]
        letter = chr(ord("A") + counts[item])
        counts[item] += 1
        yield (places[item], letter, "ratio"), option["ratio"]


@SIZES
def test_the_intervals_on_the_page_are_those_of_the_tables(n):
    report = qa.analyze(course() if n == 140 else sample(n))
    expected = {
        (str(item["position"]), name): (item[f"{name}_low"], item[f"{name}_high"])
        for item in report.item_analysis.to_pylist()
        for name in (
            *("difficulty", "correct_ratio", "discrimination"),
            "point_biserial_corrected",
        )
        if item[f"{name}_low"] is not None
    }
    shown = {}
    for one in parsed(made(n)):
        if "data-low" in one.attributes:
            low, high, *key = (
                one.attributes[f"data-{k}"]
                for k in ("low", "high", "question", "figure")
            )
            shown[tuple(key)] = float(low), float(high)
            scale = 100 if "%" in one.text else 1
            ends = [float(end.split()[0]) for end in one.text.split(" to ")]
            assert ends == pytest.approx(
                [scale * float(low), scale * float(high)],
                abs=0.5001 if scale > 1 else 0.005001,
            )
    assert shown == expected


@SIZES
def test_the_bars_of_the_scores_count_every_student_once(n):
    bins = [one for one in parsed(made(n)) if "data-bin" in one.attributes]
    assert sum(int(one.text.replace(",", "")) for one in bins) == n


def test_few_students_are_dots_and_many_are_bars():
    assert made(24).count('class="dot"') == 24
    assert made(140).count('class="dot"') == 0


def test_the_shares_of_the_score_groups_are_those_of_the_option_table():
    report, wanted = qa.analyze(course()), "40218"
    (item,) = (r for r in report.item_analysis.to_pylist() if r["item_id"] == wanted)
    options = [r for r in report.option_analysis.to_pylist() if r["item_id"] == wanted]
    middle = item["n"] - item["n_upper"] - item["n_lower"]
    expected = [
        [
            f"{100 * row[f'n_{group}'] / size:.0f} %"
            for group, size in (
                ("lower", item["n_lower"]),
                ("middle", middle),
                ("upper", item["n_upper"]),
            )
        ]
        for row in options
    ]
    (table,) = (
        one
        for one in parsed(made(140))
        if one.attributes.get("aria-label") == "Answers to question 8, quiz 1"
    )
    rows = [[cell.text.strip() for cell in row.all("td")] for row in table.all("tr")]
    assert [row[2:5] for row in rows[1:]] == expected


def test_the_lines_of_a_question_are_its_option_traces():
    traces = qa.option_traces(course()).to_pylist()
    own = [row for row in traces if row["item_id"] == "40218"]
    words = ", ".join(f"{100 * row['ratio']:.0f} %" for row in own[5:10])
    (text,) = re.findall(r'<desc id="z1-q8-trace-d">([^<]*)', made(140))
    assert f"B: {words}" in text


def test_with_fewer_than_a_hundred_the_lines_have_the_three_score_groups():
    report = qa.analyze(sample(24))
    item = report.item_analysis.to_pylist()[4]
    middle = item["n"] - item["n_upper"] - item["n_lower"]
    sizes = (item["n_lower"], middle, item["n_upper"])
    own = report.option_analysis.to_pylist()[16:20]
    (key,) = (row for row in own if row["correct"])
    numbers = (key["n_lower"], key["n_middle"], key["n_upper"])
    assert numbers[0] / sizes[0] != numbers[2] / sizes[2]
    words = ", ".join(
        f"{100 * n / m:.0f} %" for n, m in zip(numbers, sizes, strict=True)
    )
    (text,) = re.findall(r'<desc id="z1-q5-trace-d">([^<]*)', made(24))
    assert f"A (key): {words};" in text


def test_questions_whose_places_are_not_told_are_numbered_in_their_order():
    text = page(qa.Responses.from_matrix([[1, 0], [1, 1], [0, 0]], item_ids=["x", "y"]))
    names = [one.text for one in parsed(text) if one.tag == "h3"]
    assert names[:2] == ["Question 1", "Question 2"]


@pytest.mark.parametrize("groups", [0, 1, 21, 2.0, "3"])
def test_option_traces_refuse_a_number_of_groups_that_is_none(groups):
    with pytest.raises(ValueError, match="groups must be a whole number from 2 to 20"):
        qa.option_traces(sample(24), groups=groups)


def test_the_planted_wrong_key_is_what_to_look_at_first():
    first = re.search(r'<p class="what"><a href="#z1-q(\d+)">', made(140))
    assert first[1] == "8"
    first = re.search(r'<p class="what"><a href="#z1-q(\d+)">', made(24_000))
    assert int(first[1]) == MISKEYED


def test_of_a_small_class_it_says_that_it_cannot_tell():
    assert "too uncertain to call it good enough" in made(24)
    assert "What cannot be decided with 24 students" in made(24)


def test_the_overview_in_a_notebook_names_a_question_once():
    text = qa.analyze(course())._repr_html_()
    assert text.count("<li>") == 1
    assert "Also: discriminates negatively, distractor attracts the best" in text


def test_what_was_left_out_is_on_the_page():
    rows = qa.analyze(course()).exclusions.to_pylist()
    shown = {
        one.attributes["data-left"]: one.text
        for one in parsed(made(140))
        if "data-left" in one.attributes
    }
    assert shown == {f"{r['unit']}|{r['reason']}": f"{r['n']:,}" for r in rows}


@given(strategies.tidy(quizzes=3, students=6, items=4))
def test_any_quizzes_make_a_page_and_an_overview(data):
    responses = qa.Responses.from_arrow(*strategies.tables(*data))
    every = parsed(page(responses))
    names = {one.attributes["data-figure"] for one in every if one.tag == "data"}
    assert names
    assert not [one for one in every if "nan" in one.attributes.get("value", "")]
    parsed(qa.analyze(responses)._repr_html_())


# ---- what is hidden of the tables is hidden of the page ---------------------------


def told(every, wanted):
    """The figures of questions and quizzes on the page, by name, as numbers."""
    return {
        (one.attributes["data-quiz"], one.attributes.get("data-question"), name): float(
            one.attributes["value"]
        )
        for one in every
        if one.tag == "data" and (name := one.attributes["data-figure"]) in wanted
    }


@given(strategies.tidy(quizzes=2, students=12, items=4), st.integers(2, 6))
def test_a_page_of_few_tells_what_the_suppressed_tables_tell(data, least):
    responses = qa.Responses.from_arrow(*strategies.tables(*data))
    report = qa.analyze(responses, min_cell=least)
    text = page(responses, min_cell=least)
    every = parsed(text)
    for z, row in enumerate(report.summary.to_pylist(), 1):
        names = ("n", "mean", "median", "sd", "min", "max", "alpha", "sem")
        here = {
            k[2]: v for k, v in told(every, names).items() if k[:2] == (str(z), None)
        }
        assert here == {name: row[name] for name in names if row[name] is not None}
        bars = [
            int(one.text.replace(",", ""))
            for one in every
            if "data-bin" in one.attributes and one.attributes["data-quiz"] == str(z)
        ]
        assert all(n == 0 or n >= least for n in bars)
        assert sum(bars) in {0, row["n"]}
    items = report.item_analysis.to_pylist()
    shares = [row["difficulty"] for row in items if row["difficulty"] is not None]
    assert sorted(told(every, ["difficulty"]).values()) == sorted(shares)
    options = [r["ratio"] for r in report.option_analysis.to_pylist()]
    known = {round(ratio, 12) for ratio in options if ratio is not None}
    assert {round(v, 12) for v in told(every, ["ratio"]).values()} <= known
    assert 'class="dot"' not in text
    assert "fingerprint" not in text
    assert responses.digest not in text
    parsed(report._repr_html_())
    qa.findings(report)


def test_a_page_of_a_class_hides_the_few_and_keeps_the_rest():
    responses = sample(140)
    text = page(responses, min_cell=10)
    assert "What rests on fewer than 10 students is hidden" in text
    table = qa.option_analysis(responses)
    few = [r for r in table.to_pylist() if 0 < r["n"] < 10]
    assert few
    hidden = qa.suppressed(table, 10).to_pylist()
    dashes = re.findall(r'<td class="spare">\u2013</td>', text)
    assert len(dashes) >= sum(row["n"] is None for row in hidden) > 0
    bars = [one.text for one in parsed(text) if "data-bin" in one.attributes]
    assert sum(map(int, bars)) == 140
    assert min(int(n) for n in bars if n != "0") >= 10
    assert "key probably wrong" in text


def test_where_no_bars_are_large_enough_there_are_none():
    text = page(sample(24), min_cell=20)
    assert "for their distribution to be shown" in text
    assert "data-bin" not in text


def test_too_few_students_are_not_told_of():
    text = page(sample(8), min_cell=10)
    assert "Too few students took it" in text
    assert "Nobody has a score" not in text


def test_of_a_hidden_option_nothing_is_found():
    answers = ["A"] * 6 + ["B"] * 5 + ["C"] * 29
    other = ["x"] * 11 + ["y"] * 29
    items = [list(pair) for pair in zip(answers, other, strict=True)]
    responses = qa.Responses.from_answers(items, ["C", "x"])
    plain, hidden = (
        qa.findings(qa.analyze(responses, min_cell=least)).to_pylist()
        for least in (None, 10)
    )

    def of_key(rows):
        known = {r["item_id"]: r for r in rows if r["finding"] == "key_probably_wrong"}
        return known.get("i1")

    assert of_key(plain)["option"] == "A"
    assert of_key(hidden) is None


# ---- size, time and sameness ----------------------------------------------------


@SIZES
def test_the_page_is_small_whatever_the_number_of_students(n):
    assert len(made(n).encode()) < 3_000_000


def test_of_a_thousand_times_the_students_the_page_is_no_larger():
    assert len(made(24_000)) < 1.2 * len(made(24))


@SIZES
def test_the_page_takes_about_as_long_as_the_analysis(n):
    responses = classroom(n) if n != 140 else qa.read(EXPORT)
    start = time.perf_counter()
    qa.analyze(responses)
    middle = time.perf_counter()
    page(responses)
    end = time.perf_counter()
    assert end - middle < 2 * (middle - start) + 10


def test_the_same_input_gives_the_same_bytes_in_any_process():
    code = (
        "import sys, hashlib, quizanalysis as qa\n"
        "from quizanalysis.page import page\n"
        "text = page(qa.read(sys.argv[1]))\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-X", f"utf8={i}", "-c", code, EXPORT],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": str(i), "PYTHONPATH": str(COURSE.parents[1])},
        ).stdout
        for i in (0, 1)
    }
    assert len(found) == 1


def test_the_overview_of_a_notebook_is_small_and_says_what_it_leaves_out():
    scores = [[(i * j) % 2 for j in range(3_000)] for i in range(5)]
    names = ["&<>" * 400 + str(i) for i in range(3_000)]
    html = qa.analyze(qa.Responses.from_matrix(scores, item_ids=names))._repr_html_()
    assert len(html.encode()) < 200_000
    assert "2,940 more items" in html
    many = pa.table(
        {
            "quiz_id": [f"{'<&' * 400}{i}" for i in range(3_000)],
            "student_id": ["s"] * 3_000,
            "item_id": ["q"] * 3_000,
            "score": [1.0] * 3_000,
        }
    )
    html = qa.analyze(qa.Responses.from_arrow(many))._repr_html_()
    assert len(html.encode()) < 200_000
    assert "2,990 more quizzes" in html


# ---- several quizzes, none, too many --------------------------------------------


def test_several_quizzes_have_a_table_of_contents_and_a_section_each():
    both = [classroom(24, quiz_id="first"), classroom(30, quiz_id="second")]
    text = page(qa.Responses.concat(both))
    names = [one.text for one in parsed(text) if one.tag == "h2"]
    assert names[:2] == ["first", "second"]
    assert 'href="#z1"' in text
    assert 'href="#z2"' in text


def test_too_many_quizzes_or_questions_are_refused():
    def quizzes(n):
        ids = [f"z{i}" for i in range(n)]
        return qa.Responses.from_arrow(
            pa.table(
                {
                    "quiz_id": ids,
                    "student_id": ["s"] * n,
                    "item_id": ["q"] * n,
                    "score": [1.0] * n,
                }
            )
        )

    assert page(quizzes(50))
    with pytest.raises(ValueError, match=r"at most, and here are 51: .*--quiz-id"):
        page(quizzes(51))
    with pytest.raises(ValueError, match="1,000 questions at most"):
        page(qa.Responses.from_matrix([[1] * 1_001, [0] * 1_001]))


def test_what_is_no_responses_is_refused():
    with pytest.raises(TypeError, match="Responses are needed, not Table"):
        page(pa.table({}))


# ---- on the command line --------------------------------------------------------


def test_one_command_writes_the_page_and_says_what_was_read(tmp_path, capsys):
    target = tmp_path / "report.html"
    assert main(["report", EXPORT, "-o", str(target)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "read canvas_classic.csv (Canvas classic Student Analysis):\n"
        "165 submissions of 140 students at 1 quiz, the last attempt of each counts\n"
        "left out: 25 submissions (not the last attempt)\n"
        "noted: 1 submission (recorded score is not the sum of the points); "
        "15 responses (answered with a word such as NA); "
        f"109 responses (blank, counted as 0)\nwrote the page to {target}\n"
    )
    text = target.read_text("utf-8")
    named = "canvas_classic.csv (Canvas classic Student Analysis)"
    assert text == page(course(), source=named)


def test_options_reach_the_page(tmp_path, capsys):
    target = tmp_path / "report.html"
    options = ["--attempt", "first", "--blank", "omit", "--criterion", "share"]
    options += ["--min-cell", "9"]
    assert main(["report", EXPORT, "-o", str(target), *options]) == 0
    named = "canvas_classic.csv (Canvas classic Student Analysis)"
    options = {"attempt": "first", "blank": "omit", "criterion": "share", "min_cell": 9}
    assert target.read_text("utf-8") == page(course(), source=named, **options)
    assert "the first attempt of each counts" in capsys.readouterr().err


def test_on_a_terminal_the_page_is_not_printed(capsys, monkeypatch):
    monkeypatch.setattr(cli, "_is_terminal", lambda stream: stream is sys.stdout)
    assert main(["report", EXPORT]) == 2
    assert "add -o report.html" in capsys.readouterr().err


def test_without_a_name_the_page_goes_into_the_pipe(capfdbinary):
    assert main(["report", EXPORT]) == 0
    assert capfdbinary.readouterr().out.startswith(b"<!DOCTYPE html>")


def test_standard_input_is_read_once(monkeypatch, tmp_path):
    with open(EXPORT, "rb") as file:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        target = tmp_path / "report.html"
        assert main(["report", "-", "-o", str(target)]) == 0
    assert "standard input (Canvas classic" in target.read_text("utf-8")


def test_a_minus_is_the_pipe_and_refused_on_a_terminal(capfdbinary, monkeypatch):
    assert main(["report", EXPORT, "-o", "-"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"<!DOCTYPE html>")
    monkeypatch.setattr(cli, "_is_terminal", lambda stream: stream is sys.stdout)
    assert main(["report", EXPORT, "-o", "-"]) == 2
    out, err = capfdbinary.readouterr()
    assert out == b""
    assert b"add -o report.html" in err


@pytest.mark.parametrize(
    "name", ["report.csv", "report.json", "report.PDF", "report.html.gz", "report.xlsx"]
)
def test_a_page_is_not_written_under_the_name_of_a_table(name, tmp_path, capsys):
    assert main(["report", EXPORT, "-o", str(tmp_path / name)]) == 2
    better = f"a page is HTML: -o {tmp_path / 'report.html'}"
    assert better in capsys.readouterr().err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["report.htm", "report.html.tmp", "report"])
def test_a_page_may_have_a_suffix_that_nobody_knows(name, tmp_path):
    assert main(["report", EXPORT, "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / name).read_bytes().startswith(b"<!DOCTYPE html>")


def test_without_jinja_the_extra_is_named():
    code = (
        "import sys\n"
        "sys.modules['jinja2'] = None\n"
        "from quizanalysis.adapters.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "report", EXPORT, "-o", "never.html"],
        capture_output=True,
        text=True,
        check=False,
        cwd=COURSE.parents[1],
    )
    assert done.returncode == 2
    said = "quizanalysis: error: a page needs jinja2: pip install 'quizanalysis[html]'"
    assert done.stderr.strip() == said


# ---- which format a file has ----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("canvas_classic.csv", "canvas-classic"),
        ("new_quizzes.csv", "new-quizzes-csv"),
        ("new_quizzes.json", "new-quizzes-json"),
        ("tidy.parquet", "tidy-parquet"),
    ],
)
def test_the_format_of_a_file_is_recognised(name, form):
    from quizanalysis.readers import recognised  # noqa: PLC0415

    assert recognised(COURSE / name) == form
