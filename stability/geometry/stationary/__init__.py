"""Stationary points and sets: what they are, and which there are."""
