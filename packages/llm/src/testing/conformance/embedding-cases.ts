/** Vectors: their order, their lengths, their limits, and every way in which asking for them fails. */
import type { EmbeddingCall, EmbeddingPurpose, EmbeddingResult } from "../../embedding.ts";
import type { ErrorCode } from "../../errors.ts";
import type { Provider } from "../../provider.ts";
import { TEXT_WITHOUT_VECTOR } from "../fake-vendors/wires/fake-vector.ts";
import { checkUsage } from "../laws.ts";
import type { ConformanceCase, OpenedProvider, ProviderSubject } from "./conformance-case.ts";
import { errorOf, expectCode, expectNone, expectTrue } from "./expect.ts";
import { until } from "./until.ts";
import { withProvider } from "./with-provider.ts";

const CATS = "The cat sleeps on the warm mat.";
const MORE_CATS = "A cat sleeps on a mat that is warm.";
const SHARES = "Quarterly shares fell in Tokyo.";
const UNICODE = ["Grüße aus 東京 👩‍🚀", "שלום עולם", "naïve café\n\ttabbed", '"quoted" \\ back'];
/** Long enough for any window of these models. Tokens. */
const TOO_LONG_TOKENS = 40_000;
/** Short, since the vendor never answers: the length of the wait decides nothing. Milliseconds. */
const SHORT_MS = 60;

const PURPOSES: readonly EmbeddingPurpose[] = [
  "query",
  "document",
  "similarity",
  "classification",
  "clustering",
  "code-query",
  "fact-check",
];

type Embed = (call: Omit<EmbeddingCall, "model"> & { readonly model?: string }) => Promise<EmbeddingResult>;

export function embeddingCases(subject: ProviderSubject): readonly ConformanceCase[] {
  return [...answerCases(subject), ...failureCases(subject), ...faultCases(subject)];
}

/** A case's body with the provider's `embed` at hand. */
function caseOf(
  subject: ProviderSubject,
  name: string,
  body: (embed: Embed, opened: OpenedProvider) => Promise<void>,
  options: { readonly unavailable?: string | undefined; readonly variant?: "bad-key" } = {},
): ConformanceCase {
  const { models, lacks } = subject;
  const unavailable =
    lacks?.embeddings ?? (models.embedding === undefined ? "it gives no vectors" : undefined) ?? options.unavailable;
  return {
    name: `vectors: ${name}`,
    ...(unavailable === undefined ? {} : { unavailable }),
    run: withProvider(
      subject,
      (opened) => body((call) => embedOf(opened.provider)({ model: models.embedding ?? "", ...call }), opened),
      options.variant,
    ),
  };
}

function embedOf(provider: Provider): NonNullable<Provider["embed"]> {
  if (provider.embed !== undefined) return provider.embed;
  throw new Error("the provider has no embed");
}

function answerCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const most = subject.embeddingInputsMax;
  return [
    caseOf(subject, "one a text, in order; what is alike lies near", async (embed, { provider }) => {
      const { embeddings, origin, timing } = await embed({ inputs: [CATS, SHARES, MORE_CATS, CATS] });
      const [cats = [], shares = [], moreCats = [], again = []] = embeddings;
      expectTrue(embeddings.length === 4, `${embeddings.length} vectors for 4 texts`);
      expectTrue(cats.length > 1 && embeddings.every((vector) => vector.length === cats.length), "lengths differ");
      expectTrue(nearness(cats, again) > 0.999, "equal texts have different vectors");
      expectTrue(nearness(cats, moreCats) > nearness(cats, shares), "what is alike lies farther than what is not");
      expectTrue(origin.provider === provider.id && origin.model !== "", `the origin is ${JSON.stringify(origin)}`);
      expectTrue(timing.totalMs >= 0, "timing.totalMs is missing");
    }),
    caseOf(
      subject,
      "of more texts than one request holds",
      async (embed, { requestCount }) => {
        const texts = Array.from({ length: (most ?? 0) + 1 }, (_item, index) => `text number ${index}`);
        const inputs = texts.with(-1, texts[0] ?? "");
        const { embeddings } = await embed({ inputs });
        const [first = [], second = []] = embeddings;
        const last = embeddings.at(-1) ?? [];
        expectTrue(embeddings.length === inputs.length, `${embeddings.length} vectors for ${inputs.length} texts`);
        expectTrue(nearness(first, last) > 0.999, "the text of the second request is not in its place");
        expectTrue(inputs.length === 2 || nearness(first, second) < 0.999, "two texts have one vector");
        if (requestCount !== undefined) expectTrue(requestCount() === 2, `${requestCount()} requests instead of 2`);
      },
      { unavailable: most === undefined ? "no limit is known" : undefined },
    ),
    caseOf(subject, "of any Unicode", async (embed) => {
      const { embeddings } = await embed({ inputs: UNICODE });
      const reversed = await embed({ inputs: UNICODE.toReversed() });
      for (const [index, vector] of embeddings.entries()) {
        const other = reversed.embeddings.at(-1 - index) ?? [];
        expectTrue(nearness(vector, other) > 0.999, `${UNICODE[index]} depends on its neighbours`);
      }
    }),
    caseOf(subject, "as short as asked for, or a word on why not", async (embed) => {
      const { embeddings, warnings } = await embed({ inputs: [CATS], dimensions: 256 });
      const told = warnings.some(({ path }) => path === "dimensions");
      expectTrue(told || embeddings[0]?.length === 256, `${embeddings[0]?.length} numbers, and no warning`);
    }),
    caseOf(subject, "in base64 as in numbers", async (embed) => {
      const options = { "openai-embeddings": { encoding_format: "base64" } };
      const [plain, coded] = [await embed({ inputs: [CATS] }), await embed({ inputs: [CATS], vendorOptions: options })];
      expectTrue(nearness(plain.embeddings[0] ?? [], coded.embeddings[0] ?? []) > 0.999, "the two differ");
    }),
    caseOf(subject, "with what they used and cost", async (embed, { provider }) => {
      const { usage, cost, origin } = await embed({ inputs: [CATS, SHARES] });
      expectNone(checkUsage(usage), "usage");
      expectTrue(usage.inputTokens !== 0, "unknown usage is given as 0");
      const rate = (provider.pricing(origin.model) ?? provider.pricing(subject.models.embedding ?? ""))?.inputPerMillionUsd;
      const isPriced = rate !== undefined && usage.inputTokens !== undefined;
      expectTrue(!isPriced || cost !== undefined, "the price and the tokens are known, the cost is not");
      if (cost === undefined) return;
      expectTrue(cost.totalUsd > 0 && cost.totalUsd === cost.inputUsd && cost.catalogue !== "", JSON.stringify(cost));
    }),
    caseOf(subject, "for every purpose, or a word on what could not be said", async (embed) => {
      for (const purpose of PURPOSES) {
        const { embeddings } = await embed({ inputs: [CATS], purpose });
        expectTrue(embeddings.length === 1, `${embeddings.length} vectors for ${purpose}`);
      }
    }),
  ];
}

function failureCases(subject: ProviderSubject): readonly ConformanceCase[] {
  return [
    caseOf(subject, "of nothing are refused before anything is sent", async (embed, { requestCount }) => {
      expectCode(await errorOf(embed({ inputs: [] })), "invalid_request");
      if (requestCount !== undefined) expectTrue(requestCount() === 0, "a request went out");
    }),
    caseOf(subject, "of an unknown model are refused", async (embed, { provider }) => {
      const error = await errorOf(embed({ model: `no-such-${subject.models.embedding}`, inputs: [CATS] }));
      expectCode(error, "model_not_found", "not_found", "invalid_request");
      expectTrue(error.provider === provider.id && !error.retryable, "the error lacks its provider, or asks for a retry");
    }),
    caseOf(subject, "of a text over the limit are refused when it may not be cut, or a word on why not", async (embed) => {
      const text = "word ".repeat(TOO_LONG_TOKENS);
      const outcome = await embed({ inputs: [text], truncate: false }).catch((error: unknown) => error);
      if (isResult(outcome)) {
        const told = outcome.warnings.some(({ path, type }) => path === "truncate" || type === "truncated");
        expectTrue(told, "it was taken, and nothing was said");
        return;
      }
      expectCode(await errorOf(Promise.reject(outcome)), "context_overflow", "invalid_request", "request_too_large");
    }),
    caseOf(
      subject,
      "with a wrong key are refused, and the key is not shown",
      async (embed) => {
        const error = await errorOf(embed({ inputs: [CATS] }));
        expectCode(error, "authentication", "permission_denied");
        const text = `${error.message}${JSON.stringify(error)}${error.stack}`;
        expectTrue(subject.secret === undefined || !text.includes(subject.secret), "the error shows the key");
      },
      { unavailable: subject.lacks?.keys, variant: "bad-key" },
    ),
    caseOf(subject, "are not asked for when the call is aborted already", async (embed, { requestCount }) => {
      expectCode(await errorOf(embed({ inputs: [CATS], signal: AbortSignal.abort() })), "aborted");
      if (requestCount !== undefined) expectTrue(requestCount() === 0, "a request went out");
    }),
  ];
}

const FAULTS: readonly (readonly [fault: string, ...codes: ErrorCode[]])[] = [
  ["fault-429", "rate_limited"],
  ["fault-quota", "quota_exceeded"],
  ["fault-500", "vendor_error"],
  ["fault-reset", "connection_failed"],
  ["fault-cut", "invalid_response", "stream_truncated", "connection_failed"],
  ["fault-html", "vendor_error"],
  ["fault-empty", "invalid_response"],
];

function faultCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const { faults, models, secret } = subject;
  const noFaults = { unavailable: faults === undefined ? "the vendor brings no faults about" : undefined };
  const model = (fault: string) => `${models.embedding}-${faults?.model(fault) ?? ""}`;
  return [
    ...FAULTS.map(([fault, ...codes]) =>
      caseOf(
        subject,
        `${fault} comes to what it is`,
        async (embed) => {
          const error = await errorOf(embed({ model: model(fault), inputs: [CATS] }));
          expectCode(error, ...codes);
          const text = `${error.message} ${JSON.stringify(error)} ${error.stack}`;
          expectTrue(secret === undefined || !text.includes(secret), "the error shows the key");
        },
        noFaults,
      ),
    ),
    caseOf(
      subject,
      "an answer that is one too few is no answer",
      async (embed) => {
        expectCode(await errorOf(embed({ inputs: [CATS, TEXT_WITHOUT_VECTOR, SHARES] })), "invalid_response");
      },
      noFaults,
    ),
    caseOf(
      subject,
      "a silent vendor is given up",
      async (embed) => {
        const timeouts = { firstByteMs: SHORT_MS };
        expectCode(await errorOf(embed({ model: model("fault-silence"), inputs: [CATS], timeouts })), "timeout");
      },
      noFaults,
    ),
    caseOf(
      subject,
      "an abort while they are waited for reaches the vendor",
      async (embed, { requestCount, waitForAbort }) => {
        const controller = new AbortController();
        const failed = errorOf(embed({ model: model("fault-silence"), inputs: [CATS], signal: controller.signal }));
        await until(() => requestCount === undefined || requestCount() > 0);
        controller.abort();
        expectCode(await failed, "aborted");
        await waitForAbort?.();
      },
      noFaults,
    ),
  ];
}

function isResult(outcome: unknown): outcome is EmbeddingResult {
  return typeof outcome === "object" && outcome !== null && "embeddings" in outcome;
}

/** Cosine of the angle between two vectors. */
function nearness(one: readonly number[], other: readonly number[]): number {
  const dot = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  return dot / (Math.hypot(...one) * Math.hypot(...other) || 1);
}
