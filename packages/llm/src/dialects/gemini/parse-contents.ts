/**
 * A client's `contents` and `systemInstruction` -> messages. A content that mixes function responses with other parts
 * becomes two messages that remember that they were one. Calls and responses without ids are matched by name and order,
 * as the API does.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type {
  AssistantPart,
  AudioPart,
  FilePart,
  ImagePart,
  Message,
  SystemMessage,
  ToolResultContent,
  ToolResultPart,
  UserPart,
} from "../../message.ts";
import { invalidField, optional, readArray, readObject, readOneOf, readString } from "../wire-reader.ts";
import { camelFields } from "./field-names.ts";
import { readFunctionResponse } from "./function-response.ts";
import { type ReadFunctionCall, type ReadPart, readPart } from "./parse-part.ts";
import { withGeminiData } from "./vendor-data.ts";

interface Call {
  readonly id: string;
  readonly name: string;
  answered: boolean;
}

export class ContentsParser {
  readonly #fileKeeper: string;
  readonly #messages: Message[] = [];
  /** Calls so far, oldest first, to match responses that carry no id. */
  readonly #calls: Call[] = [];

  constructor(fileKeeper: string) {
    this.#fileKeeper = fileKeeper;
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** A content object, or a bare string as some clients send it. */
  system(value: unknown, path: string): void {
    const content = camelFields(readObject(typeof value === "string" ? { parts: [{ text: value }] } : value, path));
    const parts: SystemMessage["parts"] = this.#parts(content, path).map(([part, partPath]) => {
      if (part.type !== "text") throw invalidField(partPath, `${partPath} must be text in a system instruction`);
      return part;
    });
    const role = optional(content.role, `${path}.role`, readString);
    this.#messages.push({ role: "system", parts, ...withGeminiData(role === undefined ? {} : { role }) });
  }

  content(value: unknown, path: string): void {
    const content = camelFields(readObject(value, path));
    const role = optional(content.role, `${path}.role`, (word, field) => readOneOf(word, ROLES, field)) ?? "user";
    if (role === "model") this.#model(content, path);
    else if (content.parts === undefined) throw invalidField(`${path}.parts`, `${path}.parts is missing; it must be an array`);
    else this.#user(content, path);
  }

  #model(content: JsonObject, path: string): void {
    const parts: AssistantPart[] = this.#parts(content, path).map(([part, partPath]) =>
      part.type === "function-call" ? this.#call(part, partPath) : part,
    );
    this.#messages.push({ role: "assistant", parts });
  }

  #call(call: ReadFunctionCall, path: string): AssistantPart {
    if (call.name === "") throw invalidField(`${path}.functionCall.name`, "a function call must have a name");
    const id = call.id ?? `call_${this.#calls.length}_${call.name.replace(/[^\w-]/g, "_").slice(0, 40)}`;
    this.#calls.push({ id, name: call.name, answered: false });
    const data = call.id === undefined ? { ...call.data, madeUpId: true } : call.data;
    return { type: "tool-call", id, name: call.name, arguments: call.args, ...withGeminiData(data) };
  }

  /** Runs of function responses and of other parts, in order. */
  #user(content: JsonObject, path: string): void {
    const parts = partList(content, path);
    let results: ToolResultPart[] | undefined;
    let others: UserPart[] | undefined;
    let first = true;
    for (const [part, partPath] of parts) {
      const response = camelFields(part).functionResponse;
      const continues = withGeminiData(first ? {} : { continues: true });
      if (response !== undefined) {
        if (results === undefined) {
          results = [];
          this.#messages.push({ role: "tool", parts: results, ...continues });
        }
        others = undefined;
        results.push(this.#response(camelFields(part), camelFields(readObject(response, partPath)), partPath));
      } else {
        if (others === undefined) {
          others = [];
          this.#messages.push({ role: "user", parts: others, ...continues });
        }
        results = undefined;
        checkPart(part, partPath);
        const read = readPart(part, this.#fileKeeper);
        if (read !== undefined) others.push(userPart(read, part));
      }
      first = false;
    }
    if (parts.length === 0) this.#messages.push({ role: "user", parts: [] });
  }

  #response(part: JsonObject, response: JsonObject, path: string): ToolResultPart {
    const at = `${path}.functionResponse`;
    const name = readString(response.name, `${at}.name`);
    const id = optional(response.id, `${at}.id`, readString);
    const { content, isError } = readFunctionResponse(optional(response.response, `${at}.response`, readObject) ?? {});
    const media = mediaOf(response.parts, `${at}.parts`, this.#fileKeeper);
    const toolCallId = this.#answer(id, name);
    const { thought, functionResponse: _own, ...fields } = part;
    const others = otherFields(response);
    return {
      type: "tool-result",
      toolCallId,
      toolName: name,
      content: [...content, ...media],
      ...(isError ? { isError } : {}),
      ...withGeminiData({
        ...(id === undefined || id === "" ? { madeUpId: true } : {}),
        ...(Object.keys(fields).length === 0 ? {} : { fields }),
        ...(others === undefined ? {} : { functionResponse: others }),
      }),
    };
  }

  /** The id of the call that is answered: the one named, else the oldest open one of that name. */
  #answer(id: string | undefined, name: string): string {
    const named = id === undefined || id === "" ? undefined : id;
    const call = this.#calls.find(
      (candidate) => !candidate.answered && (named === undefined ? candidate.name === name : candidate.id === named),
    );
    if (call !== undefined) call.answered = true;
    return call?.id ?? named ?? `call_of_${name.replace(/[^\w-]/g, "_").slice(0, 40)}_${this.#messages.length}`;
  }

  #parts(content: JsonObject, path: string): [ReadPart, string][] {
    return partList(content, path).flatMap(([part, partPath]) => {
      checkPart(part, partPath);
      const read = readPart(part, this.#fileKeeper);
      return read === undefined ? [] : [[read, partPath] satisfies [ReadPart, string]];
    });
  }
}

/** `function` is the older name of the role that carries function responses. */
const ROLES = ["user", "model", "function"] as const;
const RESPONSE_FIELDS: ReadonlySet<string> = new Set(["id", "name", "response", "parts"]);

/** The parts with their paths. A lone object stands for a list of one; a string for a text. */
function partList(content: JsonObject, path: string): [JsonObject, string][] {
  const { parts } = content;
  if (parts === undefined) return [];
  const list = isJsonObject(parts) ? [parts] : readArray(parts, `${path}.parts`);
  return list.map((part, index) => {
    const partPath = `${path}.parts[${index}]`;
    return [readObject(part, partPath), partPath];
  });
}

/** Refuses what Google would refuse, before a lenient reader turns it into something else. */
function checkPart(part: JsonObject, path: string): void {
  const fields = camelFields(part);
  optional(fields.text, `${path}.text`, readString);
  optional(fields.thoughtSignature, `${path}.thoughtSignature`, readString);
  const call = optional(fields.functionCall, `${path}.functionCall`, readObject);
  if (call !== undefined) optional(call.args, `${path}.functionCall.args`, readObject);
  const blob = optional(fields.inlineData, `${path}.inlineData`, readObject);
  if (blob !== undefined) {
    const inner = camelFields(blob);
    readString(inner.mimeType, `${path}.inlineData.mimeType`);
    readString(inner.data, `${path}.inlineData.data`);
  }
  const file = optional(fields.fileData, `${path}.fileData`, readObject);
  if (file !== undefined) readString(camelFields(file).fileUri, `${path}.fileData.fileUri`);
}

/** What a user cannot say (a thought, a function call) stays as the client wrote it. */
function userPart(part: ReadPart, original: JsonObject): UserPart {
  if (part.type === "reasoning") return { type: "opaque", dialect: "gemini", kind: "thought", value: original };
  if (part.type === "function-call") return { type: "opaque", dialect: "gemini", kind: "functionCall", value: original };
  return part;
}

function mediaOf(value: JsonValue | undefined, path: string, fileKeeper: string): ToolResultContent[] {
  const parts = optional(value, path, readArray) ?? [];
  return parts.map((part, index) => {
    const at = `${path}[${index}]`;
    const object = readObject(part, at);
    checkPart(object, at);
    const read = readPart(object, fileKeeper);
    if (read === undefined || !isMedia(read)) throw invalidField(at, `${at} must be inlineData or fileData`);
    return read;
  });
}

function isMedia(part: ReadPart): part is ImagePart | AudioPart | FilePart {
  return part.type === "image" || part.type === "audio" || part.type === "file";
}

function otherFields(response: JsonObject): JsonObject | undefined {
  const others = Object.entries(response).filter(([key]) => !RESPONSE_FIELDS.has(key));
  return others.length === 0 ? undefined : Object.fromEntries(others);
}
