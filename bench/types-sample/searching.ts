/** Current facts before the question. */
import { anthropic, brave, needsCurrentFacts, type SearchBackend, search, searxng, textOf, userMessage } from "@dragoman/llm";

const own: SearchBackend = {
  id: "own",
  search: async ({ text }) => ({
    backend: "own",
    results: [{ title: text, url: "https://example.org", snippet: "One." }],
    warnings: [],
  }),
};
const informed = search(anthropic(), { backends: [own, brave(), searxng({ baseUrl: "http://127.0.0.1:8080" })], resultsMax: 3 });

export async function ask(question: string): Promise<string> {
  const { message, warnings } = await informed.complete({ model: "claude-haiku", messages: [userMessage(question)] });
  const sources = message.parts.flatMap((part) => (part.type === "source" ? [part.url ?? part.title ?? "?"] : []));
  return [textOf(message), ...sources, ...warnings.map(({ detail }) => detail)].join("\n");
}

export const decided = needsCurrentFacts("Who won yesterday?", { now: Date.now() });
