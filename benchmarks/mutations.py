"""Mutations of the exact core: how many of a seeded sample the tests that mirror the mutated module catch.

    python benchmarks/mutations.py                  # 300 mutations with seed 0; an interrupted campaign goes on
    python benchmarks/mutations.py --count 20 --only exact/linear.py

Each mutation changes one place of one module in a copy of the tree, and runs the test file that bears the module's
name and then the rest of the mirrored folder, to the first failure. It is caught if a test fails or the time runs out.
"""

import argparse
import ast
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = ("exact", "logic", "checker", "geometry", "dynamics/flow")
COMPARISONS = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
BOUNDARIES = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
SUMS = {ast.Add: ast.Sub, ast.Sub: ast.Add}
MEMORY = 12 * 2**30


@dataclass(frozen=True)
class Mutation:
    """One change: the text from `start` to `end` (in bytes) of the module becomes `new`."""

    module: str
    operator: str
    line: int
    start: int
    end: int
    old: str
    new: str

    @property
    def key(self) -> str:
        """Name the change in the list of results."""
        return f"{self.module}:{self.line}:{self.operator}:{self.start}:{self.old} -> {self.new.strip()}"

    def apply(self, source: bytes) -> bytes:
        """Return the module's text with the change."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def changed(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Every change of one expression, by the operator that makes it."""
    if isinstance(node, ast.Compare):
        for i, comparison in enumerate(node.ops):
            for name, table in (("comparison", COMPARISONS), ("boundary", BOUNDARIES)):
                if type(comparison) in table:
                    ops = [*node.ops[:i], table[type(comparison)](), *node.ops[i + 1 :]]
                    yield name, ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in SUMS:
        yield "plus and minus", ast.BinOp(node.left, SUMS[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign", node.operand
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "dropped not", node.operand
    elif isinstance(node, ast.BoolOp):
        yield "and, or", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "constant", ast.Constant(node.value + 1)


def expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions that are computed: no annotations, and no parts of formatted strings (their places are not known)."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") or isinstance(node, ast.JoinedStr):
            continue
        if isinstance(node, ast.keyword) and node.arg == "strict":
            continue  # lengths agree, or the call raises
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                if isinstance(child, ast.expr):
                    yield child
                yield from expressions(child)


def mutations(module: str, text: str) -> Iterator[Mutation]:
    """Every mutation of a module."""
    tree, lines = ast.parse(text), text.encode().splitlines(keepends=True)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    source = text.encode()
    for node in expressions(tree):
        start, end = offsets[node.lineno - 1] + node.col_offset, offsets[node.end_lineno - 1] + node.end_col_offset
        for operator, new in changed(node):
            yield Mutation(
                module, operator, node.lineno, start, end, source[start:end].decode(), f"({ast.unparse(new)})"
            )
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            first = next((s for s in function.body if not is_text(s)), None)
            if first is not None and not isinstance(first, ast.Raise | ast.Pass):
                at = offsets[first.lineno - 1] + first.col_offset
                yield Mutation(
                    module, "early return", first.lineno, at, at, "", f"return None\n{' ' * first.col_offset}"
                )


def is_text(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def sample(count: int, seed: int, only: list[str]) -> list[Mutation]:
    """As many mutations of each operator as of every other, as far as there are so many."""
    by_operator = defaultdict(list)
    for chapter in CHAPTERS:
        for path in sorted((ROOT / "stability" / chapter).rglob("*.py")):
            module = path.relative_to(ROOT / "stability").as_posix()
            if not only or module in only:
                for mutation in mutations(module, path.read_text()):
                    by_operator[mutation.operator].append(mutation)
    chosen, generator = [], random.Random(seed)
    for of_one in by_operator.values():
        generator.shuffle(of_one)
    while len(chosen) < count and any(by_operator.values()):
        chosen += [of_one.pop() for of_one in by_operator.values() if of_one]
    return chosen[:count]


def mirrored(module: str) -> list[str]:
    """List the test file with the module's name, if there is one, and the other files of the mirrored folder."""
    path = ROOT / "tests" / module
    files = sorted(path.parent.glob("test_*.py"))
    return [str(f.relative_to(ROOT)) for f in sorted(files, key=lambda f: f.name != f"test_{path.name}")]


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


def run_tests(tree: Path, files: list[str], limit: float) -> tuple[str, str]:
    """Run the files to the first failure: "passed", "failed" with the test, "out of time", or "no tests"."""
    if not files:
        return "no tests", ""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    environment = {**os.environ, "PYTHONPATH": str(tree), "HYPOTHESIS_PROFILE": "first_failure", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", *files]
    try:
        ended = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, preexec_fn=bounded, timeout=10 * limit
        )
    except subprocess.TimeoutExpired:
        return "out of time", ""
    if ended.returncode == 0:
        return "passed", ""
    if ended.returncode < 0:
        return "out of time", ""
    return "failed", next((line[7:] for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))), "")


def try_out(mutation: Mutation, tree: Path, limit: float) -> dict[str, object]:
    """Run the tests against one mutation, and put the module back."""
    path = tree / "stability" / mutation.module
    source = path.read_bytes()
    forget_compiled(path)
    try:
        path.write_bytes(mutation.apply(source))
        result, by = run_tests(tree, mirrored(mutation.module), limit)
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


def time_of(folder: str, tree: Path) -> float:
    """Seconds that the folder's tests take without a mutation; all must pass."""
    before = time.monotonic()
    if not (tree / "tests" / folder).is_dir():
        return 0.0
    result, by = run_tests(tree, [f"tests/{folder}"], 3600)
    if result != "passed":
        sys.exit(f"Expected that tests/{folder} pass without a mutation; {by or 'they'} {result}. Mend them first.")
    return time.monotonic() - before


def report(results: list[dict[str, object]]) -> None:
    """Print counts by chapter, and each survivor."""
    by_chapter: dict[str, Counter[bool]] = defaultdict(Counter)
    for r in results:
        chapter = next(c for c in CHAPTERS if str(r["module"]).startswith(f"{c}/"))
        by_chapter[chapter][bool(r["caught"])] += 1
    for chapter, counted in by_chapter.items():
        print(f"{chapter}: {counted[True]} caught, {counted[False]} survived")
    caught = sum(bool(r["caught"]) for r in results)
    print(f"{caught} of {len(results)} mutations caught ({100 * caught / max(len(results), 1):.1f}%); survivors:")
    for r in results:
        if not r["caught"]:
            print(f"  {r['module']}:{r['line']} {r['operator']}: {r['old']!r} -> {r['new']!r}")


def campaign(
    chosen: list[Mutation], workers: int, out: Path, again: bool, limit: float | None
) -> list[dict[str, object]]:
    """Try what is not yet in `out`, where every result is written at once."""
    known = {r["key"]: r for r in map(json.loads, out.read_text().splitlines())} if out.exists() else {}
    known = {key: r for key, r in known.items() if r["caught"] or not again}
    todo = [m for m in chosen if m.key not in known]
    with tempfile.TemporaryDirectory(prefix="mutations-") as scratch, ThreadPoolExecutor(workers) as pool:
        trees: Queue[Path] = Queue()
        for i in range(workers):
            trees.put(copy_of_the_tree(Path(scratch) / str(i)))
        folders = sorted({str(Path(m.module).parent) for m in todo})

        def limit_of(folder: str) -> float:
            tree = trees.get()
            try:
                return limit or 3 * time_of(folder, tree) + 15
            finally:
                trees.put(tree)

        limits = dict(zip(folders, pool.map(limit_of, folders), strict=True))

        def one(mutation: Mutation) -> dict[str, object]:
            tree = trees.get()
            try:
                return try_out(mutation, tree, limits[str(Path(mutation.module).parent)])
            finally:
                trees.put(tree)

        for result in pool.map(one, todo):
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
    parser.add_argument("--limit", type=float, help="processor seconds for one mutation; else 3 times the usual time")
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.count} mutations, {given.workers} workers, results in {given.out}", flush=True)
    report(campaign(sample(given.count, given.seed, given.only), given.workers, given.out, given.again, given.limit))


if __name__ == "__main__":
    main()
