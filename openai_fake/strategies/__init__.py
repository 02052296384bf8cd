"""Hypothesis strategies: whatever an assistant, a service and a network can do, to fuzz the caller's own run loop.

Needs `pip install openai-fake[hypothesis]`; the package imports this only when it is asked for. Failures shrink to the
shortest script, and to no trouble.
"""

try:
    import hypothesis as _  # noqa: F401
except ImportError as error:
    raise ImportError("openai_fake.strategies needs Hypothesis: pip install 'openai-fake[hypothesis]'.") from error

from .arguments import arguments, broken_arguments
from .conversations import Conversation, Turn, conversations
from .schema import from_schema
from .scripts import acts, endings, scripts
from .trouble import Trouble, faults, trouble

__all__ = [
    "Conversation",
    "Trouble",
    "Turn",
    "acts",
    "arguments",
    "broken_arguments",
    "conversations",
    "endings",
    "faults",
    "from_schema",
    "scripts",
    "trouble",
]
