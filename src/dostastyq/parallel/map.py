"""The map: a function over items, in this process, in others, or on a cluster."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import BrokenExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dostastyq.errors import DostastyqError
from dostastyq.parallel.cache import Arrays, Cache

if TYPE_CHECKING:
    from distributed import Client

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
        What `function` raises, with its code; ``PL001`` when a worker ends without an answer; ``PL006``
        for no workers; codes of `Cache`.

    Examples
    --------
    >>> list(run(len, ["fta", "customs union"], progress=print))
    chunks 1 2
    chunks 2 2
    [3, 13]
    """
    if workers == 0:
        raise DostastyqError("PL006", "0 worker processes; expected one or more, or -1", "-1 uses every core")
    total = len(items) if isinstance(items, Sized) else None
    results = _Ordered(function, items, what, total, cache)
    for done, result in enumerate(results.give(workers), start=1):
        if progress is not None:
            progress(what, done, total)
        yield result


class _Ordered:
    """Results of one run, in the order of the items."""

    def __init__(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any],
        what: str,
        total: int | None,
        cache: Cache | None,
    ) -> None:
        self.function = function
        self.items = items
        self.what = what
        self.total = total
        self.cache = cache
        self.ready: dict[int, Any] = {}
        self.keys: dict[int, str] = {}
        self.given = 0

    def give(self, workers: int) -> Iterator[Any]:
        """Choose the place of the work: joblib is asked only where someone can have named another one to it."""
        if workers == 1 and "joblib" not in sys.modules:
            yield from self._here()
        else:
            from joblib.parallel import get_active_backend  # noqa: PLC0415 -- a quarter of a second

            backend, _ = get_active_backend()
            on_dask = type(backend).__name__ == "DaskDistributedBackend"
            yield from self._on_cluster(backend.client) if on_dask else self._in_processes(workers)
        yield from self._next()

    def _here(self) -> Iterator[Any]:
        for index, item in self._missing():
            self._keep(index, self.function(item))
            yield from self._next()

    def _in_processes(self, workers: int) -> Iterator[Any]:
        from joblib import Parallel, delayed  # noqa: PLC0415

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
            raise self._abrupt(sorted(started)[: max(1, pool.n_jobs)]) from error

    def _on_cluster(self, client: "Client") -> Iterator[Any]:
        """Work on a Dask cluster, without joblib, which waits for ever for a task whose workers died."""
        from distributed import KilledWorker, as_completed  # noqa: PLC0415

        missing, started = self._missing(), dict[Any, int]()
        waiting: Any = as_completed()  # type: ignore[no-untyped-call]

        def send(most: int) -> None:
            for index, item in islice(missing, most):
                future = client.submit(self.function, item, pure=False)
                started[future] = index
                waiting.add(future)

        cores = sum(client.ncores().values())  # type: ignore[no-untyped-call]
        send(max(2, 2 * cores))  # workers that are just starting count as none
        for future in waiting:
            index = started.pop(future)
            try:
                self._keep(index, future.result())
            except KilledWorker as error:
                # Dask blames every task that a lost worker held, the innocent too
                others = (at for other, at in started.items() if other.status != "finished")
                raise self._abrupt(sorted({index, *others})) from error
            send(1)
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

    def _abrupt(self, suspects: list[int]) -> DostastyqError:
        """Name the items that may have ended it: in processes the oldest that have not come back, one a worker."""
        place = f"{self.what} {' or '.join(str(index + 1) for index in suspects)}"
        return DostastyqError(
            "PL001",
            f"a worker process ended without an answer, at {place}"
            + ("" if self.total is None else f" of {self.total}")
            + "; expected a result or an error",
            "often memory ran out: use fewer workers or smaller pieces"
            + ("" if self.cache is None else "; what was done is in the cache and is not done again"),
        )


def _answer(function: Callable[[Any], Any], index: int, item: object) -> tuple[int, Any]:
    return index, function(item)
