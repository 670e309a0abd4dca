"""A run that is killed from outside: ``killed.py CACHE MARKS``."""

import sys
from pathlib import Path

from dostastyq.parallel import Cache, run

sys.path.insert(0, str(Path(__file__).parent))
import work

if __name__ == "__main__":
    store, marks = sys.argv[1:]
    for result in run(work.counted, [(marks, number) for number in range(100)], cache=Cache("kill", Path(store))):
        print(result["square"][0], flush=True)
