"""How much of a sweep's time goes into its tasks, and what does a kill cost?

    .venv/bin/python benchmarks/sweep.py            # the 1,000 tasks of `demo`, some 20 ms each
    .venv/bin/python benchmarks/sweep.py --quick    # 100 of them

All rows compute the same calls in as many fresh processes, one thread each. `in tasks` is the time of the tasks, added
up, as a part of workers times wall time; wall time is that of the whole command, with the start of Python and of the
workers.

stability sweep      every result is on disk as it comes
pool.map             concurrent.futures, chunks of 16, nothing kept before the end
joblib               loky processes, nothing kept before the end (if it is installed)

Then a sweep is killed with all its workers (kill -9) at three random moments and goes on each time; its export is
compared with that of the sweep that was left alone, byte for byte.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from stability.studies.sweeps import named

CHUNK = 16
PEERS = ("pool.map", "joblib")


def timed(arguments: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """Return the result of a task and its seconds."""
    from stability.studies.small_tasks import descend_on_xor

    began = time.perf_counter()
    return descend_on_xor(**arguments), time.perf_counter() - began


def peer(name: str, seeds: int, workers: int) -> None:
    """Compute all tasks by another library; print the seconds of the tasks and the losses, as JSON."""
    tasks = named("demo").set(seed=range(seeds)).combinations()
    if name == "joblib":
        from joblib import Parallel, delayed

        found = Parallel(n_jobs=workers)(delayed(timed)(each) for each in tasks)
    else:
        with ProcessPoolExecutor(workers, get_context("spawn")) as executor:
            found = list(executor.map(timed, tasks, chunksize=CHUNK))
    print(json.dumps([sum(seconds for _, seconds in found), sum(result["mean_loss"] for result, _ in found)]))


def command(file: Path, seeds: int, workers: int, *more: str) -> list[str]:
    """Return the command of our sweep."""
    own = ["sweep", "demo", "--file", str(file), "--set", f"seed=0:{seeds - 1}", "--workers", str(workers), "--json"]
    return [sys.executable, "-m", "stability", *own, *more]


def run(words: list[str]) -> tuple[Any, float]:
    """Return what a command prints as JSON, and its wall time."""
    began = time.perf_counter()
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return json.loads(done.stdout), time.perf_counter() - began


def finished(file: Path) -> int:
    """Return how many results a file has."""
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file, timeout=30)) as database:
        tables = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'results'").fetchone()[0]
        return database.execute("SELECT count(*) FROM results").fetchone()[0] if tables else 0


def kill_once(words: list[str], file: Path, after: int) -> int:
    """Start a sweep, and kill it and its workers after so many more results; return how many there are then."""
    goal = finished(file) + after
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True)
    while finished(file) < goal and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return finished(file)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="100 tasks")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    seeds, workers = 5 if chosen.quick else 50, chosen.workers
    os.environ["OMP_NUM_THREADS"] = "1"
    if chosen.peer:
        peer(chosen.peer, seeds, workers)
        return
    screen = Console(highlight=False)
    table = Table(
        "1,000 small tasks" if seeds == 50 else f"{20 * seeds} small tasks", "wall s", "in tasks", "kept as they come"
    )
    with tempfile.TemporaryDirectory() as folder:
        whole, killed = Path(folder, "whole.sqlite"), Path(folder, "killed.sqlite")
        exports = whole.with_suffix(".parquet"), killed.with_suffix(".parquet")
        report, wall = run(command(whole, seeds, workers, "--export", str(exports[0])))
        table.add_row("stability sweep", f"{wall:.1f}", f"{report['run']['busy'] / wall / workers:.1%}", "yes")
        for name in PEERS:
            if name == "joblib" and find_spec("joblib") is None:
                continue
            options = ["--quick"] if chosen.quick else []
            (busy, _), wall = run([sys.executable, __file__, "--peer", name, "--workers", str(workers), *options])
            table.add_row(name, f"{wall:.1f}", f"{busy / wall / workers:.1%}", "no")
        screen.print(table)
        rng, words = random.Random(0), command(killed, seeds, workers)
        counts = [kill_once(words, killed, rng.randrange(20 * seeds // 4)) for _ in range(3)]
        report, _ = run([*words, "--export", str(exports[1])])
        same = "equal" if exports[0].read_bytes() == exports[1].read_bytes() else "DIFFERENT"
        screen.print(
            f"Killed with {', '.join(map(str, counts))} results; resumed: {report['done']} done, "
            f"{report['run']['computed']} of them in the last run. Exports byte for byte: {same}."
        )


if __name__ == "__main__":
    main()
