"""The findings of all rules as one table."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

import numpy as np
import pyarrow as pa

from quizanalysis._findings.items import item_rules
from quizanalysis._findings.options import option_rules
from quizanalysis._findings.quizzes import speed
from quizanalysis._findings.rows import OUTCOMES, Found, Ints, Tables, tables
from quizanalysis._findings.thresholds import Thresholds
from quizanalysis._findings.words import SEVERITY, checked, filled
from quizanalysis.schema import arrow_schema

_SEVERITIES = ("high", "medium", "low")


def found_in(
    summary: pa.Table,
    items: pa.Table,
    options: pa.Table,
    thresholds: Thresholds | None = None,
    templates: Mapping[tuple[str, str], str] | None = None,
    greatest: pa.Table | None = None,
) -> pa.Table:
    """Test every rule on the tables of one report; see `quizanalysis.findings`."""
    against, words = thresholds or Thresholds(), checked(templates)
    of = tables(summary, items, options, greatest)
    found = [*item_rules(of, against), *option_rules(of, against), speed(of, against)]
    made = json.loads((items.schema.metadata or {}).get(b"made", b"{}"))
    made["options"] = {**made.get("options", {}), "thresholds": asdict(against)}
    schema = arrow_schema("findings", {"made": json.dumps(made)})
    parts = [_rows(of, one, words) for one in found]
    return pa.concat_tables(parts).take(_order(found)).combine_chunks().cast(schema)


def _rows(
    of: Tables, found: Found, templates: Mapping[tuple[str, str], str]
) -> pa.Table:
    """The rows of one rule as a table."""
    n = len(found.quiz)
    evidence, advice = filled(found, templates)
    same = {"finding": found.finding, "severity": SEVERITY[found.finding]}
    named = {name: pa.array([word] * n, pa.string()) for name, word in same.items()}
    return pa.table(
        {
            "quiz_id": _at(of.summary["quiz_id"], found.quiz),
            "item_id": _at(of.items["item_id"], found.item),
            **named,
            "evidence": evidence,
            "advice": advice,
            "outcome": pa.array(OUTCOMES).take(pa.array(found.outcome)),
            "n_needed": pa.array(found.needed, from_pandas=True).cast(pa.int64()),
            "option": _at(of.options["option"], found.option),
        }
    )


def _at(column: pa.ChunkedArray, rows: Ints) -> pa.Array:
    """Values at these rows, null at -1."""
    return column.combine_chunks().take(pa.array(rows, mask=rows < 0))


def _order(found: Iterable[Found]) -> pa.Array:
    """What to look at first, and else the order of the report."""
    several = list(found)
    rules = list(SEVERITY)
    keys = [
        np.concatenate([getattr(one, name) for one in several])
        for name in ("option", "item", "quiz", "outcome")
    ]
    rule = np.repeat(
        [rules.index(one.finding) for one in several], [len(o.quiz) for o in several]
    )
    severity = np.array([_SEVERITIES.index(SEVERITY[name]) for name in rules])[rule]
    return pa.array(np.lexsort((keys[0], rule, keys[1], keys[2], severity, keys[3])))
