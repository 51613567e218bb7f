/** A completion as the body that Mistral's clients read. */
import type { Completion } from "../../completion.ts";
import type { ClientContext, Dialect, RenderedResponse } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Warning } from "../../warning.ts";
import { isContent, renderAssistantContent } from "./assistant-content.ts";
import { completionInside } from "./names.ts";

export function renderResponse(inside: Dialect, completion: Completion, client: ClientContext): RenderedResponse {
  const warnings: Warning[] = [];
  const { message } = completion;
  const content = renderAssistantContent(message.parts, { path: "message", takesThinking: true, warnings });
  const rest = message.parts.map((part) => (isContent(part) ? ({ type: "text", text: "" } as const) : part));
  const asked = completionInside({ ...completion, message: { ...message, parts: rest } });
  const rendered = inside.renderResponse(asked, client);
  const [choice, ...others] = Array.isArray(rendered.body.choices) ? rendered.body.choices : [];
  const body: JsonObject = {
    ...rendered.body,
    choices: [isJsonObject(choice) ? mistralChoice(choice, closedThoughts(content)) : {}, ...others],
    // The field is demanded, its figures are not: what is unknown is left out of it.
    usage: rendered.body.usage ?? {},
  };
  return { body, warnings: [...warnings, ...rendered.warnings] };
}

/** A thought that is told whole is closed. */
function closedThoughts(content: JsonValue): JsonValue {
  if (!Array.isArray(content)) return content;
  return content.map((chunk: JsonValue) =>
    isJsonObject(chunk) && chunk.type === "thinking" && chunk.closed === undefined ? { ...chunk, closed: true } : chunk,
  );
}

/** Without the fields of OpenAI's that say nothing. */
function mistralChoice(choice: JsonObject, content: JsonValue): JsonObject {
  const { logprobs, message, ...rest } = choice;
  const { refusal: _none, ...said } = isJsonObject(message) ? message : {};
  return {
    ...rest,
    message: { tool_calls: null, ...said, content },
    ...(logprobs === null || logprobs === undefined ? {} : { logprobs }),
  };
}
