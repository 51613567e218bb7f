/**
 * What is said: messages and their parts. Plain data; JSON there and back without loss.
 */
import type { JsonObject, JsonValue } from "./json.ts";

/**
 * What only the maker of a part can read: thinking signatures, encrypted reasoning, item ids. One entry per dialect id.
 * Each dialect types its own entry by declaration merging, so `part.vendor?.["anthropic-messages"]?.signature` is typed.
 */
export interface VendorData {
  readonly [dialect: string]: unknown;
}

/** Who made an assistant message. Signatures are replayed only to the maker that issued them. */
export interface Origin {
  /** The wire protocol, as in `anthropic-messages`. */
  readonly dialect: string;
  /** The provider's id in the registry, as in `anthropic`. */
  readonly provider: string;
  /** Who served it behind the provider, where signatures depend on it (`vertex`, or a router's partner). */
  readonly backend?: string;
  /** The model that answered, as the vendor spells it. */
  readonly model: string;
}

/** Media by value (base64), by address, or by the id under which a vendor keeps it. */
export type MediaSource =
  | { readonly type: "data" /** Base64, without a `data:` prefix. */; readonly data: string }
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "reference" /** Provider id of the keeper. */; readonly provider: string; readonly id: string };

interface PartBase {
  readonly vendor?: VendorData;
}

/** Words. */
export interface TextPart extends PartBase {
  readonly type: "text";
  readonly text: string;
}

/** A picture, shown by the user or made by the model. */
export interface ImagePart extends PartBase {
  readonly type: "image";
  readonly source: MediaSource;
  /** IANA media type, as in `image/png`. Known for data; may be unknown for a URL. */
  readonly mediaType?: string;
  /** How closely to look. Left to the vendor when absent. */
  readonly detail?: "auto" | "low" | "high";
}

/** Sound, spoken by the user or by the model. */
export interface AudioPart extends PartBase {
  readonly type: "audio";
  readonly source: MediaSource;
  readonly mediaType: string;
  /** What is spoken, where the vendor says it. */
  readonly transcript?: string;
}

/** A document, a video, or any other file. */
export interface FilePart extends PartBase {
  readonly type: "file";
  readonly source: MediaSource;
  readonly mediaType: string;
  readonly name?: string;
}

/** A model's wish to have a tool run. Answer it with `toolResult`. */
export interface ToolCallPart extends PartBase {
  readonly type: "tool-call";
  readonly id: string;
  readonly name: string;
  /** The arguments, parsed. An empty object when `invalid` is set. */
  readonly arguments: JsonValue;
  /** The model's own spelling, kept when `JSON.stringify(arguments)` would not give it back. */
  readonly argumentsText?: string;
  /** Why the arguments could not be read; `argumentsText` then holds what the model wrote. */
  readonly invalid?: string;
}

/** Structured data in a tool result. Dialects without it send it as JSON text and say so. */
export interface JsonPart extends PartBase {
  readonly type: "json";
  readonly value: JsonValue;
}

/** What a tool may give back. */
export type ToolResultContent = TextPart | ImagePart | AudioPart | FilePart | JsonPart;

/** What came of one tool call. */
export interface ToolResultPart extends PartBase {
  readonly type: "tool-result";
  readonly toolCallId: string;
  /** The tool's name. A dialect that needs it takes it from the call where it is absent. */
  readonly toolName?: string;
  readonly content: readonly ToolResultContent[];
  /** True when the tool failed. Default false. */
  readonly isError?: boolean;
}

/** What a model thought before it answered. */
export interface ReasoningPart extends PartBase {
  readonly type: "reasoning";
  /** What the model shows of its thinking. Empty where the vendor hides it. */
  readonly text: string;
}

/** A model's own words on why it will not answer. */
export interface RefusalPart extends PartBase {
  readonly type: "refusal";
  readonly text: string;
}

/** Where something that was said comes from. Derived from the vendor's citations, which stay on the cited part's `vendor`. */
export interface SourcePart extends PartBase {
  readonly type: "source";
  readonly url?: string;
  readonly title?: string;
  /** The cited words of the source. */
  readonly citedText?: string;
  /** The vendor's id of a file or document, where there is no URL. */
  readonly documentId?: string;
}

/** A block that only its dialect understands (a vendor's own search or code run). Replayed there whole, dropped elsewhere. */
export interface OpaquePart {
  readonly type: "opaque";
  readonly dialect: string;
  /** The vendor's name for the block, as in `web_search_call`. */
  readonly kind: string;
  readonly value: JsonObject;
}

/** What may stand in a user's message. */
export type UserPart = TextPart | ImagePart | AudioPart | FilePart | OpaquePart;
/** What may stand in an assistant's message. */
export type AssistantPart =
  | TextPart
  | ReasoningPart
  | ToolCallPart
  | RefusalPart
  | SourcePart
  | ImagePart
  | AudioPart
  | FilePart
  | OpaquePart;
/** Anything that may stand in a message, or in a tool's result. */
export type Part = UserPart | AssistantPart | ToolResultPart | JsonPart;

interface MessageBase {
  readonly vendor?: VendorData;
}

/** Instructions of whoever built the program. */
export interface SystemMessage extends MessageBase {
  readonly role: "system";
  readonly parts: readonly TextPart[];
}

/** What the user said or showed. */
export interface UserMessage extends MessageBase {
  readonly role: "user";
  readonly parts: readonly UserPart[];
  /** Name of the speaker, where several share the role. */
  readonly name?: string;
}

/** What a model said, or what the caller puts into its mouth. */
export interface AssistantMessage extends MessageBase {
  readonly role: "assistant";
  readonly parts: readonly AssistantPart[];
  /** Who made it. Absent when the caller wrote it by hand. */
  readonly origin?: Origin;
}

/** Results of tools. All results of one turn may stand in one message or in several. */
export interface ToolMessage extends MessageBase {
  readonly role: "tool";
  readonly parts: readonly ToolResultPart[];
}

/** One turn of a conversation. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** Instructions, as the first message. */
export function systemMessage(text: string): SystemMessage {
  return { role: "system", parts: [{ type: "text", text }] };
}

/** A question: words, or parts where there is more than words. */
export function userMessage(content: string | readonly UserPart[]): UserMessage {
  return { role: "user", parts: typeof content === "string" ? [{ type: "text", text: content }] : content };
}

/** An assistant's message by hand, as for an example or a beginning to be continued. */
export function assistantMessage(content: string | readonly AssistantPart[]): AssistantMessage {
  return { role: "assistant", parts: typeof content === "string" ? [{ type: "text", text: content }] : content };
}

/** The answer to a tool call. Any JSON value goes in as it is; a string as text. */
export function toolResult(
  call: Pick<ToolCallPart, "id" | "name">,
  result: JsonValue | readonly ToolResultContent[],
  options: { readonly isError?: boolean } = {},
): ToolMessage {
  const content: readonly ToolResultContent[] =
    typeof result === "string"
      ? [{ type: "text", text: result }]
      : isContent(result)
        ? result
        : [{ type: "json", value: result as JsonValue }];
  const part: ToolResultPart = {
    type: "tool-result",
    toolCallId: call.id,
    toolName: call.name,
    content,
    ...(options.isError === true ? { isError: true } : {}),
  };
  return { role: "tool", parts: [part] };
}

const CONTENT_TYPES: ReadonlySet<unknown> = new Set(["text", "image", "audio", "file", "json"]);

function isContent(value: JsonValue | readonly ToolResultContent[]): value is readonly ToolResultContent[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item: unknown) => typeof item === "object" && item !== null && CONTENT_TYPES.has(Reflect.get(item, "type")))
  );
}

/** All text of a message, joined. Reasoning and refusals are not part of it. */
export function textOf(message: Message): string {
  let text = "";
  for (const part of message.parts) if (part.type === "text") text += part.text;
  return text;
}

/** The tool calls of an assistant message, in order. */
export function toolCallsOf(message: Message): readonly ToolCallPart[] {
  const calls: ToolCallPart[] = [];
  for (const part of message.parts) if (part.type === "tool-call") calls.push(part);
  return calls;
}

/** What the model shows of its thinking, joined. */
export function reasoningOf(message: Message): string {
  let text = "";
  for (const part of message.parts) if (part.type === "reasoning") text += part.text;
  return text;
}
