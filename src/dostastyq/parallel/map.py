"""The map: a function over items, in this process, in others, or on a cluster."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dostastyq.errors import DostastyqError
from dostastyq.parallel.cache import Arrays, Cache

if TYPE_CHECKING:
    from joblib import Parallel

Item = TypeVar("Item")
Result = TypeVar("Result")

Progress = Callable[[str, int, int | None], None]
"""Called with what is done, how many are done, and how many there are (None while nobody knows)."""


def run(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int = 1,
    progress: Progress | None = None,
    what: str = "chunks",
    cache: Cache | None = None,
) -> Iterator[Result]:
    """Apply a function to every item; results come in the order of the items, whatever the number of workers.

    Items are taken, and results given, as they are asked for: a generator of chunks is never held in full. Make an item
    worth at least a tenth of a second. Under ``joblib.parallel_config(backend="dask")`` the items run on the Dask
    cluster.

    Parameters
    ----------
    function
        A function at the top of a module (other processes import it); with `cache` it returns named arrays.
    items
        What it is applied to.
    workers
        Processes; 1 works in this one, -1 uses every core.
    progress
        Called after each item as ``progress(what, done, total)``.
    what
        What an item is called, in messages and to `progress`.
    cache
        Results found here are not computed again, and each new one is stored at once: a run that was killed goes on
        where it stopped.

    Yields
    ------
    Result

    Raises
    ------
    DostastyqError
        What `function` raises, with its code; ``PL001`` when a worker ends without an answer; codes of `Cache`.

    Examples
    --------
    >>> list(run(len, ["fta", "customs union"], progress=print))
    chunks 1 2
    chunks 2 2
    [3, 13]
    """
    total = len(items) if isinstance(items, Sized) else None
    results = _Ordered(function, items, cache)
    for done, result in enumerate(results.here() if _stays(workers) else results.away(workers, what, total), start=1):
        if progress is not None:
            progress(what, done, total)
        yield result


def _stays(workers: int) -> bool:
    """Whether the work stays in this process: one worker, and nobody can have named another place to joblib."""
    return workers == 1 and "joblib" not in sys.modules


class _Ordered:
    """Results of one run, in the order of the items."""

    def __init__(self, function: Callable[[Any], Any], items: Iterable[Any], cache: Cache | None) -> None:
        self.function = function
        self.items = items
        self.cache = cache
        self.ready: dict[int, Any] = {}
        self.keys: dict[int, str] = {}
        self.given = 0

    def here(self) -> Iterator[Any]:
        for index, item in self._missing():
            self._keep(index, self.function(item))
            yield from self._next()
        yield from self._next()

    def away(self, workers: int, what: str, total: int | None) -> Iterator[Any]:
        from joblib import Parallel, delayed  # noqa: PLC0415 -- a quarter of a second, and one worker needs none

        started: list[int] = []

        def tasks() -> Iterator[Any]:
            for index, item in self._missing():
                started.append(index)
                yield delayed(_answer)(self.function, index, item)

        pool: Parallel = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
        try:
            for index, result in pool(tasks()):
                started.remove(index)
                self._keep(index, result)
                yield from self._next()
        except BrokenExecutor as error:
            raise _abrupt(started, pool, what, total, resumes=self.cache is not None) from error
        yield from self._next()

    def _missing(self) -> Iterator[tuple[int, Any]]:
        """Items whose result is not in the cache; those found there are made ready."""
        for index, item in enumerate(self.items):
            if self.cache is not None:
                self.keys[index] = self.cache.key(self.function, item)
                stored = self.cache.get(self.keys[index])
                if stored is not None:
                    del self.keys[index]
                    self.ready[index] = stored
                    continue
            yield index, item

    def _keep(self, index: int, result: object) -> None:
        if self.cache is not None:
            self.cache.put(self.keys.pop(index), cast("Arrays", result))
        self.ready[index] = result

    def _next(self) -> Iterator[Any]:
        while self.given in self.ready:
            yield self.ready.pop(self.given)
            self.given += 1


def _answer(function: Callable[[Any], Any], index: int, item: object) -> tuple[int, Any]:
    return index, function(item)


def _abrupt(started: list[int], pool: "Parallel", what: str, total: int | None, *, resumes: bool) -> DostastyqError:
    """Name the items that were being worked on: the oldest that have not come back, one a worker."""
    suspects = [str(index + 1) for index in sorted(started)[: max(1, pool.n_jobs)]]
    place = f"{what} {' or '.join(suspects)}" + ("" if total is None else f" of {total}")
    return DostastyqError(
        "PL001",
        f"a worker process ended without an answer, at {place}; expected a result or an error",
        "often memory ran out: use fewer workers or smaller pieces"
        + ("; what was done is in the cache and is not done again" if resumes else ""),
    )
