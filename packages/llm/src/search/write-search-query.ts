/** Lets a model write the query. Its words are checked as little trusted ones: one line, no more than a service takes. */
import { systemMessage, textOf, userMessage } from "../message.ts";
import type { Provider } from "../provider.ts";
import { deriveSearchQuery } from "./derive-search-query.ts";
import { withoutInvisible } from "./plain-text.ts";
import type { SearchQuestion } from "./search-question.ts";
import { shortQuery } from "./short-query.ts";

/** What it uses and costs is not part of the answer's usage and cost: `trackUsage` around its provider tells. */
export interface QueryWriter {
  readonly provider: Provider;
  /** A small, quick one will do. */
  readonly model: string;
}

export interface WriteQueryOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** For the whole call. Milliseconds. */
  readonly timeoutMs: number;
}

const QUERY_LENGTH_MAX = 240;
const QUERY_WORDS_MAX = 32;
/** Room for models that think before they answer. Tokens. */
const OUTPUT_TOKENS_MAX = 2_000;
/** Of a long question, so much is shown. Characters. */
const QUESTION_LENGTH_MAX = 2_000;

/** The model's query. Rejects as the provider does; empty when the model wrote nothing of use. */
export async function writeSearchQuery(
  { provider, model }: QueryWriter,
  question: SearchQuestion,
  { signal, now, timeoutMs }: WriteQueryOptions,
): Promise<string> {
  const today = new Date(now).toISOString().slice(0, 10);
  const earlier = question.before === undefined ? "" : `Earlier question: ${question.before}\n`;
  const { message } = await provider.complete({
    model,
    messages: [
      systemMessage(
        `You write web search queries. Today is ${today}. Answer with one query for the question that is given, in the ` +
          "question's language, on one line, with nothing else. Do not answer the question.",
      ),
      userMessage(`${earlier}Question: ${question.asking.slice(0, QUESTION_LENGTH_MAX)}`),
    ],
    maxOutputTokens: OUTPUT_TOKENS_MAX,
    timeouts: { totalMs: timeoutMs },
    ...(signal === undefined ? {} : { signal }),
  });
  const line = textOf(message).trim().split("\n").at(-1) ?? "";
  const query = withoutInvisible(line).replace(/^["“'`]+|["”'`]+$/g, "");
  // The same rules as for our own: no key and no mail address leaves.
  return shortQuery(deriveSearchQuery({ asking: query }), QUERY_LENGTH_MAX, QUERY_WORDS_MAX);
}
