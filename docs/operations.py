"""What is served: a table of the operations, from the operations."""

import sys

import openai_fake.operations  # noqa: F401  (importing them registers them)
from docs.page import table
from openai_fake import routing
from openai_fake.routing import Operation


def operations() -> str:
    """One row a resource: where it is documented, and its operations with their routes."""
    by_module: dict[str, list[Operation]] = {}
    served = routing.all_operations()
    for operation in served.values():
        by_module.setdefault(operation.perform.__module__, []).append(operation)
    rows = [(_resource(module), _names(there), _routes(there)) for module, there in sorted(by_module.items())]
    return f"\n{len(served)} operations:\n\n{table(('reference', 'operation', 'route'), rows)}\n"


def _resource(module: str) -> str:
    words = (sys.modules[module].__doc__ or "").split()
    url = next((word.rstrip(".,;:)") for word in words if word.startswith("https://")), "")
    name = module.rpartition(".")[2].replace("_", " ")
    return f"[{name}]({url})" if url else name


def _names(served: list[Operation]) -> str:
    return "<br>".join(f"`{operation.name}`" for operation in served)


def _routes(served: list[Operation]) -> str:
    return "<br>".join(f"`{operation.method} {operation.template}`" for operation in served)
