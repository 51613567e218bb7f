/** Looks at media that came by value before anybody is asked: vendors refuse them late, or see nothing and say nothing. */
import { DragomanError, type Message, type Part } from "@dragoman/llm";

/** What is not base64 shows at once: an address, a path, a `data:` prefix. The vendor reads the rest. Characters. */
const LOOKED_AT_LENGTH = 4_096;
const BASE64 = /^[A-Za-z0-9+/_\-\s]*={0,2}\s*$/;

/** Throws `invalid_request` with the part's path in the canonical request. */
export function checkMedia(messages: readonly Message[]): void {
  for (const [index, message] of messages.entries()) {
    for (const [position, part] of message.parts.entries()) checkPart(part, `messages[${index}].parts[${position}]`);
  }
}

function checkPart(part: Part, path: string): void {
  if (part.type === "tool-result") {
    for (const [position, item] of part.content.entries()) checkPart(item, `${path}.content[${position}]`);
    return;
  }
  if ((part.type !== "image" && part.type !== "audio" && part.type !== "file") || part.source.type !== "data") return;
  const { data } = part.source;
  if (data === "") throw refused(part.type, "is empty", path);
  if (!BASE64.test(data.slice(0, LOOKED_AT_LENGTH))) throw refused(part.type, "is not base64", path);
}

function refused(kind: string, what: string, path: string): DragomanError {
  return new DragomanError({
    code: "invalid_request",
    field: `${path}.source.data`,
    detail: `the data of the ${kind} ${what}`,
    advice: `send the bytes of the ${kind} as base64, without a prefix`,
  });
}
