"""The table of contents: the sections of the page, each a link."""

import re

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def contents(page: str) -> str:
    """One line of links to the second-level headings of a page, in its order."""
    titles = re.findall(r"^## (.+)$", FENCED.sub("", page), re.MULTILINE)
    return " ·\n".join(f"[{title}](#{anchor(title)})" for title in titles) + "\n"


def anchor(title: str) -> str:
    """The name that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
