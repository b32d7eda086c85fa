"""Benchmarks that anyone can run: `make bench`. Ratios in one run, not absolute times; the history is a CSV beside."""
