"""Scenarios: what a conversation was, kept in a file, replayed through the run engine, taken from old recordings."""
