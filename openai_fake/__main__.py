"""The command line: `python -m openai_fake demo`, `… serve`."""

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
    serving = commands.add_parser("serve", help="serve the fake on a socket, for other languages and processes")
    serving.add_argument(
        "--host", default="127.0.0.1", help="where to listen (default: %(default)s, this machine only)"
    )
    serving.add_argument("--port", type=_port, default=8080, help="0: any free one (default: %(default)s)")
    serving.add_argument("--scenario", metavar="FILE", help="replay a recorded scenario")
    serving.add_argument("--base-path", default="/v1", help="what the base URL ends on (default: %(default)s)")
    serving.set_defaults(run=_serve)
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


def _serve(parsed: argparse.Namespace) -> int:
    try:
        from openai_fake.serve import serve
    except ImportError as error:
        print(f"The server runs on uvicorn: pip install 'openai-fake[server]' ({error}).", file=sys.stderr)
        return 1
    try:
        return serve(host=parsed.host, port=parsed.port, base_path=parsed.base_path, scenario=parsed.scenario)
    except (OSError, ValueError) as error:
        what = f"serve {parsed.scenario}" if parsed.scenario else "serve"
        told = str(error).rstrip(".")
        print(f"Cannot {what} on {parsed.host}:{parsed.port}: {told}.", file=sys.stderr)
        return 1


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: expected 0 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
