/**
 * AWS's binary event stream as the player reads it by itself, sharing nothing with the decoder under test. A stream stands
 * in a text of which each character is one byte.
 */

import { parsedOrAbsent } from "./raw-json.ts";
import type { StreamUnit } from "./raw-stream.ts";

const NAMES: readonly string[] = [":event-type", ":exception-type", ":error-code"];

/** Up to the first frame that is not whole. */
export function frameUnits(text: string): StreamUnit[] {
  const bytes = Buffer.from(text, "latin1");
  const units: StreamUnit[] = [];
  for (let at = 0; at + 16 <= bytes.length; ) {
    const end = at + bytes.readUInt32BE(at);
    const payload = at + 12 + bytes.readUInt32BE(at + 4);
    if (end < at + 16 || end > bytes.length || payload > end - 4) break;
    const data = bytes.toString("utf8", payload, end - 4);
    units.push({ raw: text.slice(at, end), event: nameIn(bytes.subarray(at + 12, payload)), data, json: parsedOrAbsent(data) });
    at = end;
  }
  return units;
}

/** The value behind one of the names; all headers of such streams are strings. */
function nameIn(headers: Buffer): string | undefined {
  for (const name of NAMES) {
    const at = headers.indexOf(name);
    const value = at + name.length + 3;
    if (at < 0 || value > headers.length) continue;
    return headers.toString("utf8", value, value + headers.readUInt16BE(value - 2));
  }
  return undefined;
}
