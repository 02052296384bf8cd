"""Small applications and their tests; see README.md."""
