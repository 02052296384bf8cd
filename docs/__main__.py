"""`python -m docs` brings the made parts of the README and its picture up to date; `--check` only asks if they are."""

import sys

from docs import contents, failures, operations, options, picture, speed, states
from docs.page import README, with_parts


def stale() -> dict[str, str]:
    """What is to be written anew: the text of each file that is not as the code makes it, by its path."""
    page = README.read_text("utf-8")
    made = {
        "contents": contents.contents(page),
        "failures": failures.failures(),
        "operations": operations.operations(),
        "options": options.options(),
        "speed": speed.speed(),
        "states": states.states(),
    }
    drawn = picture.PICTURE.read_text("utf-8") if picture.PICTURE.exists() else ""
    files = {README: (page, with_parts(page, made)), picture.PICTURE: (drawn, picture.picture())}
    return {str(path): new for path, (old, new) in files.items() if old != new}


def main() -> int:
    """Write what is stale, or, with `--check`, say so."""
    for path, text in stale().items():
        if "--check" in sys.argv:
            print(f"{path} is not as the code makes it: run `python -m docs`.")
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            print(f"wrote {path}")
    return int("--check" in sys.argv and bool(stale()))


if __name__ == "__main__":
    sys.exit(main())
