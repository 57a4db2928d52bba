"""Every theorem is proved and checked; every false variant of it fails."""

import pytest

from stability.audit.theorems import theorem_names, theorem_verdict, variants

CASES = [(name, variant) for name in theorem_names() for variant in variants(name)]


@pytest.mark.parametrize("name", theorem_names())
def test_theorem(name: str) -> None:
    """The theorem is proved with a certificate that the checker accepts."""
    found = theorem_verdict(name)
    assert found.conclusion == "proved", found.reason


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_false_variant(name: str, variant: str) -> None:
    """A false variant is refuted with a certificate, not merely left open."""
    found = theorem_verdict(name, variant)
    assert found.conclusion == "refuted", found.reason


@pytest.mark.parametrize("name", theorem_names())
def test_has_false_variants(name: str) -> None:
    """Each theorem comes with false variants."""
    assert variants(name)
