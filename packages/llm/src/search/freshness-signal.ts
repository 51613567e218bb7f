/**
 * A kind of question that speaks for or against a search, as data: a weight, and words in four languages. The words are
 * pieces of regular expressions over folded text (`foldWords`), matched at word boundaries. A kind counts once, however many
 * of its words are there. `…` stands for a few words in between.
 */
import type { KnownLanguage } from "./guess-language.ts";

export interface FreshnessSignal {
  readonly name: string;
  /** Above 0 speaks for a search. From 3 on, one alone is enough. */
  readonly weight: number;
  /** For a person: why it counts. */
  readonly meaning: string;
  readonly words: Readonly<Record<KnownLanguage, readonly string[]>>;
}
