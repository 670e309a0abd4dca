"""One map over processes or a Dask cluster, with progress and a cache that a killed run goes on from.

Examples
--------
>>> from dostastyq.parallel import run
>>> list(run(abs, [-3, 2, -1]))
[3, 2, 1]
"""

from dostastyq.parallel.cache import Cache, code_version
from dostastyq.parallel.digest import digest
from dostastyq.parallel.map import Progress, run

__all__ = ["Cache", "Progress", "code_version", "digest", "run"]
