"""How each act that produces something is written down, delta by delta. Nothing here takes virtual time."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from .acts import CallTools, Interpret, Refuse, Say
from .annotations import Annotation
from .chunks import pieces
from .objects import steps as s
from .objects.messages import ImageFile, ImageFilePart, Part, RefusalPart, Text, TextPart
from .objects.runs import CalledFunction, RequiredAction, RequiredCall, RequiredCalls, Run
from .objects.tools import search_settings
from .pen import Moment, Pen


def say(pen: Pen, act: Say, images: Sequence[str]) -> Moment:
    """A message with text, annotations and images (file ids)."""
    yield from pen.open_message()
    if act.images_first:
        yield from _show(pen, images)
    yield from _say_text(pen, act)
    if not act.images_first:
        yield from _show(pen, images)
    pen.keep_parts()


def _show(pen: Pen, images: Sequence[str]) -> Moment:
    for image in images:
        part = ImageFilePart(image_file=ImageFile(file_id=image))
        index = pen.add_part(lambda part=part: part)  # type: ignore[misc]
        pen.tell_part(index, part.model_dump())
        yield 0


def refuse(pen: Pen, act: Refuse) -> Moment:
    """A message that is a refusal."""
    yield from pen.open_message()
    told: list[str] = []
    index = pen.add_part(lambda: RefusalPart(refusal="".join(told)))
    for piece in pieces(act.text) if act.text else [""]:
        told.append(piece)
        pen.tell_part(index, {"type": "refusal", "refusal": piece})
        yield 0
    pen.keep_parts()


def call_tools(pen: Pen, act: CallTools) -> Moment:
    """A step of function calls: of each the header, then the pieces of its arguments."""
    yield from pen.open_step(s.ToolCalls())
    for index, call in enumerate(act.calls):
        id = pen.ids.reserve(call.id) if call.id else pen.ids.make("call")
        pen.tell_call(index, "function", {"name": call.name, "arguments": "", "output": None}, id)
        yield 0
        for piece in _argument_pieces(call.arguments):
            pen.tell_call(index, "function", {"arguments": piece})
            yield 0
        pen.add_call(s.FunctionCall(id=id, function=s.FunctionCalled(name=call.name, arguments=call.arguments)))


def interpret(pen: Pen, act: Interpret, images: Sequence[str]) -> Moment:
    """A code interpreter step: the pieces of its input, then its outputs (`images` are file ids)."""
    kind = "code_interpreter"
    yield from pen.open_step(s.ToolCalls())
    id = pen.ids.make("call")
    pen.tell_call(0, kind, {"input": "", "outputs": []}, id)
    yield 0
    for piece in pieces(act.input):
        pen.tell_call(0, kind, {"input": piece})
        yield 0
    outputs: list[s.Logs | s.Image] = [s.Logs(logs=act.logs)] if act.logs is not None else []
    outputs += [s.Image(image=s.OutputFile(file_id=image)) for image in images]
    for index, output in enumerate(outputs):
        pen.tell_call(0, kind, {"outputs": [{"index": index, **output.model_dump()}]})
        yield 0
    pen.add_call(s.CodeInterpreterCall(id=id, code_interpreter=s.Interpreted(input=act.input, outputs=outputs)))


def search(pen: Pen, results: list[s.SearchResult]) -> Moment:
    """A file search step: its one delta has no results, they come when the step is completed."""
    ranking = _ranking(pen.run)
    yield from pen.open_step(s.ToolCalls())
    id = pen.ids.make("call")
    pen.tell_call(0, "file_search", {"ranking_options": ranking.model_dump(), "results": []}, id)
    yield 0
    pen.add_call(s.FileSearchCall(id=id, file_search=s.Searched(ranking_options=ranking, results=results)))


def put_outputs(pen: Pen, outputs: Mapping[str, str]) -> None:
    """Fill in what was submitted for the open step's function calls, by call id."""
    step = pen.step
    if step is None or not isinstance(step.step_details, s.ToolCalls):
        return
    calls = [_answered(call, outputs) for call in step.step_details.tool_calls]
    pen.conversation.put_step(step.with_changes(step_details=s.ToolCalls(tool_calls=calls)))


def function_calls(step: s.RunStep | None) -> list[s.FunctionCall]:
    """The function calls of a step, in their order."""
    calls = step.step_details.tool_calls if step and isinstance(step.step_details, s.ToolCalls) else []
    return [call for call in calls if isinstance(call, s.FunctionCall)]


def required_action(step: s.RunStep | None) -> RequiredAction:
    """What a run asks of its client: the outputs of the function calls of a step."""
    required = [
        RequiredCall.made(
            id=call.id, function=CalledFunction.made(name=call.function.name, arguments=call.function.arguments)
        )
        for call in function_calls(step)
    ]
    return RequiredAction.made(submit_tool_outputs=RequiredCalls.made(tool_calls=required))


def _ranking(run: Run) -> s.SearchRanking:
    """How a search ranks: as the run's own file search tool says."""
    settings = search_settings(run.tools)
    if settings is None:
        return s.SearchRanking()
    options = settings.ranking_options
    return s.SearchRanking(ranker=options.ranker, score_threshold=options.score_threshold)


def _answered(call: s.ToolCall, outputs: Mapping[str, str]) -> s.ToolCall:
    if not isinstance(call, s.FunctionCall) or call.id not in outputs:
        return call
    return call.with_changes(function=call.function.with_changes(output=outputs[call.id]))


def _say_text(pen: Pen, act: Say) -> Moment:
    if not act.text and act.images:
        return
    told: list[str] = []
    notes: list[Annotation] = []

    def draft() -> Part:
        return TextPart.made(text=Text.made(value="".join(told), annotations=[deepcopy(note.wire) for note in notes]))

    index = pen.add_part(draft)
    for text in _text_deltas(act, notes):
        told.append(text["value"])
        pen.tell_part(index, {"type": "text", "text": text})
        yield 0


def _text_deltas(act: Say, notes: list[Annotation]) -> Iterator[dict[str, Any]]:
    """The `text` of each delta. An annotation goes with the piece in which its marker ends, at the latest the last."""
    position, length = 0, len(act.text)

    def end(note: Annotation) -> int:
        return min(int(note.wire["end_index"]), length)

    waiting = sorted(act.annotations, key=end)
    places = [(note.wire["start_index"], note.wire["end_index"]) for note in act.annotations]
    spans = [(first, last) for first, last in places if first < last <= length]
    for number, piece in enumerate(pieces(act.text, act.chunks, spans) if act.text else [""]):
        position += len(piece)
        text: dict[str, Any] = {"value": piece}
        noted = []
        while waiting and end(waiting[0]) <= position:
            note = waiting.pop(0)
            noted.append(_indexed(len(notes), note))
            notes.append(note)
        if noted or number == 0:
            text["annotations"] = noted
        yield text


def _indexed(index: int, note: Annotation) -> dict[str, Any]:
    """An annotation as a delta carries it: with its index, and a quote where it cites a file."""
    wire = {"index": index, **note.wire}
    if wire["type"] == "file_citation":
        wire["file_citation"] = {**wire["file_citation"], "quote": note.quote}
    return wire


def _argument_pieces(arguments: str) -> Iterator[str]:
    if arguments == "{}":
        return iter([arguments])
    return pieces(arguments)
