"""A report as one page to look at and to print (extra ``html``).

One file of HTML without scripts, and without anything from elsewhere. The charts are
SVG that the templates draw: sharp in print, readable aloud, small, and restyled by the
page's own CSS for dark screens and grey printers, which pictures by matplotlib are not.
"""

try:
    import jinja2 as _jinja2  # noqa: F401  only to say what is missing
except ImportError as error:
    _MISSING = f"a page needs {error.name}: pip install 'quizanalysis[html]'"
    raise ImportError(_MISSING, name=error.name) from error

from quizanalysis.page.making import page

__all__ = ["page"]
