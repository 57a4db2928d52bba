"""Draws computed objects; never solves."""
