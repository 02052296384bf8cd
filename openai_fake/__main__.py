"""The command line: `python -m openai_fake demo`."""

import argparse
import sys
from collections.abc import Sequence

from openai_fake.measuring import add_commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m openai_fake", description=sys.modules["openai_fake"].__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    demo = commands.add_parser("demo", help="hold a conversation through the real SDK, offline, and print it")
    demo.set_defaults(run=_demo)
    add_commands(commands)
    parsed = parser.parse_args(arguments)
    status: int = parsed.run(parsed)
    return status


def _demo(_: argparse.Namespace) -> int:
    try:
        from openai_fake.demo import demo
    except ImportError as error:
        print(f"The demo speaks through the real SDK: pip install 'openai-fake[openai]' ({error}).", file=sys.stderr)
        return 1
    print(demo())
    return 0


if __name__ == "__main__":
    sys.exit(main())
