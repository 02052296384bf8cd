"""What an assistant says that nobody has scripted."""

from functools import cache

from .acts import reply
from .script import Script


def unscripted(seed: int) -> Script:
    """The script of every run that has none: it says one sentence, the same for the same seed."""
    return Script(lambda run: reply(_text(seed)), times=None)


@cache
def _text(seed: int) -> str:
    # Imported when it is first said: it takes long, and most runs are scripted.
    from faker import Faker

    faker = Faker()
    faker.seed_instance(seed)
    return faker.sentence(nb_words=8)
