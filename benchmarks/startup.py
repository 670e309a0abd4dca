"""Start-up: `import dostastyq` against `import numpy`, `dostastyq --help` against a bare typer program, `assess` whole.

CPU seconds of a whole process, best of 7 in one run. Goals: at most 1.5, at most 3, and under 6 s.
"""

import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory

BARE = """\
import typer

app = typer.Typer()


@app.command()
def one(name: str = "x") -> None: ...


@app.command()
def two(name: str = "x") -> None: ...


app()
"""


def cpu(*command: str, repeat: int = 7) -> float:
    """CPU seconds of `command`, user and system, best of `repeat` runs."""
    best = float("inf")
    for _ in range(repeat):
        before = _spent()
        subprocess.run(command, check=True, capture_output=True)
        best = min(best, _spent() - before)
    return best


def _spent() -> float:
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    python = sys.executable
    command = str(Path(python).with_name("dostastyq"))
    with TemporaryDirectory() as folder:
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        numpy = cpu(python, "-c", "import numpy")
        ours = cpu(python, "-c", "import dostastyq")
        print(f"import dostastyq {ours:.3f} s, import numpy {numpy:.3f} s, ratio {ours / numpy:.2f} (goal 1.5)")
        typer = cpu(python, str(bare), "--help")
        ours = cpu(command, "--help")
        print(f"dostastyq --help {ours:.3f} s, bare typer {typer:.3f} s, ratio {ours / typer:.2f} (goal 3)")
        job = cpu(command, "assess", "eaeu-2014", repeat=3)
        print(f"dostastyq assess eaeu-2014 {job:.2f} s (goal 6)")
        report = str(Path(folder, "report.html"))
        job = cpu(command, "assess", "eaeu-2014", "--html", report, repeat=3)
        print(f"dostastyq assess eaeu-2014 --html {job:.2f} s")


if __name__ == "__main__":
    main()
