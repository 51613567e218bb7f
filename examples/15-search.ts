/** Current facts for a model that cannot know them: the decision, the search, the sources, and the plain answer without them. */
import { needsCurrentFacts, search, searchReportOf, searxng, userMessage } from "@dragoman/llm";
import { startFakeSearch } from "@dragoman/llm/testing";
import { chooseModel } from "./model.ts";

// A SearXNG of your own, or here one that knows three pages.
const service = await startFakeSearch("searxng");
const backend = searxng({ baseUrl: process.env.SEARXNG_URL ?? service.baseUrl });

const { provider, model } = chooseModel();
const informed = search(provider, { backend, resultsMax: 3, cacheMs: 0 });

for (const question of ["Why is the sky blue?", "What is the weather in Oslo today?"]) {
  const { decision, reasons } = needsCurrentFacts(question, { now: Date.now() });
  console.log(`${question}: ${decision} (${reasons.map(({ signal, weight }) => `${signal} ${weight}`).join(", ")})`);
}

const messages = [userMessage("What is the weather in Oslo today?")];
const { message, warnings } = await informed.complete({ model, messages });
for (const report of warnings.map(searchReportOf)) {
  if (report !== undefined) console.log(`${report.outcome} by ${report.backend}: ${report.reasons.join("; ")}`);
}
const sources = message.parts.filter((part) => part.type === "source");
for (const [index, { title, url }] of sources.entries()) console.log(`[${index + 1}] ${url} ${title}`);

await service.close();
const { warnings: told } = await informed.complete({ model, messages });
for (const report of told.map(searchReportOf)) {
  const [failure] = report?.failures ?? [];
  if (failure !== undefined) console.log(`without the service: ${report?.outcome}, ${failure.backend} ${failure.code}`);
}
