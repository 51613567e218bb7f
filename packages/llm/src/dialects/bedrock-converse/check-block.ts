/** What a client's block must have, checked so that a mistake is told by its path. Answers of the vendor are not checked. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import { invalidField, optional, readArray, readObject, readString } from "../wire-reader.ts";

type Check = (value: unknown, path: string) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  text: (value, path) => readString(value, path),
  image: media,
  document: media,
  video: media,
  audio: media,
  toolUse(value, path) {
    const { toolUseId, name, input } = readObject(value, path);
    readString(toolUseId, `${path}.toolUseId`);
    readString(name, `${path}.name`);
    optional(input, `${path}.input`, readObject);
  },
  toolResult(value, path) {
    const { toolUseId, content } = readObject(value, path);
    readString(toolUseId, `${path}.toolUseId`);
    for (const [index, item] of readArray(content, `${path}.content`).entries()) {
      checkBlock(readObject(item, `${path}.content[${index}]`), `${path}.content[${index}]`);
    }
  },
  reasoningContent: (value, path) => readObject(value, path),
  citationsContent: (value, path) => readObject(value, path),
  cachePoint: (value, path) => readObject(value, path),
};

function media(value: unknown, path: string): void {
  const { source, format } = readObject(value, path);
  optional(format, `${path}.format`, readString);
  const place = readObject(source, `${path}.source`);
  optional(place.bytes, `${path}.source.bytes`, readString);
  optional(place.text, `${path}.source.text`, readString);
  if (isJsonObject(place.s3Location)) readString(place.s3Location.uri, `${path}.source.s3Location.uri`);
}

/** Members that the wire defines and we pass on unread. */
const PASSED_ON: ReadonlySet<string> = new Set(["guardContent", "searchResult", "json", "toolAddition", "toolRemoval"]);

/** Throws `invalid_request`. Returns the member that the wire does not define, if there is one. */
export function checkBlock(block: JsonObject, path: string): string | undefined {
  const members = Object.keys(block).filter((member) => block[member] !== undefined && block[member] !== null);
  if (members.length === 0) throw invalidField(path, `${path} must hold text, an image or another kind of content`);
  let unknown: string | undefined;
  for (const member of members) {
    if (Object.hasOwn(CHECKS, member)) CHECKS[member]?.(block[member], `${path}.${member}`);
    else if (!PASSED_ON.has(member)) unknown ??= member;
  }
  return unknown;
}
