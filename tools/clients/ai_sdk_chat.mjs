// The AI SDK as front ends have it: what `useChat` sends and reads, through its own transport and its own schema.
import assert from "node:assert/strict";
import { DefaultChatTransport, readUIMessageStream } from "ai";

const { WITAN_URL, WITAN_KEY } = process.env;
const headers = { "X-API-Key": WITAN_KEY };
const transport = new DefaultChatTransport({
  api: `${WITAN_URL}/api/v1/agents/chat`,
  headers,
  body: { agent: "finance" },
});
const chatId = `chat-${crypto.randomUUID()}`;
const said = (text) => ({ id: crypto.randomUUID(), role: "user", parts: [{ type: "text", text }] });
const texts = (message) => message.parts.filter((part) => part.type === "text").map((part) => part.text);

/** The message as a front end has it in the end, and how often it changed on the way. */
async function read(stream) {
  let message, changes = 0;
  const errors = [];
  for await (message of readUIMessageStream({ stream, onError: (error) => errors.push(error) })) changes += 1;
  assert.deepEqual(errors, []);
  return { message: structuredClone(message), changes };
}

async function send(messages) {
  return transport.sendMessages({ trigger: "submit-message", chatId, messages, abortSignal: undefined });
}

async function run(id) {
  const answer = await fetch(`${WITAN_URL}/api/v1/agents/runs/${id}`, { headers });
  assert.equal(answer.status, 200);
  return answer.json();
}

// A question, and another one after it.
const first = said("How many months of runway should we raise for?");
const { message, changes } = await read(await send([first]));
assert.ok(changes > 5, "it is seen as it is written");
const told = await run(message.id);
assert.equal(texts(message).at(-1).trim(), told.answer);
const parts = new Set(message.parts.map((part) => part.type));
for (const part of ["data-council-member-answered", "data-council-scores", "data-council-run"]) assert.ok(parts.has(part), part);
const second = await read(await send([first, message, said("And if we grow slower?")]));
assert.notEqual(second.message.id, message.id);

// Somebody who closes the page finds the answer again, from its beginning, while it is written.
const left = await send([first, message, said("And in a downturn?")]);
await left.cancel();
const found = await transport.reconnectToStream({ chatId });
assert.ok(found, "it is still being written");
const again = await read(found);
assert.equal(texts(again.message).at(-1).trim(), (await run(again.message.id)).answer);
assert.equal(await transport.reconnectToStream({ chatId }), null, "nothing is being written");

// A task that was asked without a chat is shown, too.
const shown = new DefaultChatTransport({
  headers,
  prepareReconnectToStreamRequest: ({ id }) => ({ api: `${WITAN_URL}/api/v1/agents/stream/${id}?format=ai-sdk` }),
});
const replayed = await read(await shown.reconnectToStream({ chatId: message.id }));
assert.deepEqual(texts(replayed.message), texts(message));

// What front ends keep of many answers is sent along with the next question.
const kept = { type: "data-council-run", id: "1", data: { answer: "x".repeat(2_000_000) } };
await read(await send([first, { ...message, parts: [...message.parts, kept] }, said("And then?")]));

await assert.rejects(send([said("  ")]), "a blank question is refused");
