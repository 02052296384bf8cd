"""Pydantic models of what crosses the wire: one module a resource, requests beside answers."""
