/**
 * A score from 0 (simple) to 1 (hard), as a logistic sum of signs that can be told to a person. It reads the last question and the size of
 * what stands before it, no more, so that it costs microseconds; it knows words of English and the shapes of code, and says little about other
 * languages, where it stays near its middle and abstains.
 */
import type { CompletionRequest, Message } from "@dragoman/llm";

export interface Complexity {
  readonly score: number;
  /** The signs that were found, weightiest first, as `asks for a proof (+1.6)`. */
  readonly reasons: readonly string[];
}

interface Sign {
  readonly name: string;
  /** In log odds: 1 takes an even chance to 73 %. */
  readonly weight: number;
  readonly holds: (facts: Facts) => boolean;
}

/** What the signs look at. */
interface Facts {
  readonly request: CompletionRequest;
  /** Of the last question. */
  readonly text: string;
  readonly words: number;
  /** Characters of the whole prompt. */
  readonly length: number;
}

const says = (pattern: RegExp) => (facts: Facts) => pattern.test(facts.text);

/**
 * Weights were set by hand and then held against labelled prompts (`test/routing/complexity.test.ts`); `dragoman route eval` holds them against your own
 * traffic.
 */
export const SIGNS: readonly Sign[] = [
  { name: "asks for a proof or a derivation", weight: 1.8, holds: says(/\b(prove|proof|derive|derivation|theorem|lemma)\b/i) },
  {
    name: "asks for a design or an architecture",
    weight: 1.6,
    holds: says(/\b(architect(ure)?|design (a|an|the|our)|trade-?offs?|scal(e|ability|able))\b/i),
  },
  {
    name: "asks to find or mend a fault",
    weight: 1.3,
    holds: says(
      /\b(debug|fix (the|this|my|a)|race condition|deadlock|memory leak|stack trace|traceback|why (does|is|do|are).{0,80}(fail|wrong|slow|crash|hang|leak))/i,
    ),
  },
  {
    name: "asks to change or write code",
    weight: 1.2,
    holds: says(
      /\b(implement|refactor|rewrite|migrate|optimi[sz]e|write (a|an|the) (function|class|program|script|parser|test|query|service))\b/i,
    ),
  },
  {
    name: "asks for steps of reasoning",
    weight: 1.1,
    holds: says(
      /\b(step[- ]by[- ]step|reason (through|about)|think (hard|carefully|through)|analy[sz]e|compare|evaluate|justify|explain why|root cause)\b/i,
    ),
  },
  {
    name: "holds code",
    weight: 0.7,
    holds: says(/```|^\s{2,}\S.*[;{}]\s*$|\b(function|def|class|import|SELECT|const|public static)\b.*[({:;]/m),
  },
  {
    name: "holds mathematics",
    weight: 0.9,
    holds: says(/[∑∫√∂≤≥≠]|\\(frac|sum|int|sqrt)|\b(integral|matrix|eigen|probability|polynomial|modulo)\b/i),
  },
  {
    name: "makes several demands",
    weight: 0.9,
    holds: ({ text }) => (text.match(/^\s*(?:[-*]|\d+[.)])\s+/gm)?.length ?? 0) >= 4,
  },
  { name: "is a long question", weight: 0.9, holds: ({ words }) => words > 250 },
  { name: "stands on a long prompt", weight: 0.6, holds: ({ length }) => length > 24_000 },
  { name: "offers tools", weight: 0.7, holds: ({ request }) => (request.tools?.length ?? 0) > 0 },
  { name: "is in the middle of tool calls", weight: 0.8, holds: ({ request }) => request.messages.at(-1)?.role === "tool" },
  { name: "asks to think much", weight: 1.5, holds: ({ request }) => HARD_EFFORTS.has(request.reasoning?.effort ?? "") },
  { name: "asks not to think", weight: -1, holds: ({ request }) => EASY_EFFORTS.has(request.reasoning?.effort ?? "") },
  { name: "is short", weight: -1.1, holds: ({ words, text }) => words > 0 && words <= 12 && !text.includes("```") },
  {
    name: "is a greeting or thanks",
    weight: -2,
    holds: says(/^\s*(hi|hello|hey|thanks|thank you|good (morning|evening)|ok(ay)?|yes|no)\b[\s!.,]*\S{0,12}\s*$/i),
  },
  {
    name: "asks to classify or to extract",
    weight: -1.4,
    holds: says(
      /\b(classif(y|ication)|categori[sz]e|label (the|this|each)|extract (the|all|any)|sentiment|spam or|true or false|yes or no)\b/i,
    ),
  },
  { name: "asks to translate", weight: -1.3, holds: says(/\btranslat(e|ion)\b/i) },
  {
    name: "asks to reword or to summarise",
    weight: -1,
    holds: says(
      /\b(summari[sz]e|tl;?dr|rephrase|reword|proofread|shorten|correct the (spelling|grammar)|fix the (spelling|grammar|typos?))\b/i,
    ),
  },
  {
    name: "asks for a fact",
    weight: -0.9,
    holds: says(
      /^\s*(what is|what's|who (is|was)|when (did|was|is)|where (is|was)|how many|how old|define|capital of)\b.{0,80}\??\s*$/i,
    ),
  },
  {
    name: "wants a short answer",
    weight: -0.8,
    holds: ({ request, text }) =>
      (request.maxOutputTokens ?? 10_000) <= 64 || /\b(in one word|one word|briefly|short answer)\b/i.test(text),
  },
];

const HARD_EFFORTS: ReadonlySet<string> = new Set(["high", "xhigh", "max"]);
const EASY_EFFORTS: ReadonlySet<string> = new Set(["none", "minimal"]);
/** Nothing said: a little on the hard side of the middle, for a wrong guess there costs money and not an answer. */
const BIAS = 0.1;
/** Characters of the last question that are read: what it asks for stands at its beginning or at its end. */
const READ_MAX = 8_000;
const REASONS_MAX = 6;

export function complexityOf(request: CompletionRequest): Complexity {
  const facts = factsOf(request);
  const found = SIGNS.filter(({ holds }) => holds(facts));
  const sum = found.reduce((total, { weight }) => total + weight, BIAS);
  const reasons = found
    .toSorted((left, right) => Math.abs(right.weight) - Math.abs(left.weight))
    .slice(0, REASONS_MAX)
    .map(({ name, weight }) => `${name} (${weight > 0 ? "+" : ""}${weight})`);
  return { score: 1 / (1 + Math.exp(-sum)), reasons };
}

function factsOf(request: CompletionRequest): Facts {
  const text = readable(textOfLastQuestion(request.messages));
  let length = 0;
  for (const { parts } of request.messages) for (const part of parts) if (part.type === "text") length += part.text.length;
  return { request, text, words: countWords(text), length };
}

function textOfLastQuestion(messages: readonly Message[]): string {
  const question = messages.findLast(({ role }) => role === "user");
  return question?.parts.map((part) => (part.type === "text" ? part.text : "")).join("\n") ?? "";
}

function readable(text: string): string {
  return text.length <= READ_MAX ? text : `${text.slice(0, READ_MAX / 2)}\n${text.slice(-READ_MAX / 2)}`;
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
