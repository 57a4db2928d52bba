"""The language of statements, the reader of its formulas, the prover, and records."""
