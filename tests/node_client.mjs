// A conversation by the Node SDK with a fake that this process knows only as a URL; what it heard goes to stdout as JSON.
import OpenAI from "openai";
import { VERSION } from "openai/version";

const [origin, way] = process.argv.slice(2);

async function control(method, path, body) {
  const response = await fetch(`${origin}/openai_fake/${path}`, { method, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  const isJson = response.headers.get("content-type") === "application/json";
  return isJson ? response.json() : response.text();
}

await control("POST", "reset");
await control("POST", "add/assistant", { id: "asst_weather", instructions: "You know the weather." });
await control("POST", "scripts", {
  message: "weather",
  acts: [{ tool_call: "get_weather", arguments: { city: "Paris" } }, { reply: "It is sunny in Paris." }],
});

const client = new OpenAI({ apiKey: "sk-from-node-0123456789", baseURL: `${origin}/v1`, maxRetries: 1 });
const { threads } = client.beta;
const thread = await threads.create({ messages: [{ role: "user", content: "What is the weather in Paris?" }] });
const told = [];
const outputs = (run) =>
  run.required_action.submit_tool_outputs.tool_calls.map((call) => ({
    tool_call_id: call.id,
    output: call.function.arguments,
  }));

if (way === "polled") {
  let run = await threads.runs.createAndPoll(thread.id, { assistant_id: "asst_weather" });
  told.push(run.status);
  run = await threads.runs.submitToolOutputsAndPoll(run.id, { thread_id: thread.id, tool_outputs: outputs(run) });
  told.push(run.status);
} else if (way === "streamed") {
  let stream = threads.runs.stream(thread.id, { assistant_id: "asst_weather" });
  while (stream) {
    let next;
    for await (const event of stream) {
      if (told.at(-1) !== event.event) told.push(event.event);
      if (event.event === "thread.run.requires_action") {
        const given = { thread_id: thread.id, tool_outputs: outputs(event.data) };
        next = threads.runs.submitToolOutputsStream(event.data.id, given);
      }
    }
    stream = next;
  }
} else {
  // One cut connection is tried again; a stream that breaks off is an error.
  await control("POST", "faults", { fault: "connect_error", on: "threads.retrieve" });
  told.push((await threads.retrieve(thread.id)).id === thread.id);
  await control("POST", "faults", { fault: "disconnect", with: { after_events: 3 } });
  try {
    for await (const event of threads.runs.stream(thread.id, { assistant_id: "asst_weather" })) told.push(event.event);
  } catch (error) {
    told.push(error instanceof Error);
  }
}

const page = await threads.messages.list(thread.id);
const { calls } = await control("GET", "calls");
console.log(
  JSON.stringify({
    version: VERSION,
    told,
    text: page.data[0].content[0].text.value,
    operations: calls.map((call) => call.operation),
    language: calls[0].headers["x-stainless-lang"],
    authorization: calls[0].headers.authorization,
    transcript: await control("GET", "transcript"),
    complaints: (await control("GET", "complaints")).complaints,
  }),
);
