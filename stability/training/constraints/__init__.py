"""Constraints that make layers separate their data."""
