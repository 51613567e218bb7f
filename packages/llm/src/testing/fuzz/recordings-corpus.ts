/** Recorded answers of one wire, from a folder of recordings. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { framingOf } from "../recordings/raw-stream.ts";
import {
  addressOf,
  parseRecording,
  payloadBytes,
  payloadText,
  type RecordedExchange,
  type Recording,
} from "../recordings/recording.ts";
import type { BuiltInSubject } from "./built-in-subjects.ts";
import type { FuzzCorpus } from "./fuzz-case.ts";

/** Characters. A longer answer takes time without being more interesting. */
const LENGTH_MAX = 40_000;

export async function recordingsCorpus(folder: string, { recorded }: Pick<BuiltInSubject, "recorded">): Promise<FuzzCorpus> {
  const files = await readdir(folder, { recursive: true });
  const corpus: MutableCorpus = { streams: [], bodies: [], errors: [], requests: [] };
  for (const file of files.filter((name) => name.endsWith(".json")).sort()) {
    const recording = recordingOrNone(await readFile(join(folder, file), "utf8"), file);
    if (recording?.wire !== recorded.wire || !recorded.apis.some((api) => recording.api.startsWith(api))) continue;
    for (const exchange of recording.exchanges) add(corpus, exchange);
  }
  return corpus;
}

type MutableCorpus = { readonly [Key in keyof FuzzCorpus]: FuzzCorpus[Key][number][] };

function recordingOrNone(text: string, name: string): Recording | undefined {
  try {
    return parseRecording(JSON.parse(text), name);
  } catch {
    // A folder may hold other files too.
    return undefined;
  }
}

function add(corpus: MutableCorpus, { request, response }: RecordedExchange): void {
  const text = payloadText(response.payload);
  const { status, headers } = response;
  if (text.length > LENGTH_MAX) return;
  if (response.payload.type === "base64") corpus.streams.push(payloadBytes(response.payload));
  else if (status >= 400) corpus.errors.push({ status, headers, body: text });
  else if (framingOf(text) !== undefined && response.payload.type === "text") corpus.streams.push(new TextEncoder().encode(text));
  else corpus.bodies.push(text);
  const bodyText = JSON.stringify(request.body);
  if (request.method !== "POST" || request.body === null || bodyText.length > LENGTH_MAX) return;
  const address = addressOf(request);
  corpus.requests.push({
    path: address.pathname,
    query: Object.fromEntries(address.searchParams),
    headers: request.headers,
    bodyText,
  });
}
