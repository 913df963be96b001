// OpenAI's client for JavaScript, as it is.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { WITAN_URL, WITAN_KEY } = process.env;
const client = new OpenAI({ baseURL: `${WITAN_URL}/v1`, apiKey: WITAN_KEY });
const model = "council/finance";
const messages = [{ role: "user", content: "How many months of runway should we raise for?" }];

const models = [];
for await (const one of client.models.list()) models.push(one.id);
assert.ok(models.includes(model), `${models}`);

const whole = await client.chat.completions.create({ model, messages });
assert.equal(whole.choices[0].finish_reason, "stop");
assert.ok(whole.choices[0].message.content && whole.usage.total_tokens > 0);

const stream = client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
let words = "";
stream.on("content", (delta) => (words += delta));
const done = await stream.finalChatCompletion();
assert.equal(words, done.choices[0].message.content);
assert.ok(done.usage.total_tokens > 0);

const nobody = client.chat.completions.create({ model: "council/nobody", messages }, { maxRetries: 0 });
await assert.rejects(nobody, (error) => error instanceof OpenAI.NotFoundError && error.code === "model_not_found");
