/**
 * The one mind behind every fake vendor. It knows no wire: it gets the facts that a wire read from its request and decides
 * what to say. Deterministic: equal questions get equal answers.
 *
 * - Tools on offer and no result yet: it calls them, all of them when the user's text has the word "parallel".
 * - Results: it repeats them. A JSON schema: it answers an example of it. An image: it says what it got.
 * - Otherwise it repeats the user's last words.
 */
import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from "../../json.ts";
import { exampleOf } from "./schema-example.ts";

export interface OfferedTool {
  readonly name: string;
  readonly parameters: JsonSchema;
}

export interface SeenMedia {
  readonly mediaType: string;
  /** Undefined for media that came by address. */
  readonly bytes?: number;
  readonly url?: string;
}

/** What a wire has to find out from a request. */
export interface Question {
  readonly model: string;
  /** All text of the prompt in order, one entry a block: what is counted and cached. */
  readonly prompt: readonly string[];
  readonly lastUserText: string;
  readonly tools: readonly OfferedTool[];
  readonly toolChoice: "auto" | "required" | "none" | { readonly tool: string };
  readonly parallelToolCalls: boolean;
  /** Results after the last words of the user. */
  readonly toolResults: readonly { readonly name: string; readonly text: string }[];
  /** `{}` asks for any JSON object. */
  readonly schema?: JsonSchema | undefined;
  readonly media: readonly SeenMedia[];
  readonly reasoning: boolean;
  readonly outputTokensMax?: number | undefined;
  readonly stopSequences: readonly string[];
  /** For people: without the characters that try a wire. Default false. */
  readonly plain?: boolean;
}

export interface Answer {
  /** What it thought, where reasoning was asked for. */
  readonly reasoning?: string;
  readonly text: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: JsonObject }[];
  readonly finish: "stop" | "stop-sequence" | "tool-calls" | "length" | "refusal";
  readonly stopSequence?: string;
  readonly reasoningTokens: number;
  /** Reasoning included. */
  readonly outputTokens: number;
}

export const REFUSAL_TEXT = "I’m sorry, but I can’t help with that – désolé. 🙇";

/** `forced` is the outcome that a fault asks for. */
export function think(question: Question, forced?: "length" | "refusal"): Answer {
  const reasoning = question.reasoning ? thinkAloud(question) : undefined;
  if (forced === "refusal") return finished({ text: REFUSAL_TEXT, toolCalls: [], finish: "refusal" }, reasoning);
  const toolCalls = chooseToolCalls(question);
  if (toolCalls.length > 0 && forced === undefined) {
    return limited(finished({ text: "", toolCalls, finish: "tool-calls" }, reasoning), question.outputTokensMax);
  }
  const spoken = stopAt(sayText(question), question.stopSequences);
  const answer = finished({ ...spoken, toolCalls: [] }, reasoning);
  const half = forced === "length" ? answer.reasoningTokens + Math.ceil(countTokens([answer.text]) / 2) : undefined;
  return limited(answer, half ?? question.outputTokensMax);
}

function thinkAloud({ lastUserText, plain }: Question): string {
  return plain === true
    ? `Let me think. The user said “${lastUserText}”; I shall say it again.`
    : `Let me think – hm, “${lastUserText}”, très bien… 🤔 Done.`;
}

/** Words between white space: crude, but the same everywhere. */
export function countTokens(texts: readonly string[]): number {
  let count = 0;
  for (const text of texts) count += text.split(/\s+/u).filter(Boolean).length;
  return count;
}

function chooseToolCalls(question: Question): Answer["toolCalls"] {
  const { tools, toolChoice, toolResults, lastUserText, parallelToolCalls } = question;
  if (tools.length === 0 || toolChoice === "none" || toolResults.length > 0) return [];
  const named = typeof toolChoice === "object" ? tools.filter((tool) => tool.name === toolChoice.tool) : tools;
  const all = parallelToolCalls && typeof toolChoice !== "object" && /\bparallel\b/i.test(lastUserText);
  return (all ? named : named.slice(0, 1)).map((tool) => ({
    name: tool.name,
    arguments: asArguments(exampleOf(tool.parameters)),
  }));
}

function asArguments(value: JsonValue): JsonObject {
  return isJsonObject(value) ? value : {};
}

function sayText(question: Question): string {
  if (question.schema !== undefined) return JSON.stringify(exampleOf({ type: "object", ...question.schema }));
  if (question.toolResults.length > 0) {
    const results = question.toolResults.map(({ name, text }) => `${name || "tool"} → ${text}`).join("; ");
    return `The tools answered: ${results}.${question.plain === true ? "" : " Voilà – 世界 🌤️ done."}`;
  }
  const media = question.media.map((seen) => ` I saw ${describeMedia(seen)}.`).join("");
  return `You said: “${question.lastUserText}”.${media}${question.plain === true ? "" : " Naïve café – 世界 👩‍🚀 done."}`;
}

function describeMedia(seen: SeenMedia): string {
  return seen.bytes === undefined ? `${seen.mediaType} at ${seen.url ?? "nowhere"}` : `${seen.mediaType} of ${seen.bytes} bytes`;
}

function stopAt(text: string, sequences: readonly string[]): Pick<Answer, "text" | "finish" | "stopSequence"> {
  for (const sequence of sequences) {
    const at = sequence === "" ? -1 : text.indexOf(sequence);
    if (at >= 0) return { text: text.slice(0, at), finish: "stop-sequence", stopSequence: sequence };
  }
  return { text, finish: "stop" };
}

function finished(spoken: Pick<Answer, "text" | "toolCalls" | "finish" | "stopSequence">, reasoning: string | undefined): Answer {
  const reasoningTokens = reasoning === undefined ? 0 : countTokens([reasoning]);
  const calls = spoken.toolCalls.map((call) => `${call.name} ${JSON.stringify(call.arguments)}`);
  const outputTokens = reasoningTokens + countTokens([spoken.text, ...calls]);
  return { ...spoken, ...(reasoning === undefined ? {} : { reasoning }), reasoningTokens, outputTokens };
}

/** Keeps as many words as fit; a tool call that does not fit is lost, as the vendors lose it. */
function limited(answer: Answer, outputTokensMax: number | undefined): Answer {
  if (outputTokensMax === undefined || answer.outputTokens <= outputTokensMax) return answer;
  const room = Math.max(0, outputTokensMax - answer.reasoningTokens);
  const words = answer.text.match(/\s*\S+/gu) ?? [];
  return finished({ text: words.slice(0, room).join(""), toolCalls: [], finish: "length" }, answer.reasoning);
}
