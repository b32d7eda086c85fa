"""`python -m pipeline` is the command `fabriques`."""

from pipeline.cli import main

main()
