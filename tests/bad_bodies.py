"""Bad bodies, and what the service said to each: word for word as recorded or quoted, or by its templates."""

from typing import Any

TYPE, UNKNOWN, MISSING, VALUE = "invalid_type", "unknown_parameter", "missing_required_parameter", "invalid_value"
JOKE = {"role": "user", "content": "Hi"}
MODEL = {"model": "m"}
RUN = {"assistant_id": "asst_1"}

BODIES: list[tuple[str, Any, str, str | None, str | None]] = [
    # recorded or quoted, word for word
    (
        "threads.create",
        {"metadata": {"modified": True}},
        "Invalid type for 'metadata.modified': expected a string, but got a boolean instead.",
        "metadata.modified",
        TYPE,
    ),
    (
        "messages.create",
        {"role": "human", "content": "Hi"},
        "Invalid value: 'human'. Supported values are: 'user' and 'assistant'.",
        "role",
        VALUE,
    ),
    (
        "assistants.create",
        {**MODEL, "tools": [{"type": "retrieval"}]},
        "Invalid value: 'retrieval'. Supported values are: 'code_interpreter', 'function', and 'file_search'.",
        "tools[0].type",
        VALUE,
    ),
    (
        "threads.create",
        {"messages": [{**JOKE, "id": "msg_1"}]},
        "Unknown parameter: 'messages[0].id'.",
        "messages[0].id",
        UNKNOWN,
    ),
    ("threads.create", {"role": "user"}, "Unknown parameter: 'role'.", "role", UNKNOWN),
    ("runs.create", {}, "Missing required parameter: 'assistant_id'.", "assistant_id", MISSING),
    (
        "threads.create",
        {"metadata": {f"k{n}": "v" for n in range(17)}},
        "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
        "but got an object with 17 properties instead.",
        "metadata",
        "object_above_max_properties",
    ),
    (
        "threads.create",
        {"metadata": {"k" * 70: "v"}},
        "Invalid property name in 'metadata': 'kkk...kkk' is too long. "
        "Expected a string with maximum length 64, but got a string with length 70 instead.",
        "metadata",
        "property_name_above_max_length",
    ),
    (
        "threads.create",
        {"metadata": {"note": "v" * 513}},
        "Invalid 'metadata.note': string too long. "
        "Expected a string with maximum length 512, but got a string with length 513 instead.",
        "metadata.note",
        "string_above_max_length",
    ),
    (
        "assistants.create",
        {**MODEL, "tools": [{"type": "code_interpreter"}] * 129},
        "Invalid 'tools': array too long. "
        "Expected an array with maximum length 128, but got an array with length 129 instead.",
        "tools",
        "array_above_max_length",
    ),
    # by the templates
    ("assistants.create", {}, "Missing required parameter: 'model'.", "model", MISSING),
    ("messages.create", {"role": "user"}, "Missing required parameter: 'content'.", "content", MISSING),
    (
        "runs.create",
        {**RUN, "additional_messages": [{"content": "Hi"}]},
        "Missing required parameter: 'additional_messages[0].role'.",
        "additional_messages[0].role",
        MISSING,
    ),
    (
        "assistants.create",
        {**MODEL, "tools": [{}]},
        "Missing required parameter: 'tools[0].type'.",
        "tools[0].type",
        MISSING,
    ),
    (
        "assistants.create",
        {**MODEL, "tools": [{"type": "function", "function": {}}]},
        "Missing required parameter: 'tools[0].function.name'.",
        "tools[0].function.name",
        MISSING,
    ),
    (
        "assistants.create",
        {**MODEL, "tools": [{"type": "file_search", "file_search": {"ranking_options": {}}}]},
        "Missing required parameter: 'tools[0].file_search.ranking_options.score_threshold'.",
        "tools[0].file_search.ranking_options.score_threshold",
        MISSING,
    ),
    (
        "assistants.create",
        {**MODEL, "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schem": {}}}},
        "Unknown parameter: 'response_format.json_schema.schem'. Did you mean 'schema'?",
        "response_format.json_schema.schem",
        UNKNOWN,
    ),
    (
        "assistants.create",
        {**MODEL, "nam": "x"},
        "Unknown parameter: 'nam'. Did you mean 'name'?",
        "nam",
        UNKNOWN,
    ),
    (
        "assistants.create",
        {**MODEL, "modls": []},
        "Unknown parameter: 'modls'. Did you mean 'model' or 'tools'?",
        "modls",
        UNKNOWN,
    ),
    (
        "runs.create",
        {**RUN, "additional_messages": [{**JOKE, "rol": "x"}]},
        "Unknown parameter: 'additional_messages[0].rol'. Did you mean 'role'?",
        "additional_messages[0].rol",
        UNKNOWN,
    ),
    ("runs.cancel", {"reason": "x"}, "Unknown parameter: 'reason'.", "reason", UNKNOWN),
    (
        "assistants.create",
        {"model": 4},
        "Invalid type for 'model': expected a string, but got an integer instead.",
        "model",
        TYPE,
    ),
    (
        "assistants.create",
        {**MODEL, "temperature": "hot"},
        "Invalid type for 'temperature': expected a decimal, but got a string instead.",
        "temperature",
        TYPE,
    ),
    (
        "runs.create",
        {**RUN, "max_prompt_tokens": 100.5},
        "Invalid type for 'max_prompt_tokens': expected an integer, but got a decimal instead.",
        "max_prompt_tokens",
        TYPE,
    ),
    (
        "runs.create",
        {**RUN, "parallel_tool_calls": "yes"},
        "Invalid type for 'parallel_tool_calls': expected a boolean, but got a string instead.",
        "parallel_tool_calls",
        TYPE,
    ),
    (
        "threads.create",
        {"metadata": []},
        "Invalid type for 'metadata': expected an object, but got an array instead.",
        "metadata",
        TYPE,
    ),
    (
        "threads.create",
        {"messages": "Hi"},
        "Invalid type for 'messages': expected an array of objects, but got a string instead.",
        "messages",
        TYPE,
    ),
    (
        "threads.create",
        {"messages": ["Hi"]},
        "Invalid type for 'messages[0]': expected an object, but got a string instead.",
        "messages[0]",
        TYPE,
    ),
    (
        "messages.create",
        {"role": "user", "content": None},
        "Invalid type for 'content': expected one of a string or array of objects, but got null instead.",
        "content",
        TYPE,
    ),
    (
        "runs.submit_tool_outputs",
        {"tool_outputs": [{"tool_call_id": "call_1", "output": {"a": 1}}]},
        "Invalid type for 'tool_outputs[0].output': expected a string, but got an object instead.",
        "tool_outputs[0].output",
        TYPE,
    ),
    ("threads.create", [], "Invalid type: expected an object, but got an array instead.", None, TYPE),
    (
        "messages.create",
        {"role": "user", "content": []},
        "Invalid 'content': array too short. "
        "Expected an array with minimum length 1, but got an array with length 0 instead.",
        "content",
        "empty_array",
    ),
    (
        "messages.create",
        {"role": "user", "content": [{"type": "video"}]},
        "Invalid value: 'video'. Supported values are: 'text', 'image_file', and 'image_url'.",
        "content[0].type",
        VALUE,
    ),
    (
        "assistants.create",
        {**MODEL, "temperature": 3},
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
        "temperature",
        "decimal_above_max_value",
    ),
    (
        "assistants.create",
        {**MODEL, "top_p": -0.5},
        "Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -0.5 instead.",
        "top_p",
        "decimal_below_min_value",
    ),
    (
        "runs.create",
        {**RUN, "max_completion_tokens": 15},
        "Invalid 'max_completion_tokens': integer below minimum value. Expected a value >= 16, but got 15 instead.",
        "max_completion_tokens",
        "integer_below_min_value",
    ),
    (
        "assistants.create",
        {**MODEL, "tools": [{"type": "file_search", "file_search": {"max_num_results": 51}}]},
        "Invalid 'tools[0].file_search.max_num_results': integer above maximum value. "
        "Expected a value <= 50, but got 51 instead.",
        "tools[0].file_search.max_num_results",
        "integer_above_max_value",
    ),
    (
        "assistants.create",
        {**MODEL, "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"], "vector_stores": [{}]}}},
        "Mutually exclusive parameters: 'vector_store_ids' and 'vector_stores'. "
        "Ensure you are only providing one of: 'vector_store_ids' or 'vector_stores'.",
        "tool_resources.file_search",
        "mutually_exclusive_parameters",
    ),
    # one fault is told at a time: what is missing, then what is unknown, then types and bounds
    ("assistants.create", {"temperature": 9, "x": 1}, "Missing required parameter: 'model'.", "model", MISSING),
    ("assistants.create", {**MODEL, "temperature": 9, "xyz": 1}, "Unknown parameter: 'xyz'.", "xyz", UNKNOWN),
    (
        "assistants.create",
        {
            **MODEL,
            "tool_resources": {"file_search": {"vector_store_ids": [], "vector_stores": [{"foo": 1}]}},
        },
        "Unknown parameter: 'tool_resources.file_search.vector_stores[0].foo'.",
        "tool_resources.file_search.vector_stores[0].foo",
        UNKNOWN,
    ),
    # keys of any form are told as they were sent
    (
        "assistants.create",
        {**MODEL, "<model>": 1},
        "Unknown parameter: '<model>'. Did you mean 'model'?",
        "<model>",
        UNKNOWN,
    ),
    ("threads.create", {"<string>": 1}, "Unknown parameter: '<string>'.", "<string>", UNKNOWN),
    ("assistants.create", {**MODEL, "xyz.name": 1}, "Unknown parameter: 'xyz.name'.", "xyz.name", UNKNOWN),
    (
        "threads.create",
        {"messages": [{**JOKE, "<b>": 1}]},
        "Unknown parameter: 'messages[0].<b>'.",
        "messages[0].<b>",
        UNKNOWN,
    ),
    (
        "assistants.create",
        {**MODEL, "response_format": {"type": "text", "<object>": 1}},
        "Unknown parameter: 'response_format.<object>'.",
        "response_format.<object>",
        UNKNOWN,
    ),
    (
        "threads.create",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": {"value": "Hi", "<string>": 1}}]}]},
        "Unknown parameter: 'messages[0].content[0].text.<string>'.",
        "messages[0].content[0].text.<string>",
        UNKNOWN,
    ),
    (
        "threads.create",
        {"metadata": {"<b>": 1}},
        "Invalid type for 'metadata.<b>': expected a string, but got an integer instead.",
        "metadata.<b>",
        TYPE,
    ),
    (
        "threads.create",
        {"metadata": {"a.[key]": "v" * 513}},
        "Invalid 'metadata.a.[key]': string too long. "
        "Expected a string with maximum length 512, but got a string with length 513 instead.",
        "metadata.a.[key]",
        "string_above_max_length",
    ),
    (
        "threads.create",
        {"metadata": {"[key]": 1}},
        "Invalid type for 'metadata.[key]': expected a string, but got an integer instead.",
        "metadata.[key]",
        TYPE,
    ),
    *(
        (
            "threads.create",
            {"metadata": {key: "v"}},
            f"Invalid property name in 'metadata': '{key[:3]}...{key[-3:]}' is too long. "
            f"Expected a string with maximum length 64, but got a string with length {len(key)} instead.",
            "metadata",
            "property_name_above_max_length",
        )
        for key in ("a.b" + "k" * 70, "k" * 65 + ".", f"<{'k' * 70}>", "[key]" * 13)
    ),
]
