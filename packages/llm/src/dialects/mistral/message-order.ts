/**
 * The order of messages that Mistral insists on, as a pass over the rendered ones. Source: mistral-common, the request
 * validator, and the refusals of the API: "Unexpected role 'user' after role 'tool'", "Expected last role User or Tool (or
 * Assistant with prefix True) for serving".
 */
import type { JsonObject } from "../../json.ts";
import type { Warning } from "../../warning.ts";

type Roles = readonly string[];

/** What an assistant is made to say between a tool's result and a user's words. */
export const FILLER = "OK.";

const NO_SYSTEM_AFTER: Roles = ["assistant", "tool"];

export function inMistralOrder(messages: readonly JsonObject[], warnings: Warning[]): readonly JsonObject[] {
  const ordered: JsonObject[] = [];
  for (const message of messages) {
    if (isEmptyAnswer(message)) {
      report(warnings, "lossy", "an assistant's message that says nothing was left out; the vendor refuses it");
      continue;
    }
    const before = ordered.at(-1)?.role;
    const next = asUserWhereDue(message, before, warnings);
    if (before === "tool" && next.role === "user") {
      ordered.push({ role: "assistant", content: FILLER });
      report(warnings, "other", `an assistant's "${FILLER}" was put between a tool's result and a user's message`);
    }
    ordered.push(next);
  }
  return withPrefix(ordered);
}

function isEmptyAnswer({ role, content, tool_calls: calls }: JsonObject): boolean {
  return role === "assistant" && (content === "" || content === null || content === undefined) && calls === undefined;
}

function asUserWhereDue(message: JsonObject, before: unknown, warnings: Warning[]): JsonObject {
  if (message.role !== "system" || typeof before !== "string" || !NO_SYSTEM_AFTER.includes(before)) return message;
  report(warnings, "lossy", `a system message after role ${before} went as a user message`);
  return { ...message, role: "user" };
}

/** The vendor goes on with a last message of the assistant's, and repeats it in the answer. */
function withPrefix(messages: readonly JsonObject[]): readonly JsonObject[] {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || last.tool_calls !== undefined) return messages;
  return [...messages.slice(0, -1), { ...last, prefix: true }];
}

function report(warnings: Warning[], type: Warning["type"], detail: string): void {
  warnings.push({ type, path: "messages", detail });
}

/** `prefix` where it says no more than its place does: false anywhere, true at the end. */
export function withoutPlainPrefix(message: JsonObject, isLast: boolean): JsonObject {
  const { prefix, ...rest } = message;
  return prefix === false || prefix === null || (prefix === true && isLast) ? rest : message;
}
