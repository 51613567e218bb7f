/**
 * A query from a question, without asking a model: the question's last sentence that asks, without politeness, without what
 * was pasted, and without what is nobody else's business (keys, mail addresses). A short follow-up ("And in Paris?") takes
 * the question before it along.
 */
import { redactSecrets } from "../errors.ts";
import { foldWords } from "./guess-language.ts";
import type { SearchQuestion } from "./search-question.ts";
import { shortQuery } from "./short-query.ts";

/** Characters and words. Services take 400 and 50; fewer find more. */
const QUERY_LENGTH_MAX = 240;
const QUERY_WORDS_MAX = 32;

/** A question of fewer words may follow up another. */
const FOLLOW_UP_WORDS_MAX = 5;
const FOLLOW_UP =
  /^(?:and|or|but|what about|how about|und|oder|aber|was ist mit|wie ist es|et|ou|mais|y|o|pero|que tal en)\b|\b(?:it|its|they|them|their|there|he|she|his|her|that|this one|dort|davon|ihn|seine?|la-bas|alli)\b/;

/** Empty when nothing is left to search for. */
export function deriveSearchQuery({ asking, before }: Pick<SearchQuestion, "asking" | "before">): string {
  const own = cleaned(sentenceThatAsks(asking));
  const context =
    before !== undefined && isFollowUp(own) ? `${shortQuery(cleaned(sentenceThatAsks(before)), QUERY_LENGTH_MAX / 2)} ` : "";
  return shortQuery(context + own, QUERY_LENGTH_MAX, QUERY_WORDS_MAX);
}

/** Whether the question has its meaning from the one before it. */
export function followsUp({ asking, before }: Pick<SearchQuestion, "asking" | "before">): boolean {
  return before !== undefined && isFollowUp(cleaned(asking));
}

function isFollowUp(question: string): boolean {
  return question.split(" ").length <= FOLLOW_UP_WORDS_MAX && FOLLOW_UP.test(foldWords(question));
}

/** The last sentence with a question mark; else the whole. A sentence that only points at another takes it along. */
function sentenceThatAsks(asking: string): string {
  const sentences = asking.match(/[^.!?？。]+(?:[.!?？。]+(?=\s|$)|[.!](?=\S)|$)+/gu) ?? [asking];
  const last = sentences.findLastIndex((sentence) => /[?？]/.test(sentence));
  if (last === -1) return asking;
  const question = sentences[last]?.trim() ?? "";
  const earlier = sentences[last - 1]?.trim();
  return earlier !== undefined && isFollowUp(cleaned(question)) ? `${earlier} ${question}` : question;
}

/** Beginnings that say nothing, of the languages that the word lists know. */
const POLITENESS =
  /^(?:(?:hi|hello|hey|hallo|bonjour|salut|hola|ok|okay|so|please|bitte|s'il (?:te|vous) plaît|por favor)[\s,!.]+)+|^(?:can|could|would) you (?:please )?(?:tell me|search for|look up|find out|find|check)\s+|^(?:please )?(?:tell me|search (?:the )?(?:web|internet) for|search for|look up|google)\s+|^(?:kannst|könntest) du (?:mir )?(?:bitte )?(?:sagen|heraussuchen|nachsehen),?\s+|^(?:sag|such) mir (?:bitte )?|^(?:peux-tu|pouvez-vous|pourrais-tu) (?:me dire|chercher)\s+|^dis-moi\s+|^(?:puedes|podrías) (?:decirme|buscar)\s+|^dime\s+|^(?:i want|i'd like|i would like) to know\s+|^ich (?:möchte|würde gern) wissen,?\s+/iu;
const MAIL_ADDRESS = /[^\s@<>()]{1,64}@[^\s@<>()]{1,255}\.[A-Za-z]{2,}/g;

function cleaned(sentence: string): string {
  let text = redactSecrets(sentence).replace(MAIL_ADDRESS, " ").replaceAll("***", " ");
  for (let shorter = text.replace(POLITENESS, ""); shorter !== text; shorter = text.replace(POLITENESS, "")) text = shorter;
  return text
    .replace(/[?!¿¡？]+/gu, " ")
    .replace(/[.,;:]+(?=\s|$)/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
