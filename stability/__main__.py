"""python -m stability."""

from stability.cli.main import main

main()
