"""Measure how networks learn from starts of several kinds, and keep the accuracies.

python benchmarks/starts.py moons --seeds 8 --keep
"""

import argparse

from stability.studies.deep_starts import COMPARED, TASKS, keep_starts, start_accuracies, start_table


def main() -> None:
    """Measure one task and print its table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("task", choices=TASKS)
    options.add_argument("--seeds", type=int, default=8)
    options.add_argument("--first", type=int, default=0, help="the first seed")
    options.add_argument("--steps", type=int)
    options.add_argument(
        "--keep", action="store_true", help="in proofs/measured, in place of what is there of this task"
    )
    given = options.parse_args()
    how = {"seeds": given.seeds, "first": given.first, "steps": given.steps}
    measured = start_accuracies(given.task, COMPARED[given.task], **how)
    print(*start_table(measured), sep="\n")
    if given.keep:
        print(f"Kept in {keep_starts(given.task, measured, how)}.")


if __name__ == "__main__":
    main()
