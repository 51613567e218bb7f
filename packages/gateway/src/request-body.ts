/** Bytes of a request body -> JSON, refusing what no dialect should have to deal with. */
import { isUtf8 } from "node:buffer";
import { DragomanError } from "@dragoman/llm";

/** Deeper than any real schema or tool argument, far from any stack's end. */
const DEPTH_MAX = 128;

/** Throws `invalid_request` for an empty body, bytes that are not UTF-8, nesting beyond 128 levels, or no JSON. */
export function parseRequestBody(bytes: Buffer): unknown {
  if (bytes.length === 0) throw refused("the body is empty", "send a JSON object");
  if (!isUtf8(bytes)) throw refused("the body is not valid UTF-8", "encode it as UTF-8");
  const text = bytes.toString("utf8");
  if (isDeeperThan(text, DEPTH_MAX)) throw refused(`the body is nested deeper than ${DEPTH_MAX} levels`, "flatten it");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused(
      `the body is not JSON: ${error instanceof Error ? error.message : "it cannot be parsed"}`,
      "send a JSON object",
    );
  }
}

function refused(detail: string, advice: string): DragomanError {
  return new DragomanError({ code: "invalid_request", detail, advice });
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
