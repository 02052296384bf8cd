"""https://platform.openai.com/docs/api-reference/run-steps"""

from ..collection import Page
from ..objects.lists import Include, StepsQuery
from ..objects.steps import RunStep, without_content
from ..polling import look
from ..routing import operation
from ..world import World
from .paging import paged


@operation("steps.retrieve", "GET /threads/{thread_id}/runs/{run_id}/steps/{step_id}")
def retrieve(world: World, thread_id: str, run_id: str, step_id: str, query: Include) -> RunStep:
    """A step of a run, or the 404; the text of what was found only where the query includes it."""
    conversation = world.conversation(thread_id)
    step = world.find(world.steps(conversation, run_id), step_id)
    look(world, conversation)
    return step if query.include else without_content(step)


@operation("steps.list", "GET /threads/{thread_id}/runs/{run_id}/steps")
def list(world: World, thread_id: str, run_id: str, query: StepsQuery) -> Page[RunStep]:
    """A page of the steps of a run, shown in the same way."""
    conversation = world.conversation(thread_id)
    steps = world.steps(conversation, run_id)
    look(world, conversation, query)
    page = paged(world, steps, query)
    return page if query.include else Page([without_content(step) for step in page.data], page.has_more)
