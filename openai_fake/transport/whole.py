"""A response whose body is here already: it is read in one piece, where any other goes through decoders and chunkers.

That is a tenth of what an answer costs on its way up. In all that can be seen it is its library's own response.
"""

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from httpx import Response
else:
    # Which library's it is, is known when it is mixed in.
    Response = object


class Whole(Response):
    """To be mixed into the `Response` of a library. `whole`: the body, as it would come in over a connection."""

    whole: bytes
    _is_read = False

    def read(self) -> bytes:
        """The body. Raises what the library raises."""
        self._is_read = True
        return super().read()

    async def aread(self) -> bytes:
        """The same for async clients."""
        self._is_read = True
        return await super().aread()

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The body in one piece for `read`; whoever iterates goes the library's own way."""
        if self._is_one_piece("__iter__"):
            self.is_stream_consumed = True
            yield self.whole
            self.close()
        else:
            yield from super().iter_bytes(chunk_size)

    async def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The same for async clients."""
        if self._is_one_piece("__aiter__"):
            self.is_stream_consumed = True
            yield self.whole
            await self.aclose()
        else:
            async for chunk in super().aiter_bytes(chunk_size):
                yield chunk

    @property
    def num_bytes_downloaded(self) -> int:
        """How many bytes of the body have been read."""
        return len(self.whole) if self.is_stream_consumed else 0

    def _is_one_piece(self, way: str) -> bool:
        """Whether all is asked for, nothing was read yet, and there is nothing to decode; `way`: sync or async."""
        is_unread = not self.is_stream_consumed and not self.is_closed
        return self._is_read and is_unread and hasattr(self.stream, way) and "content-encoding" not in self.headers

    def __reduce_ex__(self, protocol: Any) -> Any:
        # This class is another one in each process, so copies and pickles are of the library's own.
        library_own = type(self).__bases__[-1]
        state = {name: value for name, value in self.__getstate__().items() if name not in ("whole", "_is_read")}
        return object.__new__, (library_own,), state


def whole_response(library_own: type[Any]) -> type[Any]:
    """The class of whole responses of a library, named as the `Response` that it is made from."""
    return type(library_own.__name__, (Whole, library_own), {"__module__": library_own.__module__})
