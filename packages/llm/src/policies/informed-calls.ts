/** The work of the search policy: whether to search, where, and what becomes of the answer. */
import type { Completion } from "../completion.ts";
import { type DragomanError, toDragomanError } from "../errors.ts";
import { createFold } from "../fold.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import { askBackend } from "../search/ask-backend.ts";
import type { VendorNativeSearch } from "../search/backends/vendor-native.ts";
import { deriveSearchQuery, followsUp } from "../search/derive-search-query.ts";
import { type InformedCall, mayBeTheTool, streamInformed, uninformed, withBlock, withSearch } from "../search/informed-call.ts";
import { needsCurrentFacts } from "../search/needs-current-facts.ts";
import { renderSearchBlock, type SearchBlock } from "../search/render-search-block.ts";
import type { SearchBackend, SearchQuery } from "../search/search-backend.ts";
import { createSearchCache } from "../search/search-cache.ts";
import { questionOf, type SearchQuestion } from "../search/search-question.ts";
import { type SearchFailure, type SearchReport, searchWarning } from "../search/search-report.ts";
import { writeSearchQuery } from "../search/write-search-query.ts";
import type { StreamEvent } from "../stream.ts";
import type { Warning } from "../warning.ts";
import { backendsOf, type SearchPolicyOptions } from "./search.ts";

/** A search under way. */
interface Search {
  readonly call: CompletionCall;
  readonly question: SearchQuestion;
  readonly reasons: readonly string[];
  readonly failures: readonly SearchFailure[];
  readonly warnings: readonly Warning[];
  readonly query?: SearchQuery;
}

/** Calls as the search policy makes them. */
export type InformedCalls = Pick<Provider, "complete" | "stream">;

export function createInformedCalls(provider: Provider, options: SearchPolicyOptions): InformedCalls {
  const { when = "auto", resultsMax = 5, tokensMax = 2_000, timeoutMs = 8_000, cacheMs = 300_000, now = Date.now } = options;
  const backends = backendsOf(options);
  const cache = createSearchCache(cacheMs, now);

  // Whether to search

  async function inform(call: CompletionCall): Promise<InformedCall> {
    const question = when === "never" ? undefined : questionOf(call.messages);
    if (question === undefined) return uninformed(call);
    const reasons = await reasonsToSearch(question, call);
    if (reasons === undefined) return uninformed(call);
    const known = cache.get(cacheKey(question, call));
    if (known !== undefined) {
      const sources = numbered(known.block);
      const report = { outcome: "reused", reasons, backend: known.backend, query: known.query, sources } as const;
      return withBlock(call, question, known.block, [searchWarning(report)]);
    }
    const search = { call, question, reasons, failures: [], warnings: [] };
    return question.underWay ? goOn(search) : searchFrom(0, search);
  }

  /** Undefined: do not. */
  async function reasonsToSearch(question: SearchQuestion, call: CompletionCall): Promise<readonly string[] | undefined> {
    if (when === "always") return ["every question is searched"];
    if (typeof when === "function") return (await byRule(when, question)) ? ["the caller's rule says so"] : undefined;
    const knowledgeCutoff = options.knowledgeCutoff?.(call.model);
    const context = { now: now(), ...(knowledgeCutoff === undefined ? {} : { knowledgeCutoff }) };
    const text = followsUp(question) ? `${question.before} ${question.asking}` : question.text;
    const decision = needsCurrentFacts(text, context);
    options.onDecision?.(decision, question);
    if (decision.decision !== "search") return undefined;
    return decision.reasons.filter(({ weight }) => weight > 0).map(({ detail }) => detail);
  }

  // The search

  function limitOf({ timeouts }: CompletionCall): number {
    return Math.min(timeoutMs, timeouts?.totalMs ?? timeoutMs);
  }

  async function searchFrom(place: number, search: Search): Promise<InformedCall> {
    let current = search;
    for (const [index, backend] of backends.entries()) {
      if (index < place) continue;
      const step = "toolFor" in backend ? offer(backend, index, current) : await ask(backend, current);
      if ("sources" in step) return step;
      current = step;
    }
    return inVain(current);
  }

  /** In a loop of tools nothing is searched anew; but the vendor's own search, once offered, stays on offer. */
  function goOn(search: Search): InformedCall {
    const first = backends[0];
    const step = first !== undefined && "toolFor" in first ? offer(first, backends.length, search) : search;
    return "sources" in step ? step : uninformed(search.call);
  }

  /** The call with what one backend found, or the search with why there is nothing. */
  async function ask(backend: SearchBackend, search: Search): Promise<InformedCall | Search> {
    const asking = search.query === undefined ? await withQuery(search) : { ...search, query: search.query };
    const { call, question, query, failures, warnings, reasons } = asking;
    if (query.text === "")
      return failed(asking, { backend: backend.id, code: "invalid_request", detail: "no words to search for" });
    const startedAt = now();
    const asked = await askBackend(backend, query, { limit: resultsMax, timeoutMs: limitOf(call), signal: call.signal });
    if ("failure" in asked) return failed(asking, asked.failure);
    const { results, costUsd } = asked.answer;
    const block = renderSearchBlock(results, { tokensMax, searchedAt: now() });
    if (block === undefined) {
      const detail = `no result fits into ${tokensMax} tokens`;
      return failed(asking, { backend: backend.id, code: "request_too_large", detail });
    }
    cache.set(cacheKey(question, call), { backend: backend.id, query: query.text, block });
    const report: SearchReport = {
      outcome: "found",
      reasons,
      backend: backend.id,
      query: query.text,
      tookMs: now() - startedAt,
      ...(costUsd === undefined ? {} : { costUsd }),
      sources: numbered(block),
      ...(failures.length === 0 ? {} : { failures }),
    };
    return withBlock(call, question, block, [searchWarning(report), ...warnings, ...asked.answer.warnings]);
  }

  /** The call with the vendor's own search, or the search with why it has none. Where the vendor refuses it, the next is asked. */
  function offer(backend: VendorNativeSearch, place: number, search: Search): InformedCall | Search {
    const { call, reasons, failures, warnings } = search;
    const tool = backend.toolFor(provider.id, call);
    if (tool === undefined) {
      const detail = `${provider.id} has no search that could be offered here`;
      return failed(search, { backend: backend.id, code: "not-offered", detail });
    }
    const before = failures.length === 0 ? {} : { failures };
    return {
      call: { ...call, tools: [...(call.tools ?? []), tool] },
      warnings: [searchWarning({ outcome: "offered", reasons, backend: backend.id, ...before }), ...warnings],
      sources: [],
      onRefusal: ({ code, detail }) => searchFrom(place + 1, failed(search, { backend: backend.id, code, detail })),
    };
  }

  async function withQuery(search: Search): Promise<Search & { readonly query: SearchQuery }> {
    const { query, warnings } = await queryFor(search.question, search.call);
    return { ...search, query, warnings: [...search.warnings, ...warnings] };
  }

  /** The model's query where there is a writer and it writes; else the question's own words. */
  async function queryFor(
    question: SearchQuestion,
    call: CompletionCall,
  ): Promise<{ query: SearchQuery; warnings: readonly Warning[] }> {
    const rest = {
      ...(options.language === undefined ? {} : { language: options.language }),
      ...(options.freshness === undefined ? {} : { freshness: options.freshness }),
    };
    const own = { text: deriveSearchQuery(question), ...rest };
    if (options.queryWriter === undefined) return { query: own, warnings: [] };
    try {
      const text = await writeSearchQuery(options.queryWriter, question, {
        signal: call.signal,
        now: now(),
        timeoutMs: limitOf(call),
      });
      if (text !== "") return { query: { text, ...rest }, warnings: [] };
      return { query: own, warnings: [notWritten("it wrote nothing")] };
    } catch (thrown) {
      const error = toDragomanError(thrown);
      if (call.signal?.aborted === true) throw error;
      return { query: own, warnings: [notWritten(`${error.code}: ${error.detail}`)] };
    }
  }

  // The answer

  async function complete(call: CompletionCall): Promise<Completion> {
    let informed = await inform(call);
    for (;;) {
      try {
        return withSearch(await provider.complete(informed.call), informed);
      } catch (thrown) {
        const error = toDragomanError(thrown);
        if (informed.onRefusal === undefined || !mayBeTheTool(error)) throw thrown;
        informed = await informed.onRefusal(error);
      }
    }
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    try {
      let informed: InformedCall | undefined = await inform(call);
      while (informed !== undefined) {
        const refused: DragomanError | undefined = yield* streamInformed(provider, informed);
        informed = refused === undefined ? undefined : await informed.onRefusal?.(refused);
      }
    } catch (thrown) {
      yield { type: "error", error: toDragomanError(thrown), partial: emptyPartial(provider.id, call.model) };
    }
  }

  return { complete, stream };
}

function failed<Kind extends Search>(search: Kind, failure: SearchFailure): Kind {
  return { ...search, failures: [...search.failures, failure] };
}

/** Rejects with `internal` when the rule throws: that is a defect of the caller's code and no failed search. */
async function byRule(
  rule: (question: SearchQuestion) => boolean | Promise<boolean>,
  question: SearchQuestion,
): Promise<boolean> {
  try {
    return await rule(question);
  } catch (thrown) {
    throw toDragomanError(thrown);
  }
}

/** The plain answer, and why. */
function inVain({ call, reasons, failures, warnings, query }: Search): InformedCall {
  const asked = failures.filter(({ code }) => code !== "not-offered");
  const foundNothing = asked.length > 0 && asked.every(({ code }) => code === "nothing-found");
  const said = query === undefined ? {} : { query: query.text };
  const report: SearchReport = { outcome: foundNothing ? "nothing-found" : "failed", reasons, ...said, failures };
  return { call, warnings: [searchWarning(report), ...warnings], sources: [] };
}

/** The same words mean something else after another question. Users do not share what they asked. */
function cacheKey({ text, before = "" }: SearchQuestion, { metadata = {} }: CompletionCall): string {
  return JSON.stringify([text, before, metadata]);
}

function notWritten(reason: string): Warning {
  return {
    type: "other",
    path: "search.query",
    detail: `the model wrote no query (${reason}); it was derived from the question`,
  };
}

function numbered(block: SearchBlock): readonly { readonly number: number; readonly url: string }[] {
  return block.results.map(({ url }, index) => ({ number: index + 1, url }));
}

/** What had arrived of an answer that was never asked for: nothing. */
function emptyPartial(provider: string, model: string): Completion {
  const origin = { dialect: "unknown", provider, model };
  const empty = createFold().completion();
  return { ...empty, origin, message: { ...empty.message, origin } };
}
