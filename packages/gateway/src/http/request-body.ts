/** Bytes of a request body -> JSON, refusing what no dialect should have to deal with. */
import { isUtf8 } from "node:buffer";
import { DragomanError } from "@dragoman/llm";

/** Deeper than any real schema or tool argument, far from any stack's end. */
const DEPTH_MAX = 128;

/**
 * Throws `invalid_request` for an empty body, bytes that are not UTF-8, nesting beyond 128 levels, no JSON, or a key named
 * `__proto__`, which copies of the object would take for its prototype.
 */
export function parseRequestBody(bytes: Buffer): unknown {
  if (bytes.length === 0) throw refused("the body is empty", "send a JSON object");
  if (!isUtf8(bytes)) throw refused("the body is not valid UTF-8", "encode it as UTF-8");
  const text = bytes.toString("utf8");
  if (isDeeperThan(text, DEPTH_MAX)) throw refused(`the body is nested deeper than ${DEPTH_MAX} levels`, "flatten it");
  const body = parseJson(text);
  if (MAY_HAVE_PROTO_KEY.test(text)) {
    const field = findProtoKey(body, "");
    if (field !== undefined) throw refused(`${field} is not allowed as a key`, "rename the key", field);
  }
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it cannot be parsed";
    throw refused(`the body is not JSON: ${reason}`, "send a JSON object");
  }
}

function refused(detail: string, advice: string, field?: string): DragomanError {
  return new DragomanError({ code: "invalid_request", detail, advice, field });
}

/** Also spelt with escapes: any escaped underscore or letter of the word makes a closer look worth while. */
const MAY_HAVE_PROTO_KEY = /__proto__|\\u00[567]/;

/** Path of the first such key. The body's depth is bounded, so is the recursion. */
function findProtoKey(value: unknown, path: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, child] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    if (key === "__proto__" && !Array.isArray(value)) return at;
    const found = findProtoKey(child, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts brackets outside strings. Most bodies end the count early: a text shorter than the limit cannot be deeper. */
function isDeeperThan(text: string, depthMax: number): boolean {
  if (text.length <= depthMax) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === QUOTE) index = endOfString(text, index);
    else if (character === 0x7b || character === 0x5b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (character === 0x7d || character === 0x5d) depth -= 1;
  }
  return false;
}

/** The closing quote of the string that begins at `start`: long media stand in one string, so `indexOf` does the walking. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
