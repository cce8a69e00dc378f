"""Hypothesis profiles, and what is left out where an extra is not installed."""

import re
from importlib.util import find_spec

from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "default", max_examples=40, deadline=None, suppress_health_check=_SLOW
)
settings.register_profile(
    "ci",
    max_examples=25,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=_SLOW,
)
settings.register_profile("few", settings.get_profile("ci"), max_examples=8)
settings.register_profile(
    "nightly", max_examples=10_000, deadline=None, suppress_health_check=_SLOW
)

_SERVICE = ("sqlalchemy", "itsdangerous")
_HTTP = (*_SERVICE, "starlette", "python_multipart", "uvicorn")
_EXTRAS = {
    r"/quizanalysis/adapters/spark\.py$": ("pyspark",),
    r"/quizanalysis/service(/|$)": _SERVICE,
    r"/service_\w+\.py$": _SERVICE,
    r"/quizanalysis/page(/|$)": ("jinja2",),
    r"/quizanalysis/adapters/(http|_http_\w+|_serve)\.py$": _HTTP,
    r"/http_server\.py$": _HTTP,
    r"/(attacker_classes|test_attack)\.py$": ("jinja2",),
    r"/fuzz_targets\.py$": ("benchmarks.fuzzing",),  # only in a clone
    r"/README\.md$": (*_SERVICE, "jinja2"),
    r"/quizanalysis/adapters/(_terminal|_system_terminal|_why)\.py$": ("rich",),
}
"""What modules need, by path: their examples cannot run without."""


class _WithoutExtras:
    @staticmethod
    def pytest_ignore_collect(collection_path):
        path = collection_path.as_posix()
        needed = [names for where, names in _EXTRAS.items() if re.search(where, path)]
        return any(not _there(name) for names in needed for name in names) or None


def _there(name):
    try:
        return find_spec(name) is not None
    except (ValueError, ModuleNotFoundError):  # kept from a test; no such package
        return False


def pytest_configure(config):
    # As a plugin it is asked of paths outside this folder too.
    config.pluginmanager.register(_WithoutExtras())
