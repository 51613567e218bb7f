/** Vectors: which of a few texts answers a question, at stand-ins for two vendors on this machine. */
import { cohere, cosineSimilarity, openai, Secret } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";

const texts = ["Rivers run to the sea.", "The cat sleeps on the warm mat.", "Shares fell in Tokyo."];
const question = "Where does the cat sleep?";
const key = new Secret("any-key");

const openaiVendor = await startFakeVendor("openai");
const { embed } = openai({ baseUrl: openaiVendor.baseUrl, key });
if (embed === undefined) throw new Error("this provider gives no vectors");
const { embeddings, usage, cost } = await embed({ model: "text-embedding-3-small", inputs: [question, ...texts] });

const [asked = [], ...rest] = embeddings;
const near = rest.map((vector, index) => ({ text: texts[index], nearness: cosineSimilarity(asked, vector) }));
const [nearest] = near.toSorted((one, other) => other.nearness - one.nearness);
console.log(`nearest: ${nearest?.text} (${nearest?.nearness.toFixed(2)})`);
console.log(`${usage.inputTokens} tokens, ${cost?.totalUsd ?? "unknown"} USD`);

const cohereVendor = await startFakeVendor("cohere");
const { rerank } = cohere({ baseUrl: cohereVendor.baseUrl, key });
const ranked = await rerank?.({ model: "rerank-v3.5", query: question, documents: texts, resultsMax: 1 });
for (const { index, score } of ranked?.results ?? []) console.log(`ranked first: ${texts[index]} (${score.toFixed(2)})`);

await Promise.all([openaiVendor.close(), cohereVendor.close()]);
