"""A body with everything in it, for each operation that takes one."""

from typing import Any

FUNCTION = {
    "type": "function",
    "function": {"name": "f", "description": "It.", "parameters": {"type": "object"}, "strict": True},
}
SEARCH = {
    "type": "file_search",
    "file_search": {"max_num_results": 5, "ranking_options": {"ranker": "auto", "score_threshold": 0.5}},
}
TOOLS = [FUNCTION, SEARCH, {"type": "code_interpreter"}]
SCHEMA = {"type": "json_schema", "json_schema": {"name": "s", "description": "It.", "schema": {}, "strict": True}}
BY_IDS = {"code_interpreter": {"file_ids": ["file-1"]}, "file_search": {"vector_store_ids": ["vs_1"]}}
BY_STORES = {"code_interpreter": {"file_ids": []}, "file_search": {"vector_stores": [{"metadata": {"a": "b"}}]}}
MESSAGE = {
    "role": "user",
    "content": [
        {"type": "text", "text": "Hi"},
        {"type": "image_file", "image_file": {"file_id": "file-1", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://e.test/i.png", "detail": "high"}},
    ],
    "attachments": [{"file_id": "file-1", "tools": [{"type": "code_interpreter"}, {"type": "file_search"}]}],
    "metadata": {"a": "b"},
}
ASSISTANT = {
    "model": "gpt-4o",
    "name": "Helper",
    "description": "It helps.",
    "instructions": "Help.",
    "reasoning_effort": "low",
    "tools": TOOLS,
    "metadata": {"a": "b"},
    "temperature": 0.5,
    "top_p": 0.5,
    "response_format": SCHEMA,
}
RUN = {
    **{name: value for name, value in ASSISTANT.items() if name not in ("name", "description", "reasoning_effort")},
    "assistant_id": "asst_1",
    "max_prompt_tokens": 100,
    "max_completion_tokens": 100,
    "truncation_strategy": {"type": "last_messages", "last_messages": 3},
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "parallel_tool_calls": True,
    "stream": False,
}
THREAD = {"messages": [{"role": "user", "content": "Hi"}, MESSAGE], "tool_resources": BY_STORES, "metadata": {"a": "b"}}
GOOD: dict[str, Any] = {
    "assistants.create": {**ASSISTANT, "tool_resources": BY_STORES},
    "assistants.update": {**ASSISTANT, "tool_resources": BY_IDS},
    "threads.create": THREAD,
    "threads.update": {"tool_resources": BY_IDS, "metadata": {"a": "b"}},
    "threads.create_and_run": {**RUN, "thread": THREAD, "tool_resources": BY_IDS},
    "messages.create": MESSAGE,
    "messages.update": {"metadata": {"a": "b"}},
    "runs.create": {
        **RUN,
        "reasoning_effort": "low",
        "additional_instructions": "More.",
        "additional_messages": [MESSAGE],
    },
    "runs.update": {"metadata": {"a": "b"}},
    "uploads.create": {
        "filename": "a.jsonl",
        "purpose": "batch",
        "bytes": 3,
        "mime_type": "text/jsonl",
        "expires_after": {"anchor": "created_at", "seconds": 3600},
    },
    "uploads.complete": {"part_ids": ["part_1"], "md5": "900150983cd24fb0d6963f7d28e17f72"},
    "runs.submit_tool_outputs": {"tool_outputs": [{"tool_call_id": "call_1", "output": "1"}], "stream": False},
}
"""A body with everything in it, for each operation that takes one."""
