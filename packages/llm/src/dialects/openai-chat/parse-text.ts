import type { JsonObject, JsonValue } from "../../json.ts";
import type { TextPart } from "../../message.ts";
import { invalidField, readArray, readObject, readString } from "../wire-reader.ts";
import { fieldsData, unknownFields, withVendorData } from "./vendor-data.ts";

/** A string or a list of text parts. */
export function parseTexts(content: JsonValue | undefined, path: string): readonly TextPart[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return readArray(content, path).map((item, index) => parseText(readObject(item, `${path}[${index}]`), `${path}[${index}]`));
}

const TEXT_FIELDS: ReadonlySet<string> = new Set(["type", "text"]);

export function parseText(part: JsonObject, path: string): TextPart {
  if (part.type !== "text")
    throw invalidField(`${path}.type`, `${path}.type must be text here, not ${JSON.stringify(part.type)}`);
  const text = readString(part.text, `${path}.text`);
  return { type: "text", text, ...withVendorData(fieldsData(unknownFields(part, TEXT_FIELDS))) };
}
