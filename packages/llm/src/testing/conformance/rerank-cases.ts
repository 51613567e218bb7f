/** Ranks: best first, each by its place, and every way in which asking for them fails. */
import type { ErrorCode } from "../../errors.ts";
import type { Provider } from "../../provider.ts";
import type { RerankCall, RerankResult } from "../../rerank.ts";
import { checkUsage } from "../laws.ts";
import type { ConformanceCase, OpenedProvider, ProviderSubject } from "./conformance-case.ts";
import { errorOf, expectCode, expectNone, expectTrue } from "./expect.ts";
import { until } from "./until.ts";
import { withProvider } from "./with-provider.ts";

const QUERY = "Where does the cat sleep?";
const DOCUMENTS = ["Quarterly shares fell in Tokyo.", "The cat likes to sleep where it is warm.", "Grüße aus 東京 👩‍🚀"];
/** Short, since the vendor never answers: the length of the wait decides nothing. Milliseconds. */
const SHORT_MS = 60;

type Rerank = (call: Partial<RerankCall>) => Promise<RerankResult>;

function caseOf(
  subject: ProviderSubject,
  name: string,
  body: (rerank: Rerank, opened: OpenedProvider) => Promise<void>,
  options: { readonly unavailable?: string | undefined; readonly variant?: "bad-key" } = {},
): ConformanceCase {
  const { models, lacks } = subject;
  const unavailable = lacks?.rerank ?? (models.rerank === undefined ? "it ranks nothing" : undefined) ?? options.unavailable;
  const whole = { model: models.rerank ?? "", query: QUERY, documents: DOCUMENTS };
  return {
    name: `ranks: ${name}`,
    ...(unavailable === undefined ? {} : { unavailable }),
    run: withProvider(
      subject,
      (opened) => body((call) => rerankOf(opened.provider)({ ...whole, ...call }), opened),
      options.variant,
    ),
  };
}

function rerankOf(provider: Provider): NonNullable<Provider["rerank"]> {
  if (provider.rerank !== undefined) return provider.rerank;
  throw new Error("the provider has no rerank");
}

const FAULTS: readonly (readonly [fault: string, ...codes: ErrorCode[]])[] = [
  ["fault-429", "rate_limited"],
  ["fault-500", "vendor_error"],
  ["fault-html", "vendor_error"],
  ["fault-empty", "invalid_response"],
];

export function rerankCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const { faults, models, secret } = subject;
  const noFaults = { unavailable: faults === undefined ? "the vendor brings no faults about" : undefined };
  const model = (fault: string) => `${models.rerank}-${faults?.model(fault) ?? ""}`;
  return [
    caseOf(subject, "best first, each by its place", async (rerank, { provider }) => {
      const { results, origin, timing } = await rerank({});
      expectTrue(results.length === DOCUMENTS.length, `${results.length} results for ${DOCUMENTS.length} documents`);
      expectTrue(results[0]?.index === 1, `document ${results[0]?.index} is first`);
      expectTrue(
        results.every(({ score }, place) => place === 0 || score <= (results[place - 1]?.score ?? 0)),
        "the scores rise",
      );
      expectTrue(origin.provider === provider.id && origin.model !== "", `the origin is ${JSON.stringify(origin)}`);
      expectTrue(timing.totalMs >= 0, "timing.totalMs is missing");
    }),
    caseOf(subject, "no more than asked for", async (rerank) => {
      const { results } = await rerank({ resultsMax: 1 });
      expectTrue(results.length === 1 && results[0]?.index === 1, `got ${JSON.stringify(results)}`);
      expectTrue((await rerank({ resultsMax: 99 })).results.length === DOCUMENTS.length, "more than there are is refused");
    }),
    caseOf(subject, "with what they used and cost", async (rerank) => {
      const { usage, cost, searchUnits } = await rerank({});
      expectNone(checkUsage(usage), "usage");
      expectTrue(usage.inputTokens !== 0 && searchUnits !== 0, "what is unknown is given as 0");
      if (cost !== undefined) expectTrue(cost.totalUsd > 0 && cost.totalUsd === cost.inputUsd, JSON.stringify(cost));
    }),
    caseOf(subject, "of nothing, or no results, are refused before anything is sent", async (rerank, { requestCount }) => {
      expectCode(await errorOf(rerank({ documents: [] })), "invalid_request");
      expectCode(await errorOf(rerank({ resultsMax: 0 })), "invalid_request");
      if (requestCount !== undefined) expectTrue(requestCount() === 0, "a request went out");
    }),
    caseOf(subject, "of an unknown model are refused", async (rerank) => {
      const error = await errorOf(rerank({ model: `no-such-${models.rerank}` }));
      expectCode(error, "model_not_found", "not_found", "invalid_request");
    }),
    caseOf(
      subject,
      "with a wrong key are refused",
      async (rerank) => expectCode(await errorOf(rerank({})), "authentication", "permission_denied"),
      { unavailable: subject.lacks?.keys, variant: "bad-key" },
    ),
    ...FAULTS.map(([fault, ...codes]) =>
      caseOf(
        subject,
        `${fault} comes to what it is`,
        async (rerank) => {
          const error = await errorOf(rerank({ model: model(fault) }));
          expectCode(error, ...codes);
          const text = `${error.message} ${JSON.stringify(error)} ${error.stack}`;
          expectTrue(secret === undefined || !text.includes(secret), "the error shows the key");
        },
        noFaults,
      ),
    ),
    caseOf(
      subject,
      "a silent vendor is given up, and an abort reaches it",
      async (rerank, { requestCount, waitForAbort }) => {
        const timeouts = { firstByteMs: SHORT_MS };
        expectCode(await errorOf(rerank({ model: model("fault-silence"), timeouts })), "timeout");
        const controller = new AbortController();
        const failed = errorOf(rerank({ model: model("fault-silence"), signal: controller.signal }));
        await until(() => requestCount === undefined || requestCount() > 1);
        controller.abort();
        expectCode(await failed, "aborted");
        await waitForAbort?.();
      },
      noFaults,
    ),
  ];
}
