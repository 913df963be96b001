// The AI SDK on a server: the council as a model of an OpenAI-compatible provider.
import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";

const { WITAN_URL, WITAN_KEY } = process.env;
const witan = createOpenAICompatible({ name: "witan", baseURL: `${WITAN_URL}/v1`, apiKey: WITAN_KEY, includeUsage: true });
const question = { model: witan("council/finance"), prompt: "How many months of runway should we raise for?" };

const whole = await generateText(question);
assert.equal(whole.finishReason, "stop");
assert.ok(whole.text && whole.usage.totalTokens > 0);

const streamed = streamText(question);
let words = "";
for await (const delta of streamed.textStream) words += delta;
assert.equal(await streamed.finishReason, "stop");
assert.ok(words && (await streamed.usage).totalTokens > 0);
