/** What a call asked and was answered, where it was kept, as parts of its story. */
import type { CallContent } from "@dragoman/gateway/ledger";
import { isJsonObject, type JsonValue } from "@dragoman/llm";
import type { StoryPart } from "./call-story.ts";

export function contentStory({ request, answer }: CallContent): readonly StoryPart[] {
  const messages = isJsonObject(request) && Array.isArray(request.messages) ? request.messages.filter(isJsonObject) : [];
  const asked = messages.map(({ role, parts }) => ({
    title: `What the ${typeof role === "string" ? role : "message"} said`,
    lines: Array.isArray(parts) ? parts.flatMap(linesOf) : [],
  }));
  return [...asked, { title: "What was answered", lines: answer === "" ? [] : answer.split("\n") }].filter(
    ({ lines }) => lines.length > 0,
  );
}

/** Text as it is; of all else, what it is. */
function linesOf(part: JsonValue): readonly string[] {
  if (!isJsonObject(part)) return [];
  const { type, text, name, arguments: given, content } = part;
  if (typeof text === "string") return text.split("\n");
  if (type === "tool-call") return [`[calls ${String(name)} with ${JSON.stringify(given ?? {})}]`];
  if (type === "tool-result" && Array.isArray(content)) return content.flatMap(linesOf);
  return [`[${String(type)}]`];
}
