/**
 * A conversation's name where nobody has given it one: a hash of what stays the same from turn to turn, which is also what a vendor's prompt
 * cache goes by: the instructions, the names of the tools and the first question.
 */
import type { CompletionRequest, Message } from "@dragoman/llm";

/** Characters of each that are read, at its beginning and again at its end; its length counts too. */
const READ_MAX = 128;

/**
 * 53 bits, not meant to withstand an attack: whoever makes two conversations fall together has them answered by one target, and
 * names of one tenant never meet those of another.
 */
export function prefixHash({ messages, tools = [] }: CompletionRequest): string {
  const hash = createHash();
  for (const message of messages) {
    if (message.role === "system") hash.text(textOf(message));
    else if (message.role === "user") {
      hash.text(textOf(message));
      break;
    }
  }
  for (const tool of tools) hash.text("name" in tool && typeof tool.name === "string" ? tool.name : "");
  return hash.value();
}

/** A conversation is under way: only then can anybody hold a part of it. */
export function isUnderWay({ messages }: CompletionRequest): boolean {
  return messages.some(({ role }) => role === "assistant");
}

function textOf({ parts }: Message): string {
  const [first] = parts;
  return first?.type === "text" ? first.text : "";
}

/** Two multiplicative hashes side by side, after cyrb53 (public domain, https://github.com/bryc/code). */
function createHash() {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  const add = (value: number): void => {
    high = Math.imul(high ^ value, 2_654_435_761);
    low = Math.imul(low ^ value, 1_597_334_677);
  };
  return {
    text(text: string): void {
      const { length } = text;
      const end = Math.min(length, READ_MAX);
      for (let index = 0; index < end; index++) add(text.charCodeAt(index));
      for (let index = Math.max(end, length - READ_MAX); index < length; index++) add(text.charCodeAt(index));
      add(length);
    },
    value(): string {
      const mixedHigh = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
      const mixedLow = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
      return (4_294_967_296 * (2_097_151 & mixedLow) + (mixedHigh >>> 0)).toString(36);
    },
  };
}
