"""Formulas per cell in Cartesian, polar and angular coordinates."""
