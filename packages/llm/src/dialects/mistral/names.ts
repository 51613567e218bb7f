/**
 * The codec inside speaks of itself as `openai-chat`; Mistral's data hangs on messages and parts as `mistral`. Going in, the
 * names are changed and the data of every other dialect is hidden, OpenAI's own among them; coming out, they change back.
 */
import type { Completion } from "../../completion.ts";
import type { Message, Part, VendorData } from "../../message.ts";
import type { StreamEvent } from "../../stream.ts";
import type { Tool } from "../../tool.ts";
import { OPENAI_CHAT, type OpenAIChatVendorData } from "../openai-chat/vendor-data.ts";

export const MISTRAL = "mistral";

/** The same as on OpenAI's chat wire: the fields say on what they hang. */
export type MistralVendorData = OpenAIChatVendorData;

declare module "../../message.ts" {
  interface VendorData {
    readonly mistral?: MistralVendorData;
  }
}

/** How a block or tool of OpenAI's own is called inside, where it is a stranger's. */
const STRANGER = "OpenAI's chat wire";

interface Holder {
  readonly type?: string;
  readonly vendor?: VendorData;
}

export function mistralData(holder: Holder): MistralVendorData {
  return holder.vendor?.[MISTRAL] ?? {};
}

// Inward

function dataInside<H extends Holder>(holder: H): H {
  if (holder.vendor === undefined) return holder;
  const own = holder.vendor[MISTRAL];
  return { ...holder, vendor: own === undefined ? {} : { [OPENAI_CHAT]: own } };
}

function nameInside(dialect: string): string {
  if (dialect === MISTRAL) return OPENAI_CHAT;
  return dialect === OPENAI_CHAT ? STRANGER : dialect;
}

export function partInside<P extends Part>(part: P): P {
  return part.type === "opaque" ? { ...part, dialect: nameInside(part.dialect) } : dataInside(part);
}

export function messageInside(message: Message): Message {
  switch (message.role) {
    case "system":
      return { ...dataInside(message), parts: message.parts.map(partInside) };
    case "user":
      return { ...dataInside(message), parts: message.parts.map(partInside) };
    case "assistant":
      return { ...dataInside(message), parts: message.parts.map(partInside) };
    case "tool":
      return {
        ...dataInside(message),
        parts: message.parts.map((part) => ({ ...dataInside(part), content: part.content.map(partInside) })),
      };
  }
}

export function toolInside(tool: Tool): Tool {
  return tool.type === "vendor" ? { ...tool, dialect: nameInside(tool.dialect) } : dataInside(tool);
}

export function completionInside(completion: Completion): Completion {
  const message = { ...dataInside(completion.message), parts: completion.message.parts.map(partInside) };
  return { ...dataInside(completion), message };
}

// Outward

function dataOutside<H extends Holder>(holder: H): H {
  const own = holder.vendor?.[OPENAI_CHAT];
  return own === undefined ? holder : { ...holder, vendor: { [MISTRAL]: own } };
}

function nameOutside(dialect: string): string {
  return dialect === OPENAI_CHAT ? MISTRAL : dialect;
}

export function partOutside<P extends Part>(part: P): P {
  return part.type === "opaque" ? { ...part, dialect: nameOutside(part.dialect) } : dataOutside(part);
}

export function messageOutside(message: Message): Message {
  switch (message.role) {
    case "system":
      return { ...dataOutside(message), parts: message.parts.map(partOutside) };
    case "user":
      return { ...dataOutside(message), parts: message.parts.map(partOutside) };
    case "assistant":
      return { ...dataOutside(message), parts: message.parts.map(partOutside) };
    case "tool":
      return {
        ...dataOutside(message),
        parts: message.parts.map((part) => ({ ...dataOutside(part), content: part.content.map(partOutside) })),
      };
  }
}

export function toolOutside(tool: Tool): Tool {
  return tool.type === "vendor" ? { ...tool, dialect: nameOutside(tool.dialect) } : dataOutside(tool);
}

export function completionOutside(completion: Completion): Completion {
  const origin = { ...completion.origin, dialect: MISTRAL };
  const message = { ...dataOutside(completion.message), origin, parts: completion.message.parts.map(partOutside) };
  return { ...dataOutside(completion), origin, message };
}

export function eventOutside(event: StreamEvent): StreamEvent {
  switch (event.type) {
    case "text-delta":
    case "reasoning-delta":
    case "tool-call-delta":
      return event;
    case "start":
      return { ...event, origin: { ...event.origin, dialect: MISTRAL } };
    case "part":
      return { ...event, part: partOutside(event.part) };
    case "finish": {
      const message = event.messageVendor?.[OPENAI_CHAT];
      return dataOutside(message === undefined ? event : { ...event, messageVendor: { [MISTRAL]: message } });
    }
    default:
      return "vendor" in event ? dataOutside(event) : event;
  }
}
