"""A support bot with tools, polled."""
