/** Makes the cases: which kind, of which input, with which mistakes. */
import type { ErrorResponse } from "../../dialect.ts";
import type { CutStream, FuzzCase, FuzzCorpus, FuzzSubject, RequestSeed } from "./fuzz-case.ts";
import type { FuzzRandom } from "./fuzz-random.ts";
import { mutateJson } from "./mutate-json.ts";
import { mutateStream, poolOf } from "./mutate-stream.ts";

const LINE_FEED = 0x0a;

export type CaseFactory = (random: FuzzRandom) => FuzzCase;

/** `foreign` are streams of other dialects, whose events get mixed in. */
export function createCaseFactory(subject: FuzzSubject, corpus: FuzzCorpus, foreign: readonly CutStream[]): CaseFactory {
  const pool = poolOf(corpus.streams, subject.dialect.framing, foreign);

  function streamCase(random: FuzzRandom): FuzzCase {
    if (random.percent(15)) {
      const cutFrom = random.pick(corpus.streams);
      const bytes = cutFrom.subarray(0, random.percent(50) ? random.below(cutFrom.length + 1) : lineEnd(cutFrom, random));
      return { kind: "stream", bytes, pieces: piecesOf(bytes.length, random), cutFrom };
    }
    const bytes = random.percent(3) ? random.pick(corpus.streams) : mutateStream(pool, random);
    return { kind: "stream", bytes, pieces: piecesOf(bytes.length, random) };
  }

  return (random) => {
    const lot = random.below(100);
    if (lot < 55) return streamCase(random);
    if (lot < 72) return { kind: "body", text: mutateText(random.pick(corpus.bodies), random) };
    if (lot < 80) return { kind: "error", response: errorResponse(random.pick(corpus.errors), corpus, random) };
    return { kind: "request", request: requestSeed(random.pick(corpus.requests), random) };
  };
}

/** The most dangerous place to stop is where nothing looks broken. */
function lineEnd(bytes: Uint8Array, random: FuzzRandom): number {
  return bytes.indexOf(LINE_FEED, random.below(bytes.length)) + 1;
}

/** Where the network cuts: nowhere, at every byte, or anywhere. */
function piecesOf(length: number, random: FuzzRandom): readonly number[] {
  if (random.percent(30)) return [];
  if (length < 4000 && random.percent(6)) return new Array<number>(length).fill(1);
  const pieces: number[] = [];
  let left = length;
  const typical = 1 + random.below(Math.max(2, length));
  for (let count = 0; count < 40 && left > 0; count++) {
    const size = 1 + random.below(random.percent(40) ? 4 : typical);
    pieces.push(size);
    left -= size;
  }
  return pieces;
}

/** Mostly wrong JSON, now and then no JSON. */
function mutateText(text: string, random: FuzzRandom): string {
  const mutated = mutateJson(text, random);
  return random.percent(5) ? mutated.slice(0, random.below(mutated.length + 1)) : mutated;
}

const STATUSES = [
  400,
  401,
  402,
  403,
  404,
  408,
  409,
  413,
  418,
  422,
  429,
  499,
  500,
  502,
  503,
  504,
  529,
  0,
  200,
  599,
  999,
  Number.NaN,
];

const HEADERS: readonly (readonly [string, string])[] = [
  ["retry-after", "7"],
  ["retry-after", "-1"],
  ["retry-after", "NaN"],
  ["retry-after", "1e999"],
  ["retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"],
  ["retry-after", "Wed, 99 Foo 99999999 99:99:99"],
  ["retry-after-ms", "250"],
  ["retry-after-ms", "abc"],
  ["x-should-retry", "true"],
  ["x-should-retry", "perhaps"],
  ["x-ratelimit-reset-requests", "6m0s"],
  ["x-ratelimit-reset-tokens", "\u0000"],
  ["request-id", "x".repeat(5000)],
  ["__proto__", "polluted"],
];

const NO_JSON = [
  "",
  " ",
  "null",
  "[]",
  "7",
  '"text"',
  "<html><title>",
  "<!doctype html><title>502</title>",
  "\ufeff{}",
  "upstream connect error",
];

function errorResponse(seed: ErrorResponse, corpus: FuzzCorpus, random: FuzzRandom): ErrorResponse {
  const headers: Record<string, string> = { ...seed.headers };
  for (let left = random.below(3); left > 0; left--) {
    const [name, value] = random.pick(HEADERS);
    Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
  }
  const text = random.percent(10) ? random.pick(NO_JSON) : random.percent(10) ? random.pick(corpus.bodies) : seed.body;
  return { ...seed, status: random.percent(50) ? seed.status : random.pick(STATUSES), headers, body: mutateText(text, random) };
}

const PATHS = [
  "/",
  "",
  "/v1beta/models/:generateContent",
  "/v1beta/models/%:streamGenerateContent",
  "/v1/models/a%2Fb:rawPredict",
  "//",
  "/%E0%A4%A",
];

function requestSeed(seed: RequestSeed, random: FuzzRandom): RequestSeed {
  const bodyText = mutateJson(seed.bodyText, random);
  if (!random.percent(5)) return { ...seed, bodyText };
  return { ...seed, bodyText, path: random.pick(PATHS), query: random.percent(50) ? { alt: "sse" } : { alt: "\u0000", key: "" } };
}
