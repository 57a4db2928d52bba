"""Cells and faces, what they make of a point, and the list of all stationary points."""
