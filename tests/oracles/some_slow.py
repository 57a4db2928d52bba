"""Cases of a test of which some are run by `make test`, and all by `make test-slow` beside it."""

import pytest


def some_slow(cases, keep):
    """Return cases for `parametrize`, all but some of them marked slow: those that are kept are spread evenly.

    Parameters
    ----------
    cases : iterable of any
        Tuples for several arguments, other things for one.
    keep : int
        How many are not slow.
    """
    cases = [*cases]
    kept = {k * len(cases) // keep for k in range(keep)}
    return [_param(case, () if k in kept else (pytest.mark.slow,)) for k, case in enumerate(cases)]


def _param(case, marks):
    if isinstance(case, type(pytest.param())):
        return pytest.param(*case.values, id=case.id, marks=(*case.marks, *marks))
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=marks)
