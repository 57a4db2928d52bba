"""Files that are there whole or not at all, where results come from, and text for terminals and papers."""
