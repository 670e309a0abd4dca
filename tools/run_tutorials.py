"""Run the sessions of the tutorials while the documentation is built; a page that is not true stops the build."""

import doctest
import os
from tempfile import TemporaryDirectory
from typing import Any

from mkdocs.exceptions import PluginError

_RUN: set[str] = set()


def on_page_markdown(markdown: str, page: Any, **_: object) -> None:  # noqa: ANN401 -- a page of mkdocs
    """Compare what a tutorial shows with what the code gives; once, though the site has three languages."""
    name = page.file.src_uri
    if not name.startswith("tutorials/") or ">>>" not in markdown or name in _RUN:
        return
    _RUN.add(name)
    test = doctest.DocTestParser().get_doctest(markdown, {}, name, page.file.abs_src_path, 0)
    said: list[str] = []
    kept = os.environ.get("DOSTASTYQ_HOME")
    with TemporaryDirectory() as home:
        os.environ["DOSTASTYQ_HOME"] = home
        try:
            failed = doctest.DocTestRunner(verbose=False).run(test, out=said.append).failed
        finally:
            if kept is None:
                del os.environ["DOSTASTYQ_HOME"]
            else:
                os.environ["DOSTASTYQ_HOME"] = kept
    if failed:
        raise PluginError(f"{name}: {failed} examples are not true\n" + "".join(said))
