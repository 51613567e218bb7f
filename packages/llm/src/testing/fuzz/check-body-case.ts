/** What must hold of any whole answer and of any error answer. */
import type { Dialect, ErrorResponse } from "../../dialect.ts";
import { DragomanError, ERROR_TABLE } from "../../errors.ts";
import { streamFromCompletion } from "../../stream-from-completion.ts";
import { checkStream, checkUsage } from "../laws.ts";
import { findForeignPrototype } from "./check-plain-data.ts";
import { checkRenderable } from "./check-renderable.ts";
import type { Violation } from "./fuzz-case.ts";
import { FUZZ_CONTEXT, thrown } from "./read-stream-case.ts";

/** A body that is not JSON never comes to the dialect. */
export function checkBodyCase(dialect: Dialect, text: string, peer: Dialect | undefined): Violation | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  try {
    const completion = dialect.parseResponse(body, FUZZ_CONTEXT);
    const [usage] = checkUsage(completion.usage);
    if (usage !== undefined) return { law: `usage: ${usage.replace(/-?\d[\d.e+]*/g, "n")}`, detail: usage };
    const place = findForeignPrototype(completion);
    if (place !== undefined) return { law: "prototype", detail: `the prototype of ${place} came from the wire` };
    JSON.stringify(completion);
    const events = streamFromCompletion(completion);
    const [broken] = checkStream(events);
    if (broken !== undefined) return { law: `stream: ${broken.replace(/\d+/g, "n")}`, detail: broken };
    return peer === undefined ? undefined : checkRenderable(peer, events);
  } catch (error) {
    if (!DragomanError.is(error)) return thrown("reading the answer", error);
    return error.code === "internal" ? { law: "internal error", detail: error.message } : undefined;
  }
}

export function checkErrorCase(dialect: Dialect, response: ErrorResponse, peer: Dialect | undefined): Violation | undefined {
  try {
    const error = dialect.parseError(response, FUZZ_CONTEXT);
    if (!(error.code in ERROR_TABLE) || error.code === "internal")
      return { law: "error code", detail: `the code is ${error.code}` };
    const wait = error.retryAfterMs;
    if (wait !== undefined && !(Number.isFinite(wait) && wait >= 0)) return { law: "wait", detail: `retryAfterMs is ${wait}` };
    JSON.stringify(error);
    return peer === undefined ? undefined : checkRenderable(peer, [{ type: "error", error }]);
  } catch (error) {
    return thrown("reading the error", error);
  }
}
