"""Numerical searches for stationary points, in floats."""
