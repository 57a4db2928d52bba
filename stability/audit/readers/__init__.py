"""Readers of write-ups in Markdown and LaTeX: blocks with claims, their verdicts written in place."""
