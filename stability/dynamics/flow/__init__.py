"""Gradient flow from event to event, with every sign decided."""
