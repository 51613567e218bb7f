/** Blocks of a client's messages. Each reader refuses with the path of what is wrong; a block of another type is passed on. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { AssistantPart, ImagePart, OpaquePart, TextPart, ToolResultContent, UserPart } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { invalidField, optional, readObject, readString } from "../wire-reader.ts";
import { COHERE, otherFieldsData, unknownFields, withVendorData } from "./vendor-data.ts";

const TEXT_FIELDS: ReadonlySet<string> = new Set(["type", "text"]);
const THINKING_FIELDS: ReadonlySet<string> = new Set(["type", "thinking"]);
const IMAGE_FIELDS: ReadonlySet<string> = new Set(["type", "image_url"]);
const DOCUMENT_FIELDS: ReadonlySet<string> = new Set(["type", "document"]);

export function parseText(block: JsonObject, path: string): TextPart {
  if (block.type !== "text")
    throw invalidField(`${path}.type`, `${path}.type must be text here, not ${JSON.stringify(block.type)}`);
  const text = readString(block.text, `${path}.text`);
  return { type: "text", text, ...withVendorData(otherFieldsData(block, TEXT_FIELDS)) };
}

export function parseUserBlock(block: JsonObject, path: string, warnings: Warning[]): UserPart {
  const type = readString(block.type, `${path}.type`);
  if (type === "text") return parseText(block, path);
  if (type === "image_url") return parseImage(block, path, warnings);
  return passedOn(block, type, path, warnings);
}

export function parseAssistantBlock(block: JsonObject, path: string, warnings: Warning[]): AssistantPart {
  const type = readString(block.type, `${path}.type`);
  if (type === "text") return parseText(block, path);
  if (type !== "thinking") return passedOn(block, type, path, warnings);
  const text = readString(block.thinking, `${path}.thinking`);
  return { type: "reasoning", text, ...withVendorData(otherFieldsData(block, THINKING_FIELDS)) };
}

function passedOn(block: JsonObject, kind: string, path: string, warnings: Warning[]): OpaquePart {
  const detail = `a block of type ${kind} is not defined here; it was passed on as it is`;
  warnings.push({ type: "unknown-field", path, detail });
  return { type: "opaque", dialect: COHERE, kind, value: block };
}

const DETAILS = ["auto", "low", "high"] as const;

function parseImage(block: JsonObject, path: string, warnings: Warning[]): ImagePart {
  const holder = isJsonObject(block.image_url) ? block.image_url : { url: block.image_url };
  const url = readString(holder.url, `${path}.image_url.url`);
  const said = optional(holder.detail, `${path}.image_url.detail`, readString);
  const detail = DETAILS.find((word) => word === said);
  const unread = [
    ...Object.keys(unknownFields(holder, new Set(["url", "detail"])) ?? {}),
    ...(said === detail ? [] : ["detail"]),
  ];
  for (const field of unread) {
    const detail = "the wire does not define it; it was left out";
    warnings.push({ type: "unknown-field", path: `${path}.image_url.${field}`, detail });
  }
  return {
    type: "image",
    ...imageSource(url),
    ...(detail === undefined ? {} : { detail }),
    ...withVendorData(otherFieldsData(block, IMAGE_FIELDS)),
  };
}

/** A `data:` URL in base64 (RFC 2397) by value, any other URL by address. */
function imageSource(url: string): Pick<ImagePart, "source" | "mediaType"> {
  const match = /^data:([^;,]*)(?:;[^;,]*)*;base64,/.exec(url);
  if (match === null) return { source: { type: "url", url } };
  const source = { type: "data" as const, data: url.slice(match[0].length) };
  return match[1] === undefined || match[1] === "" ? { source } : { source, mediaType: match[1] };
}

export function parseResultBlock(block: JsonObject, path: string, warnings: Warning[]): ToolResultContent {
  const type = readString(block.type, `${path}.type`);
  if (type === "document") return parseDocument(block, path);
  if (type === "image_url") return parseImage(block, path, warnings);
  return parseText(block, path);
}

function parseDocument(block: JsonObject, path: string): ToolResultContent {
  const document = readObject(block.document, `${path}.document`);
  const value = readObject(document.data, `${path}.document.data`);
  const rest = unknownFields(document, new Set(["data"]));
  const kept = { ...otherFieldsData(block, DOCUMENT_FIELDS), ...(rest === undefined ? {} : { document: rest }) };
  return { type: "json", value, ...withVendorData(kept) };
}
