"""Mutations of the exact core: how many of a seeded sample the tests that mirror the mutated module catch.

    python benchmarks/mutations.py                  # 300 mutations with seed 0; an interrupted campaign goes on
    python benchmarks/mutations.py --count 20 --only exact/linear.py

Each mutation changes one place of one module in a copy of the tree, and runs the test files of the mirrored folder to
the first failure: the one that bears the module's name, those that import the module or bear the name of its family
(flow_ in the checker), then the quick before the slow.
It is caught if a test fails or the time runs out. Survivors that no test should catch, since all conclusions are the
same with the change, stand with the reason in mutations_explained.toml. To try all soon, and survivors then by the
whole folder:

    python benchmarks/mutations.py --direct && python benchmarks/mutations.py --again
"""

import argparse
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from functools import partial
from itertools import zip_longest
from operator import itemgetter
from pathlib import Path
from queue import Queue
from typing import Any

from mutation_operators import Mutation, mutations

ROOT = Path(__file__).resolve().parent.parent
EXPLAINED = ROOT / "benchmarks" / "mutations_explained.toml"
CHAPTERS = ("exact", "logic", "checker", "geometry", "dynamics/flow")
MEMORY = 12 * 2**30


def sample(count: int, seed: int, only: list[str]) -> list[Mutation]:
    """As many mutations of each operator as of every other, as far as there are so many; few change with the code."""
    by_operator: dict[str, list[tuple[str, Mutation]]] = defaultdict(list)
    for chapter in CHAPTERS:
        for path in sorted((ROOT / "stability" / chapter).rglob("*.py")):
            module = path.relative_to(ROOT / "stability").as_posix()
            if not only or module in only:
                alike: Counter[tuple[str, ...]] = Counter()
                for mutation in mutations(module, path.read_text()):
                    key = (mutation.operator, *stable_key(asdict(mutation)))
                    by_operator[mutation.operator].append((at_random(seed, key, alike[key]), mutation))
                    alike[key] += 1
    ranked = [sorted(by_operator[operator], key=itemgetter(0)) for operator in sorted(by_operator)]
    return [pair[1] for row in zip_longest(*ranked) for pair in row if pair is not None][:count]


def at_random(seed: int, key: tuple[str, ...], before: int) -> str:
    """Return a number, as text, that stays the same as long as a line of code does; others for changes alike."""
    return hashlib.sha256(repr((seed, *key, *[before] * bool(before))).encode()).hexdigest()


def imports(file: Path, module: str) -> bool:
    """Return whether a test file imports a module by its name."""
    package, _, name = f"stability/{module.removesuffix('.py')}".replace("/", ".").rpartition(".")
    names = rf"^(from|import) {package}\.{name}\b|^from {package} import [^\n]*\b{name}\b"
    return bool(re.search(names, file.read_text(), re.MULTILINE))


def mirrored(module: str, seconds: Mapping[str, float], direct: bool) -> list[str]:
    """List the test file with the module's name, those that import it, then the quick before the slow; or the first."""
    folder = ROOT / "tests" / Path(module).parent
    ranked = []
    for file in folder.glob("test_*.py"):
        family = Path(module).stem.partition("_")[0]
        near = imports(file, module) or file.name.startswith(f"test_{family}_")
        rank = 0 if file.name == f"test_{Path(module).name}" else 1 if near else 2
        name = file.relative_to(ROOT).as_posix()
        ranked.append((rank, seconds.get(name, 0.0), name))
    nearest = min(ranked, default=(2,))[0]
    return [name for rank, _, name in sorted(ranked) if not direct or rank < 2 or nearest == 2]


def copy_of_the_tree(folder: Path) -> Path:
    """Copy what git knows or would add."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in names.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def run_tests(tree: Path, file: str, limit: float) -> tuple[str, str]:
    """Run a file to the first failure: "passed", "failed" with the test, or "out of time"."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    environment = {**os.environ, "PYTHONPATH": str(tree), "HYPOTHESIS_PROFILE": "first_failure", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", file]
    try:
        ended = subprocess.run(
            command,
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            preexec_fn=bounded,
            timeout=10 * limit,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        return "out of time", ""
    if ended.returncode == 0:
        return "passed", ""
    if ended.returncode < 0:
        return "out of time", ""
    lines = ended.stdout.splitlines()
    return "failed", next((line.split(" ", 1)[1] for line in lines if line.startswith(("FAILED ", "ERROR "))), "")


def try_out(mutation: Mutation, tree: Path, limits: Mapping[str, float]) -> dict[str, object]:
    """Run test files, each with its limit of processor seconds, against one mutation, and put the module back."""
    result, by = "no tests", ""
    path = tree / "stability" / mutation.module
    source = path.read_bytes()
    forget_compiled(path)
    try:
        path.write_bytes(mutation.apply(source))
        for file, limit in limits.items():
            result, by = run_tests(tree, file, limit)
            if result != "passed":
                break
    finally:
        path.write_bytes(source)
        forget_compiled(path)
    return {
        **asdict(mutation),
        "key": mutation.key,
        "caught": result not in ("passed", "no tests"),
        "result": result,
        "by": by,
    }


def forget_compiled(path: Path) -> None:
    """Remove the module's compiled files, which Python would take for those of a text of equal size and second."""
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def usual_time(file: str, tree: Path) -> float:
    """Seconds that a test file takes without a mutation; it must pass."""
    before = time.monotonic()
    result, by = run_tests(tree, file, 3600)
    if result != "passed":
        sys.exit(f"Expected that {file} passes without a mutation; {by or 'it'} {result}. Mend it first.")
    return time.monotonic() - before


def explanations() -> dict[tuple[str, ...], str]:
    """Read the reasons of survivors that no test can catch, by the mutation without its line."""
    explained = tomllib.loads(EXPLAINED.read_text())["survivor"] if EXPLAINED.exists() else []
    return {stable_key(r): r["because"] for r in explained}


def stable_key(r: Mapping[str, object]) -> tuple[str, ...]:
    """Name a mutation by what does not change when lines are added above it."""
    return tuple(str(r[part]).strip() for part in ("module", "function", "code", "old", "new"))


def report(results: list[dict[str, object]]) -> None:
    """Print counts by chapter, and each survivor."""
    by_chapter: dict[str, Counter[bool]] = defaultdict(Counter)
    for r in results:
        chapter = next(c for c in CHAPTERS if str(r["module"]).startswith(f"{c}/"))
        by_chapter[chapter][bool(r["caught"])] += 1
    for chapter, counted in by_chapter.items():
        print(f"{chapter}: {counted[True]} caught, {counted[False]} survived")
    caught = sum(bool(r["caught"]) for r in results)
    because = explanations()
    explained = sum(not r["caught"] and stable_key(r) in because for r in results)
    share = f"{100 * caught / max(len(results), 1):.1f}%"
    print(f"{caught} of {len(results)} mutations caught ({share}); survivors, {explained} of which are explained:")
    for r in results:
        if not r["caught"]:
            print(f"  {r['module']}:{r['line']} {r['function']}, {r['operator']}: {r['old']!r} -> {r['new']!r}")
            print(f"    {because.get(stable_key(r), 'not explained')}")


def campaign(chosen: list[Mutation], given: argparse.Namespace) -> list[dict[str, object]]:
    """Try what is not yet in the file of results, where every result is written at once."""
    out: Path = given.out
    known = {r["key"]: r for r in map(json.loads, out.read_text().splitlines())} if out.exists() else {}
    todo = [m for m in chosen if m.key not in known or (given.again and not known[m.key]["caught"])]
    with tempfile.TemporaryDirectory(prefix="mutations-") as scratch, ThreadPoolExecutor(given.workers) as pool:
        trees: Queue[Path] = Queue()
        for i in range(given.workers):
            trees.put(copy_of_the_tree(Path(scratch) / str(i)))

        def in_a_tree(action: Callable[[Path], Any]) -> Any:
            tree = trees.get()
            try:
                return action(tree)
            finally:
                trees.put(tree)

        files = sorted({file for m in todo for file in mirrored(m.module, {}, given.direct)}) if not given.limit else []
        measured = pool.map(lambda file: in_a_tree(partial(usual_time, file)), files)
        seconds = dict(zip(files, measured, strict=True))

        def one(mutation: Mutation) -> dict[str, object]:
            ranked = mirrored(mutation.module, seconds, given.direct)
            limits = {file: given.limit or 3 * seconds[file] + 15 for file in ranked}
            found: dict[str, object] = in_a_tree(lambda tree: try_out(mutation, tree, limits))
            return found

        for tried in as_completed([pool.submit(one, mutation) for mutation in todo]):
            result = tried.result()
            known[str(result["key"])] = result
            with out.open("a") as file:
                file.write(json.dumps(result) + "\n")
            print(f"{result['result']}: {result['key']} {result['by']}", flush=True)
    return [known[m.key] for m in chosen]


def main() -> None:
    """Run the campaign that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", action="append", default=[], metavar="MODULE", help="such as exact/linear.py")
    parser.add_argument(
        "--out", type=Path, default=ROOT / ".mutations.jsonl", help="results so far; delete it to begin anew"
    )
    parser.add_argument("--again", action="store_true", help="try the survivors of earlier runs again")
    parser.add_argument("--direct", action="store_true", help="only the files nearest to the module")
    parser.add_argument(
        "--limit", type=float, help="processor seconds for a test file, which is then not tried without a mutation"
    )
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.count} mutations, {given.workers} workers, results in {given.out}", flush=True)
    report(campaign(sample(given.count, given.seed, given.only), given))


if __name__ == "__main__":
    main()
