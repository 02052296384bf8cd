"""Benchmarks, each against what a person would use instead. `python -m benchmarks` runs them all."""
