/** The same call again costs nothing; equal calls at the same time become one. */
import { cache, createMemoryResponseStore, textOf, userMessage } from "@dragoman/llm";
import { createSimulator } from "@dragoman/llm/testing";

const store = createMemoryResponseStore({ entriesMax: 500, bytesMax: 8 * 1024 * 1024 });
const model = cache(createSimulator(), { store, timeToLiveMs: 10 * 60_000, namespace: "team-red" });

const call = { model: "echo", messages: [userMessage("What is a dragoman?")], metadata: { user: "ada" } };
const [first, joined] = await Promise.all([model.complete(call), model.complete(call)]);
console.log(`asked: ${textOf(first.message)}`);
console.log(`joined at the same time: ${joined.cached !== undefined}`);

const again = await model.complete(call);
console.log(`again: from the cache ${again.cached !== undefined}, cost ${again.cost?.totalUsd} USD`);

const another = await model.complete({ ...call, metadata: { user: "grace" } });
console.log(`another user: from the cache ${another.cached !== undefined}`);

const anew = await model.complete({ ...call, metadata: { user: "ada", tags: { cache: "no" } } });
console.log(`asked anew: from the cache ${anew.cached !== undefined}`);
