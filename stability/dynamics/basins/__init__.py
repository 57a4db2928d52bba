"""Which share of starts each stationary set attracts, and in which regions."""
