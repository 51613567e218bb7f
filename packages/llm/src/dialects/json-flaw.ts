/**
 * What no dialect should have to deal with in JSON from elsewhere: nesting that would end the stack of whoever walks or
 * writes it, and a key named `__proto__`, which a copy of the object takes for its prototype. It is looked for once, where
 * JSON comes in, so that readers may copy fields freely.
 */
import type { ParseContext } from "../dialect.ts";
import { DragomanError } from "../errors.ts";

/** Levels. Deeper than any real answer, schema or argument, far from where recursion ends. */
const DEPTH_MAX = 256;

export interface JsonFlaw {
  /** As in `choices[0].message`. */
  readonly path: string;
  readonly detail: string;
}

export function findJsonFlaw(value: unknown, depthLeft = DEPTH_MAX): JsonFlaw | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (depthLeft === 0) return { path: "", detail: `it is nested deeper than ${DEPTH_MAX} levels` };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const flaw = findJsonFlaw(value[index], depthLeft - 1);
      if (flaw !== undefined) return below(`[${index}]`, flaw);
    }
    return undefined;
  }
  // `for…in`, as a list of entries would cost more than the rest of this.
  for (const key in value) {
    if (key === "__proto__") return { path: key, detail: "__proto__ is not allowed as a key" };
    const flaw = findJsonFlaw(Reflect.get(value, key), depthLeft - 1);
    if (flaw !== undefined) return below(key, flaw);
  }
  return undefined;
}

function below(step: string, { path, detail }: JsonFlaw): JsonFlaw {
  const separator = path === "" || path.startsWith("[") ? "" : ".";
  // A path of hundreds of steps tells nobody anything.
  return { path: path.length > 200 ? path : step + separator + path, detail };
}

/** An event's JSON. Throws a SyntaxError for text that is not JSON, and for JSON with a flaw. */
export function parseWireJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const flaw = mayBeFlawed(text) ? findJsonFlaw(value) : undefined;
  if (flaw !== undefined) throw new SyntaxError(flaw.detail);
  return value;
}

/** A level takes two characters at least, and the name can hide only behind an escape. */
function mayBeFlawed(text: string): boolean {
  return text.length > DEPTH_MAX * 2 || text.includes("__proto__") || text.includes("\\u00");
}

/** Throws `invalid_response` for a whole answer with a flaw. */
export function refuseFlawedAnswer(body: unknown, { provider, model }: ParseContext): void {
  const flaw = findJsonFlaw(body);
  if (flaw === undefined) return;
  throw new DragomanError({ code: "invalid_response", detail: `${flaw.path}: ${flaw.detail}`, provider, model });
}
