"""Algebra over the rationals, without floats."""
