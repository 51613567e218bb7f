/**
 * How vendors keep prompts, and from which length on. Data, most particular first. Sources: Anthropic's "Prompt caching"
 * (minimum length by model), OpenAI's "Prompt caching", Google's "Context caching" of both doors and its own refusals
 * (`min_total_token_count`), Amazon's "Prompt caching for faster model inference". Where sources differ the larger stands:
 * what is promised shall come.
 */

/** `marks`: kept up to where the caller marks it. `objects`: kept under a name, or by itself. `automatic`: kept by itself. */
export type CachingWay = "marks" | "objects" | "automatic";

/** How a vendor keeps prompts of one model. */
export interface CachingRule {
  readonly way: CachingWay;
  /** A shorter prefix is never kept. Tokens. */
  readonly minimumTokens: number;
}

/** A piece of the model's id, and what holds for it. */
type Row = readonly [model: string, rule: CachingRule];

const ROWS: readonly Row[] = [
  ["haiku-4-5", { way: "marks", minimumTokens: 4096 }],
  ["opus-4-5", { way: "marks", minimumTokens: 4096 }],
  ["opus-4-6", { way: "marks", minimumTokens: 4096 }],
  ["opus-4-7", { way: "marks", minimumTokens: 2048 }],
  ["sonnet-4-6", { way: "marks", minimumTokens: 2048 }],
  ["3-5-haiku", { way: "marks", minimumTokens: 2048 }],
  ["3-haiku", { way: "marks", minimumTokens: 2048 }],
  ["claude", { way: "marks", minimumTokens: 1024 }],
  ["nova", { way: "marks", minimumTokens: 1024 }],
  ["gemini-2-5-flash", { way: "objects", minimumTokens: 1024 }],
  ["gemini-2-0-flash", { way: "objects", minimumTokens: 4096 }],
  ["gemini", { way: "objects", minimumTokens: 4096 }],
  ["gpt", { way: "automatic", minimumTokens: 1024 }],
  ["o1", { way: "automatic", minimumTokens: 1024 }],
  ["o3", { way: "automatic", minimumTokens: 1024 }],
  ["o4", { way: "automatic", minimumTokens: 1024 }],
  ["deepseek", { way: "automatic", minimumTokens: 64 }],
];

/** What a wire alone tells, for models that no row names. */
const BY_DIALECT: Readonly<Record<string, CachingRule>> = {
  "anthropic-messages": { way: "marks", minimumTokens: 1024 },
  "bedrock-converse": { way: "marks", minimumTokens: 1024 },
  gemini: { way: "objects", minimumTokens: 4096 },
  "openai-responses": { way: "automatic", minimumTokens: 1024 },
};

/** Vertex AI keeps nothing below this, whatever the model. Source: its "Context caching overview". */
const VERTEX_MINIMUM_TOKENS = 2048;

/** A model, for the question of what its vendor keeps of a prompt. */
export interface CachedModel {
  readonly model: string;
  /** The wire, where it is known. */
  readonly dialect?: string | undefined;
  readonly backend?: string | undefined;
}

/** Undefined where nobody knows whether and how the model's prompts are kept. */
export function cachingRule({ model, dialect, backend }: CachedModel): CachingRule | undefined {
  const name = model.toLowerCase().replaceAll(".", "-");
  const rule = ROWS.find(([piece]) => beginsWord(name, piece))?.[1] ?? (dialect === undefined ? undefined : BY_DIALECT[dialect]);
  if (rule === undefined || rule.way !== "objects" || backend !== "vertex") return rule;
  return { ...rule, minimumTokens: Math.max(rule.minimumTokens, VERTEX_MINIMUM_TOKENS) };
}

/** `o1` is in `o1-mini` and `openai/o1`, and not in `turbo1`. */
function beginsWord(name: string, piece: string): boolean {
  const at = name.indexOf(piece);
  return at === 0 || (at > 0 && !/[a-z0-9]/.test(name.charAt(at - 1)));
}
