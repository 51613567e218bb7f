/** The cases of the suite by what they show of a provider, for a table that people read. */
import type { ConformanceCase } from "./conformance-case.ts";

/** Feature -> the cases that show it, by name, or by how their names begin. */
const CASES_OF: Readonly<Record<string, readonly string[]>> = {
  text: [
    "answers a question",
    "carries any Unicode both ways",
    "takes a system message and a longer conversation",
    "finishes with length at the output limit",
    "warns of a setting that it cannot take",
  ],
  streaming: ["streams what it would have answered", "streams in pieces, with the time of the first"],
  "stop sequences": ["stops at a stop sequence"],
  tools: [
    "calls a tool and reads its result",
    "streams tool calls as it would have answered them",
    "calls no tool when told not to",
    "tells the model that a tool failed, and takes structured and empty results",
    "repairs a call without its result",
    "repairs a result without its call",
  ],
  "parallel tools": ["calls tools in parallel and reads all results", "streams parallel tool calls and goes on from them"],
  "named tool": ["calls the tool that is named"],
  images: ["sees an image"],
  "structured output": ["answers in JSON of a schema"],
  reasoning: [
    "thinks before it answers",
    "streams reasoning as it would have answered it",
    "takes its own reasoning back",
    "takes a conversation that went through JSON",
  ],
  handoff: ["goes on from another maker's turn and reports what could not travel"],
  abort: [
    "does not send a call that is aborted already",
    "an abort while it waits reaches the vendor",
    "an abort in the middle of a stream keeps what had arrived",
    "leaving a stream early closes it at the vendor",
  ],
  timeouts: ["gives up"],
  faults: ["fault-"],
  batches: [
    "answers a batch",
    "tells what failed in a batch beside what went well",
    "cancels a batch",
    "tells which items of a batch expired",
    "refuses a wrong batch before it sends anything",
    "gives no results of a batch that still runs",
    "lists its batches, also those beyond a page",
    "says that a batch does not exist",
  ],
  files: [
    "keeps a file, finds it again and deletes it",
    "lists its files, also those beyond a page",
    "gives a file back as it was, or says that it does not",
    "answers about a file that a message names",
    "refuses a wrong upload before it sends anything",
  ],
  models: [
    "lists its models",
    "knows, or says that it does not know, every capability",
    "has no price for a model that nobody knows",
    "says that a model does not exist",
  ],
  "token counts": ["counts tokens and says how"],
  keys: [
    "says that a key is refused, without showing it",
    "says that it can be used",
    "vectors: with a wrong key",
    "ranks: with a wrong key",
  ],
  embeddings: ["vectors: "],
  rerank: ["ranks: "],
};

export const CONFORMANCE_FEATURES: readonly string[] = Object.keys(CASES_OF);

/** The feature that a case shows. Undefined for a case that the table does not know. */
export function featureOf(name: string): string | undefined {
  return CONFORMANCE_FEATURES.find((feature) => CASES_OF[feature]?.some((known) => name.startsWith(known)) === true);
}

/** What a subject's cases come to: undefined for a feature all of whose cases run, else why some do not. */
export function gapsOf(cases: readonly ConformanceCase[]): ReadonlyMap<string, string> {
  const gaps = new Map<string, string>();
  for (const { name, unavailable } of cases) {
    const feature = featureOf(name);
    if (feature !== undefined && unavailable !== undefined) gaps.set(feature, unavailable);
  }
  return gaps;
}
