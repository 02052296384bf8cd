"""The hook: requests of httpx and httpx2 become calls at the door, replies become their responses.

Nothing that is claimed reaches the network; nothing that is not claimed is touched.
"""

from .clients import Library, async_http_client, http_client, library_of_sdk, transport
from .families import TRANSPORT_ERRORS
from .hook import Hook

__all__ = [
    "TRANSPORT_ERRORS",
    "Hook",
    "Library",
    "async_http_client",
    "http_client",
    "library_of_sdk",
    "transport",
]
