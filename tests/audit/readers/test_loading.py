"""A document of analytic claims is judged without the libraries that only training, drawing and deriving need."""

import json
import subprocess
import sys

HEAVY = ("torch", "matplotlib", "sklearn", "sympy", "scipy", "pandas", "pyarrow")
SCRIPT = """
import json, sys
from stability import run_audit
((_, verdicts),) = run_audit([sys.argv[1]])
loaded = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps([[verdict.status for verdict in verdicts], loaded]))
"""
CLAIMS = (
    'sets where kind = "global minimum": number = 2',
    "at [0, 0, 1/2]: strict = yes, outputs = [1/2, 1/2, 1/2, 1/2]",
    "for all w given w > 0 then loss([w, -w, 0]) = (4*w^2 - 4*w + 1)/2",
    "numbers 43/50 = 85%",
)


def test_analytic_claims_load_no_heavy_library(tmp_path):
    blocks = [f"```stability\n:id: c{k}\n:on: abs1 xor mean\n{text}\n```\n" for k, text in enumerate(CLAIMS)]
    (tmp_path / "notes.md").write_text("\n".join(blocks))
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "notes.md")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    statuses, loaded = json.loads(ran.stdout)
    assert statuses == ["proved", "proved", "proved", "refuted"]
    assert "numpy" in loaded
    assert not set(HEAVY) & set(loaded)
