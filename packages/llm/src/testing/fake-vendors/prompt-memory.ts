/** The fake's prompt cache: which prompts it has read, and how much of a new one it knows. */
import { countTokens } from "./brain.ts";

const PROMPTS_MAX = 64;

export class PromptMemory {
  readonly #enabled: boolean;
  readonly #prompts = new Map<string, string[][]>();

  constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  /** Tokens of the longest beginning shared with an earlier prompt. The last block is always read anew. */
  read(model: string, prompt: readonly string[]): number {
    if (!this.#enabled) return 0;
    const known = this.#known(model, prompt);
    this.#remember(model, prompt);
    return countTokens(prompt.slice(0, Math.min(known, prompt.length - 1)));
  }

  /**
   * For vendors that cache what the caller marked: `marked` is the prompt up to the last mark. What of it is known as a
   * whole beginning is read, the rest is written.
   */
  readMarked(model: string, marked: readonly string[]): { readonly readTokens: number; readonly writeTokens: number } {
    if (!this.#enabled || marked.length === 0) return { readTokens: 0, writeTokens: 0 };
    const known = (this.#prompts.get(model) ?? []).filter((earlier) => earlier.every((block, index) => block === marked[index]));
    const longest = Math.max(0, ...known.map((earlier) => earlier.length));
    this.#remember(model, marked);
    const readTokens = countTokens(marked.slice(0, longest));
    return { readTokens, writeTokens: countTokens(marked) - readTokens };
  }

  #known(model: string, prompt: readonly string[]): number {
    let longest = 0;
    for (const earlier of this.#prompts.get(model) ?? []) {
      let shared = 0;
      while (shared < earlier.length && shared < prompt.length && earlier[shared] === prompt[shared]) shared++;
      longest = Math.max(longest, shared);
    }
    return longest;
  }

  #remember(model: string, prompt: readonly string[]): void {
    const prompts = this.#prompts.get(model) ?? [];
    prompts.push([...prompt]);
    this.#prompts.set(model, prompts.slice(-PROMPTS_MAX));
  }
}
