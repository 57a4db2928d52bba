"""The experiments of the five write-ups."""
