/** `docs/errors.md`: the error table, and how each dialect tells each code to its clients. */
import { DragomanError, ERROR_TABLE, type ErrorCode, type ErrorFacts, isJsonObject, type JsonObject } from "@dragoman/llm";
import {
  createAnthropicMessagesDialect,
  createGeminiDialect,
  createOllamaDialect,
  createOpenAIChatDialect,
  createOpenAIResponsesDialect,
} from "@dragoman/llm/dialects";
import { code, page, table } from "./markdown.ts";

const DIALECTS = [
  createOpenAIChatDialect(),
  createOpenAIResponsesDialect(),
  createAnthropicMessagesDialect(),
  createGeminiDialect(),
  createOllamaDialect(),
];

export function errorsPage(): string {
  const errors = Object.entries(ERROR_TABLE) as readonly [ErrorCode, ErrorFacts][];
  return page(
    "# Errors",
    "Every failure of a call is a `DragomanError` with one of these codes. `retryable`, `scope` and `action` are data on the " +
      "error, so that a program need not read its message. *Retry*: the same call may succeed when it is sent again. *Scope*: " +
      "what to change to make it succeed.",
    table(
      ["code", "meaning", "retry", "scope", "action", "next step", "HTTP status"],
      errors.map(([name, facts]) => [
        code(name),
        facts.meaning,
        facts.retryable ? "yes" : "no",
        facts.scope,
        code(facts.action),
        facts.advice,
        String(facts.httpStatus),
      ]),
    ),
    "## What clients of the server see",
    "Each client is told in its own vendor's words, so that its SDK raises its usual exception: the type (and code) in the " +
      "error's body, with the status. Ollama's wire has only a status and a sentence. Where a vendor said how long to wait, " +
      "`retry-after` repeats it.",
    table(
      ["code", ...DIALECTS.map((dialect) => code(dialect.id))],
      errors.map(([name]) => [code(name), ...DIALECTS.map((dialect) => told(name, dialect.renderError))]),
    ),
  );
}

function told(name: ErrorCode, renderError: (typeof DIALECTS)[number]["renderError"]): string {
  const { status, body } = renderError(new DragomanError({ code: name, detail: "detail" }));
  const words = wordsOf(body);
  return words.length === 0 ? String(status) : `${status} ${words.map(code).join(" ")}`;
}

/** Gemini's `status`, or `type` and `code` of the others. */
function wordsOf({ error }: JsonObject): readonly string[] {
  if (!isJsonObject(error)) return [];
  if (typeof error.status === "string") return [error.status];
  return [error.type, error.code].filter((word) => typeof word === "string");
}
