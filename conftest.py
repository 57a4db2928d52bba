"""Settings for all tests: one thread per worker, since the workers fill the cores; the same examples every time.

Set HYPOTHESIS_PROFILE=explore to let the property tests look for new examples.
"""

import os

from hypothesis import Phase, settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.pop("COLUMNS", None)  # outputs are compared at the width of a pipe
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.register_profile(
    "first_failure",  # for mutations: a failure is enough, it need not be small
    derandomize=True,
    deadline=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
