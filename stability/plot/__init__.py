"""Draws computed objects; never solves."""

from importlib import import_module

from stability.errors import extras_named

with extras_named():
    import_module("matplotlib")
