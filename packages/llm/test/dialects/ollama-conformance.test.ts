import { conformance } from "@dragoman/llm/testing";
import { test } from "vitest";
import { createOllamaDialect, createOllamaGenerateDialect } from "../../src/dialects/ollama/index.ts";

conformance({ name: "ollama", dialect: createOllamaDialect() }, { test });

/** It is refused with `unsupported` rather than flattened into a prompt. */
const NO_HISTORY = "/api/generate has no place for a history";

conformance(
  { name: "ollama-generate", dialect: createOllamaGenerateDialect() },
  {
    test,
    skip: {
      "request round trip: a conversation": NO_HISTORY,
      "request round trip: a tool loop": NO_HISTORY,
      "request round trip: structured tool results": NO_HISTORY,
      "request round trip: an image in a tool result": NO_HISTORY,
      "a wrong value anywhere is refused by its name or understood, never a crash: a tool loop": NO_HISTORY,
    },
  },
);
