"""The conclusions that fall with their premises."""

from collections.abc import Sequence
from dataclasses import replace

from stability.audit.claims import premises_of
from stability.audit.verdicts import FAILED, Verdict


def with_premises(verdicts: Sequence[Verdict], others: Sequence[Verdict] = ()) -> list[Verdict]:
    """Return the verdicts with the premises that fall, found among them and `others`.

    A premise falls if it failed, unless its claim says that the conclusion stands; or if its own premises fall.
    """
    known = {each.claim.id: each for each in (*others, *verdicts)}
    uses = {id: each.claim.uses for id, each in known.items()}
    failed = {id for id, each in known.items() if each.status in FAILED and each.claim.decision != "stands"}
    fallen = [[id for id in premises_of(each.claim.id, uses) if id in failed] for each in verdicts]
    return [replace(each, fallen=tuple(ids)) if ids else each for each, ids in zip(verdicts, fallen, strict=True)]
