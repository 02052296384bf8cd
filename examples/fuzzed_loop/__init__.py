"""A run loop, fuzzed."""
