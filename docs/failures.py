"""What the fake says of scripts that were not played, word for word, from a fake that was misused on purpose."""

import openai_fake
from openai_fake import OpenAIFake

HERE = "tests/test_bot.py"

MISTAKEN = """
with OpenAIFake() as fake:
    fake.add_assistant("asst_bot")
    fake.reply("Good morning!", message="morning")
    fake.reply("Good bye!", message="bye", times=2)
"""


def failures() -> str:
    """The code that goes wrong, and the failure."""
    return f"```py\n{MISTAKEN.strip()}\n```\n\n```text\nAssertionError: {_failure()}\n```\n"


def _failure() -> str:
    try:
        # In front: the lines of imports and of a test's head that such a file has.
        exec(compile("\n" * 9 + MISTAKEN.strip(), HERE, "exec"), {"OpenAIFake": OpenAIFake, **vars(openai_fake)})
    except AssertionError as failure:
        return str(failure)
    raise ValueError("The mistaken test has passed.")
