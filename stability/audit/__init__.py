"""Claims, their verdicts, and the documents that make them."""
