"""How are many tasks computed once each, whatever is interrupted? `grids` says which, `running` computes them."""
