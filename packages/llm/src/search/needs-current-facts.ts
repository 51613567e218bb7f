/**
 * Decides from the words of a question whether its answer changes with time, so that a model's memory will not do. Local,
 * pure and explained: it adds the weights of what it finds (`signals-for-search.ts`, `signals-against-search.ts`, years, dates, addresses) and says what
 * that was. Where little speaks for a search it abstains; being wrong that way costs a search that somebody asks for again,
 * the other way money, time and privacy.
 *
 * It does not understand the question. Other languages than English, German, French and Spanish it judges by years and
 * addresses alone.
 */
import type { FreshnessSignal } from "./freshness-signal.ts";
import { foldWords, guessLanguages, KNOWN_LANGUAGES, type KnownLanguage } from "./guess-language.ts";
import { askingOf } from "./search-question.ts";
import { SIGNALS_AGAINST_SEARCH } from "./signals-against-search.ts";
import { SIGNALS_FOR_SEARCH } from "./signals-for-search.ts";

/** One signal that was found in a question. */
export interface FreshnessReason {
  /** Name of the signal, as in `weather` or `recent-year`. */
  readonly signal: string;
  readonly weight: number;
  /** Why it counts, and the words that it was found in. */
  readonly detail: string;
}

/** Whether to search, and why. */
export interface FreshnessDecision {
  /** `unsure`: too little speaks for either; then nothing is searched. */
  readonly decision: "search" | "answer" | "unsure";
  readonly score: number;
  readonly reasons: readonly FreshnessReason[];
}

/** What a decision depends on beside the words. */
export interface FreshnessContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Until when the model knows the world, as in `2025-03` or `2025-03-31`. Absent: unknown. */
  readonly knowledgeCutoff?: string;
}

/** From this score on, a search is made. */
const SEARCH_SCORE_MIN = 3;
/** Up to this one, the answer is taken not to change with time. */
const ANSWER_SCORE_MAX = -1;

/** Whether a question is about what may have changed since the model was made. From the words alone; asks nobody. */
export function needsCurrentFacts(text: string, context: FreshnessContext): FreshnessDecision {
  const asking = foldWords(askingOf(text));
  const reasons = [...wordReasons(asking), ...shapeReasons(text, asking), ...yearReasons(asking, context)];
  const score = reasons.reduce((sum, { weight }) => sum + weight, 0);
  const decision = score >= SEARCH_SCORE_MIN ? "search" : score <= ANSWER_SCORE_MAX ? "answer" : "unsure";
  return { decision, score, reasons };
}

// Words

type CompiledSignal = FreshnessSignal & { readonly patterns: Readonly<Record<KnownLanguage, RegExp>> };

let compiled: readonly CompiledSignal[] | undefined;

/** At the first question: who never searches does not pay for it. */
function signals(): readonly CompiledSignal[] {
  compiled ??= [...SIGNALS_FOR_SEARCH, ...SIGNALS_AGAINST_SEARCH].map((signal) => {
    const patterns = Object.fromEntries(KNOWN_LANGUAGES.map((language) => [language, patternOf(signal.words[language])]));
    return { ...signal, patterns: patterns as Record<KnownLanguage, RegExp> };
  });
  return compiled;
}

/** `…` is at most 60 characters within the sentence. */
function patternOf(words: readonly string[]): RegExp {
  const pieces = words.map((word) => word.replace(/ ?… ?/g, "\\b[^.?!]{0,60}?\\b"));
  return new RegExp(pieces.map((piece) => (piece.startsWith("^") ? piece : `(?<![\\w])${piece}(?![\\w])`)).join("|"));
}

function wordReasons(asking: string): readonly FreshnessReason[] {
  const languages = guessLanguages(asking);
  return signals().flatMap(({ name, weight, meaning, patterns }) => {
    const found = languages.map((language) => patterns[language].exec(asking)?.[0]).find((match) => match !== undefined);
    return found === undefined ? [] : [{ signal: name, weight, detail: `${meaning}: “${found.trim()}”` }];
  });
}

// Shapes

interface Shape {
  readonly signal: string;
  readonly weight: number;
  readonly detail: string;
  readonly found: (text: string, asking: string) => boolean;
}

/** A question mark, or a word at the beginning that asks. */
const QUESTION =
  /\?(?:\s|$)|^(?:what|who|when|where|which|how|is|are|does|has|was|wer|wann|wo|welche[rsn]?|wie|quel(?:le)?s?|qui|quand|combien|que|quien|cuando|donde|cual(?:es)?|cuanto)\b/;

/** A fence, a line of a stack trace, or a line that begins and ends as code does. */
const CODE =
  /```|^[ \t]+at \S+ \(.+:\d+:\d+\)$|^Traceback \(most recent call last\)|^[ \t]*(?:import|const|def|class|#include)\b.*[;:({][ \t]*$/m;

/** No more of a text is looked at for its shape. Characters. */
const SHAPE_LENGTH_MAX = 10_000;

const SHAPES: readonly Shape[] = [
  {
    signal: "question",
    weight: 1,
    detail: "it is a question",
    found: (_text, asking) => QUESTION.test(asking),
  },
  {
    signal: "address",
    weight: 3,
    detail: "it names an address on the web",
    found: (_text, asking) => /\bhttps?:\/\/[^\s/]+\.[^\s]+|\bwww\.[^\s]+\.[^\s]+/.test(asking),
  },
  {
    signal: "code-given",
    weight: -4,
    detail: "it brings code along",
    found: (text) => CODE.test(text),
  },
  {
    signal: "sum",
    weight: -5,
    detail: "it can be worked out",
    found: (_text, asking) => /\d\s*[+*×÷^=]\s*\d|\d\s+[-/]\s+\d|\\frac|\\int|\$\$/.test(asking),
  },
  {
    signal: "pasted-text",
    weight: -3,
    detail: "it brings its own text along",
    found: (text) => text.length > 1_200 || /^[ \t]*>.*\S/m.test(text),
  },
  {
    signal: "quoted-text",
    weight: -2,
    detail: "it quotes a passage",
    found: (text) => /["“„«](?:[^\s"“”„«»]+\s+){3}[^"“”„«»]*["”“»]/.test(text),
  },
];

function shapeReasons(text: string, asking: string): readonly FreshnessReason[] {
  const start = text.slice(0, SHAPE_LENGTH_MAX);
  return SHAPES.filter(({ found }) => found(start, asking)).map(({ signal, weight, detail }) => ({ signal, weight, detail }));
}

// Years and dates

const MONTHS =
  "jan(?:uary|uar|vier)?|enero|feb(?:ruary|ruar|rero)?|fevrier|mar(?:ch|s|zo)|marz|apr(?:il)?|avril|abril|may|mai|mayo|june?|juni|juin|junio|july?|juli|juillet|julio|aug(?:ust)?|aout|agosto|sep(?:t|tember|tembre|tiembre)?|oct(?:ober|obre)?|okt(?:ober)?|octubre|nov(?:ember|embre|iembre)?|de[cz](?:ember|embre)?|decembre|diciembre";
const DAY_OF_MONTH = new RegExp(
  `\\b(?:\\d{1,2}(?:st|nd|rd|th|er|\\.)? (?:de )?(?:of )?(?:${MONTHS})|(?:${MONTHS}) \\d{1,2}(?:st|nd|rd|th)?)\\b(?!\\.?,? (?:de )?\\d{4})`,
);
/** A number of four digits that is a year, and not an amount. */
const YEAR =
  /(?<![\d.,$€£#:/]|port )\b(20\d\d|19\d\d)\b(?![.,]?\d|\s*(?:%|€|\$|£|px|words?|tokens?|characters?|lines?|mb|gb|kb|km|kg|grams?|euros?|dollars?|worter|zeichen|mots|palabras|steps?|people))/g;
/** Longer ago only where a word says that it is one. */
const OLD_YEAR = /\b(?:in|of|since|year|im jahr|jahr|von|seit|en|de|del|ano|annee)(?: the year)? (1[0-8]\d\d)\b/g;
/** Further ahead a number is no year of a question. */
const YEARS_AHEAD_MAX = 15;

function yearReasons(asking: string, { now, knowledgeCutoff }: FreshnessContext): readonly FreshnessReason[] {
  const thisYear = new Date(now).getUTCFullYear();
  const years = [...asking.matchAll(YEAR), ...asking.matchAll(OLD_YEAR)].map(([, year]) => Number(year));
  const sensible = years.filter((year) => year <= thisYear + YEARS_AHEAD_MAX);
  const reasons: FreshnessReason[] = [];
  if (sensible.length > 0) reasons.push(...reasonsOfYear(Math.max(...sensible), thisYear, knowledgeCutoff));
  const day = DAY_OF_MONTH.exec(asking)?.[0];
  if (day !== undefined) reasons.push({ signal: "day", weight: 2, detail: `it names a day without a year: “${day}”` });
  return reasons;
}

/** The latest year that a question names decides. */
function reasonsOfYear(year: number, thisYear: number, knowledgeCutoff: string | undefined): readonly FreshnessReason[] {
  const cutoffYear = Number(/^(\d{4})/.exec(knowledgeCutoff ?? "")?.[1] ?? Number.NaN);
  if (Number.isNaN(cutoffYear)) {
    if (year >= thisYear - 1) return [{ signal: "recent-year", weight: 2, detail: `${year} is too recent for most models` }];
    if (year === thisYear - 2) return [];
  } else {
    if (year > cutoffYear)
      return [
        { signal: "year-after-knowledge", weight: 4, detail: `${year} is after what the model knows (${knowledgeCutoff})` },
      ];
    if (year === cutoffYear)
      return [{ signal: "year-of-cutoff", weight: 2, detail: `the model knows only part of ${year} (${knowledgeCutoff})` }];
  }
  return [{ signal: "past-year", weight: -4, detail: `${year} is long past` }];
}
