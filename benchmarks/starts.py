"""Measure how networks learn from starts of several kinds, and keep the accuracies.

python benchmarks/starts.py moons --seeds 8 --keep docs/data/deep_starts.json
"""

import argparse
import json
from pathlib import Path

from stability.studies.deep_starts import SCALED, STARTS, TASKS, start_accuracies, start_table


def main() -> None:
    """Measure one task and print its table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("task", choices=TASKS)
    options.add_argument("--seeds", type=int, default=8)
    options.add_argument("--steps", type=int)
    options.add_argument("--keep", type=Path)
    given = options.parse_args()
    measured = start_accuracies(
        given.task, STARTS if given.task == "moons" else SCALED, seeds=given.seeds, steps=given.steps
    )
    print(*start_table(measured, works=0.9), sep="\n")
    if given.keep:
        kept = json.loads(given.keep.read_text()) if given.keep.exists() else {}
        kept[given.task] = measured
        given.keep.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
