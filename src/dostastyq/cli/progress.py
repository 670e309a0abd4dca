"""A progress bar on the error stream."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int | None], None]


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress | None]:
    """Show a progress bar on the error stream, on a terminal only."""
    from rich.console import Console  # noqa: PLC0415 -- heavy imports wait for the command

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    from rich.progress import Progress as Bar  # noqa: PLC0415

    with Bar(console=console, transient=True) as bar:
        task = bar.add_task("")
        yield lambda label, done, total: bar.update(task, description=label, completed=done, total=total)
