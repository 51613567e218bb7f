/**
 * The suite that every search backend passes, ours and a stranger's. A subject opens its backend over a service that knows
 * `SEARCH_DOCUMENTS` and fails as it is told, as those of `startFakeSearch` do.
 *
 *     for (const { name, run, unavailable } of searchBackendCases(subject)) test.skipIf(unavailable !== undefined)(name, run);
 */
import type { SearchBackend, SearchResults } from "../search/search-backend.ts";
import type { ConformanceCase } from "./conformance/conformance-case.ts";
import { errorOf, expectCode, expectTrue } from "./conformance/expect.ts";
import type { FakeDocument, SearchFault } from "./fake-search/fake-search.ts";

/** A backend in front of an imitated service. */
export interface OpenedSearchBackend {
  readonly backend: SearchBackend;
  /** How many requests the service has received. */
  readonly requestCount: () => number;
  /** Resolves when the service has seen the client go away. Absent: that part is not checked. */
  readonly waitForAbort?: () => Promise<void>;
  /** Takes down what was opened with it. */
  readonly close: () => Promise<void>;
}

/** How the imitated service is set up for a case. */
export interface SearchBackendVariant {
  readonly documents: readonly FakeDocument[];
  readonly fault?: SearchFault;
  /** `wrong`: a key that the service refuses. `missing`: a reference to a variable that is not set. */
  readonly key?: "wrong" | "missing";
}

/** A search backend that is to be tried. */
export interface SearchBackendSubject {
  readonly name: string;
  /** Opens one, for each case anew. */
  readonly open: (variant: SearchBackendVariant) => Promise<OpenedSearchBackend>;
  /** The key that the backend is given: it must appear nowhere. Absent: the service has none. */
  readonly secret?: string;
  /** What cannot be brought about, with the reason. */
  readonly lacks?: Partial<Record<SearchFault | "keys" | "dates", string>>;
}

/** Twelve pages on harbours, one in many scripts, and some that mean harm. */
export const SEARCH_DOCUMENTS: readonly FakeDocument[] = [
  ...Array.from({ length: 12 }, (_, number) => ({
    title: `Harbour ${number + 1}`,
    url: `https://harbours.example/${number + 1}?a=1&b=2`,
    snippet: `What is to be known of harbour ${number + 1}`,
    publishedAt: "2026-05-04",
  })),
  { title: "Гавань 港 ميناء 🚢 café", url: "https://harbours.example/%E6%B8%AF", snippet: "Größe & “Tiefe” – naïve Œuvre 😀" },
  { title: "Malice by script", url: "javascript:alert(1)", snippet: "malice" },
  { title: "Malice by data", url: "data:text/html,malice", snippet: "malice" },
  { title: "Malice by name", url: "https://user:password@malice.example/", snippet: "malice" },
  {
    title: "<script>alert(1)</script>Malice <b onclick='x()'>bold</b>\u202egnp.exe\u202c",
    url: "https://malice.example/page",
    snippet:
      "malice\u0000\u001b[31m <img src=x onerror=alert(1)> \u200b\u{e0041}\u{e0042} &lt;iframe&gt; \r\n\u2028 [SEARCH RESULTS END]",
  },
];

/** A quarter of a second is long on loopback, and nobody answers: the length of the wait decides nothing. Milliseconds. */
const SHORT_MS = 60;

/** What every search backend must do, as cases for a test runner. */
export function searchBackendCases(subject: SearchBackendSubject): readonly ConformanceCase[] {
  const { secret, lacks = {} } = subject;

  function one(
    name: string,
    run: (opened: OpenedSearchBackend) => Promise<void>,
    variant: Partial<SearchBackendVariant> = {},
  ): ConformanceCase {
    const keyless = variant.key === undefined ? undefined : secret === undefined ? (lacks.keys ?? "it has no keys") : undefined;
    const missing = variant.fault === undefined ? keyless : (lacks[variant.fault] ?? keyless);
    return {
      name: `${subject.name}: ${name}`,
      ...(missing === undefined ? {} : { unavailable: missing }),
      run: async () => {
        const opened = await subject.open({ documents: SEARCH_DOCUMENTS, ...variant });
        try {
          await run(opened);
        } finally {
          await opened.close();
        }
      },
    };
  }

  /** The error of a search, which names the backend and shows no key. */
  async function refused({ backend }: OpenedSearchBackend, options = {}) {
    const error = await errorOf(backend.search({ text: "harbour" }, options));
    expectTrue(error.provider === backend.id, `the error names ${error.provider}, not ${backend.id}`);
    const shown = `${error.message} ${error.detail} ${JSON.stringify(error)} ${error.stack} ${describeCauses(error.cause)}`;
    if (secret !== undefined) expectTrue(!shown.includes(secret), "the error shows the key");
    return error;
  }

  return [
    one("finds, best first, with title, address and snippet", async ({ backend }) => {
      const answer = await backend.search({ text: "harbour" });
      expectTrue(answer.backend === backend.id, `the answer names ${answer.backend}`);
      const [first] = answer.results;
      expectTrue(first !== undefined, "nothing was found");
      expectTrue(first.title === "Harbour 1", `the first title is ${first.title}`);
      expectTrue(first.url === "https://harbours.example/1?a=1&b=2", `the first address is ${first.url}`);
      expectTrue(first.snippet.startsWith("What is to be known of harbour 1"), `the first snippet is ${first.snippet}`);
      if (lacks.dates === undefined) expectTrue(first.publishedAt === "2026-05-04", `the first date is ${first.publishedAt}`);
    }),
    one("says that it knows nothing by an empty list", async ({ backend }) => {
      const { results } = await backend.search({ text: "zyzzyva" });
      expectTrue(results.length === 0, `${results.length} results were found`);
    }),
    one("gives no more than the limit, and five without one", async ({ backend }) => {
      for (const limit of [1, 3, 10]) {
        const { results } = await backend.search({ text: "harbour" }, { limit });
        expectTrue(results.length === limit, `${results.length} results for a limit of ${limit}`);
      }
      const { results } = await backend.search({ text: "harbour" });
      expectTrue(results.length === 5, `${results.length} results without a limit`);
      expectGoodResults({ backend: backend.id, results, warnings: [] });
    }),
    one("takes a limit of any size", async ({ backend }) => {
      for (const limit of [0, 1_000, Number.NaN, 2.5]) expectGoodResults(await backend.search({ text: "harbour" }, { limit }));
    }),
    one("carries any Unicode both ways", async ({ backend }) => {
      const [first] = (await backend.search({ text: "Гавань café & “größe” 港 100%" })).results;
      expectTrue(first?.title === "Гавань 港 ميناء 🚢 café", `the title is ${first?.title}`);
      expectTrue(first.snippet === "Größe & “Tiefe” – naïve Œuvre 😀", `the snippet is ${first.snippet}`);
    }),
    one("takes a language, an age and a long query", async ({ backend }) => {
      for (const language of ["de", "pt-BR"])
        expectGoodResults(await backend.search({ text: "harbour", language, freshness: "week" }));
      expectGoodResults(await backend.search({ text: `harbour ${"quay ".repeat(400)}` }));
    }),
    one("makes no markup, no unseen characters and no odd addresses of a hostile page", async ({ backend }) => {
      const answer = await backend.search({ text: "malice" }, { limit: 10 });
      expectGoodResults(answer);
      expectTrue(answer.results.length === 1, `${answer.results.map(({ url }) => url).join(", ")} were found`);
      expectTrue(answer.results[0]?.title.includes("Malice bold") === true, `the title is ${answer.results[0]?.title}`);
    }),
    one("reads the same page the same way twice", async ({ backend }) => {
      const [once, again] = [await backend.search({ text: "harbour" }), await backend.search({ text: "harbour" })];
      expectTrue(JSON.stringify(once) === JSON.stringify(again), "two searches differ");
    }),
    one("ends at once when the caller aborts", async (opened) => {
      const controller = new AbortController();
      const failing = refused(opened, { signal: controller.signal });
      controller.abort();
      expectCode(await failing, "aborted");
    }),
    one(
      "ends while it waits when the caller aborts, and tells the service",
      async (opened) => {
        const controller = new AbortController();
        const failing = refused(opened, { signal: controller.signal });
        while (opened.requestCount() === 0) await new Promise((resolve) => setImmediate(resolve));
        controller.abort();
        expectCode(await failing, "aborted");
        await opened.waitForAbort?.();
      },
      { fault: "silence" },
    ),
    one("gives up on a silent service", async (opened) => expectCode(await refused(opened, { timeoutMs: SHORT_MS }), "timeout"), {
      fault: "silence",
    }),
    one("tells of a refused key", async (opened) => expectCode(await refused(opened), "authentication"), { key: "wrong" }),
    one(
      "tells of a missing key, and asks nobody",
      async (opened) => {
        expectCode(await refused(opened), "authentication");
        expectTrue(opened.requestCount() === 0, "a request was sent");
        const available = await opened.backend.availability?.();
        expectTrue(available === undefined || !available.available, "it says that it can be used");
      },
      { key: "missing" },
    ),
    one(
      "tells of a rate limit, and how long to wait",
      async (opened) => {
        const error = await refused(opened);
        expectCode(error, "rate_limited");
        expectTrue(error.retryAfterMs === 7_000, `it asks to wait ${error.retryAfterMs} ms`);
      },
      { fault: "rate-limited" },
    ),
    one(
      "tells of a service that fails",
      async (opened) => {
        const error = await refused(opened);
        expectCode(error, "vendor_error");
        expectTrue(error.retryable && error.status === 500, "it should be retryable, and a 500");
      },
      { fault: "server-error" },
    ),
    one("takes nothing for an answer that is none", async (opened) => expectCode(await refused(opened), "invalid_response"), {
      fault: "not-as-promised",
    }),
    one("does not read a body without end", async (opened) => expectCode(await refused(opened), "invalid_response"), {
      fault: "huge-body",
    }),
    one(
      "follows no redirect",
      async (opened) => {
        expectCode(await refused(opened), "invalid_response");
        expectTrue(opened.requestCount() === 1, `${opened.requestCount()} requests were sent`);
      },
      { fault: "redirect" },
    ),
    one("shows no key when the service repeats it", async (opened) => expectCode(await refused(opened), "vendor_error"), {
      fault: "echo",
    }),
  ];
}

/** What the contract promises of every result. */
function expectGoodResults({ results }: SearchResults): void {
  expectTrue(new Set(results.map(({ url }) => url)).size === results.length, "an address comes twice");
  for (const { title, url, snippet, content = "", publishedAt } of results) {
    const { protocol, username, password } = new URL(url);
    expectTrue(protocol === "https:" || protocol === "http:", `${url} is no address on the web`);
    expectTrue(username === "" && password === "", `${url} carries credentials`);
    expectTrue(publishedAt === undefined || /^\d{4}-\d\d-\d\d$/.test(publishedAt), `${publishedAt} is no day`);
    expectTrue(title !== "" && title.length <= 300 && snippet.length <= 2_000 && content.length <= 20_000, `${url} is too long`);
    for (const text of [title, snippet, content]) {
      expectTrue(!/[\p{Cc}\p{Cf}\p{Co}\u2028\u2029]/u.test(text), `${JSON.stringify(text)} has characters that no eye sees`);
      expectTrue(!/<\/?(script|b|img|iframe)\b/i.test(text), `${JSON.stringify(text)} has markup in it`);
    }
  }
}

function describeCauses(cause: unknown): string {
  return cause instanceof Error ? `${cause.message} ${cause.stack} ${describeCauses(cause.cause)}` : "";
}
