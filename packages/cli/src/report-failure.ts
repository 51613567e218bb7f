import { DragomanError, type ErrorCode, redactSecrets } from "@dragoman/llm";
import { EXIT } from "./exit.ts";
import { printable } from "./printable.ts";

const USAGE_CODES: ReadonlySet<ErrorCode> = new Set([
  "invalid_request",
  "unknown_model",
  "ambiguous_model",
  "configuration",
  "schema_unsupported",
  "unsupported",
]);

/** One line for a person on standard error, and the exit status. Never a stack: that is for `NODE_DEBUG=dragoman`. */
export function reportFailure(error: unknown): number {
  if (process.env.NODE_DEBUG?.split(",").includes("dragoman")) console.error(error);
  if (DragomanError.is(error)) {
    if (error.code === "aborted") return EXIT.interrupted;
    console.error(printable(error.message));
    return USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed;
  }
  console.error(`dragoman: ${printable(redactSecrets(error instanceof Error ? error.message : String(error)))}`);
  return EXIT.failed;
}
