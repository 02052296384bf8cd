"""What sessions of pytest that tests start in a process of their own have in common."""

_SLOW = ("faker", "hypothesispytest", "pytest_httpx", "pytest_httpx2", "randomly")

LIGHT = tuple(option for name in _SLOW for option in ("-p", f"no:{name}"))
"""Options that leave out the installed plugins that take long to import: more than a second in all."""
