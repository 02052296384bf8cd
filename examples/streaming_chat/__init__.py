"""A chat that streams, with a handler and without, sync and async."""
