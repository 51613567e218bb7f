/** Whatever one dialect understood, another can tell its client: the gateway puts the two together. */
import type { ClientContext, Dialect } from "../../dialect.ts";
import type { StreamEvent } from "../../stream.ts";
import { clientOf } from "../conformance/round-trip-cases.ts";
import { foldEvents } from "../laws.ts";
import type { Violation } from "./fuzz-case.ts";
import { thrown } from "./read-stream-case.ts";

const CLIENTS = new WeakMap<Dialect, ClientContext>();

export function checkRenderable(peer: Dialect, events: readonly StreamEvent[]): Violation | undefined {
  const client = clientContext(peer);
  try {
    const renderer = peer.renderStream(client);
    for (const event of events) renderer.push(event);
    const last = events.at(-1);
    if (last?.type === "finish") JSON.stringify(peer.renderResponse(foldEvents(events), client));
    if (last?.type === "error") JSON.stringify(peer.renderError(last.error));
    return undefined;
  } catch (error) {
    return thrown(`telling it to a client of ${peer.id}`, error);
  }
}

function clientContext(dialect: Dialect): ClientContext {
  const known = CLIENTS.get(dialect);
  if (known !== undefined) return known;
  const client = clientOf(dialect, true);
  CLIENTS.set(dialect, client);
  return client;
}
