"""A tutor, and a scenario of it."""
