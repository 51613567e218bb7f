/** Whether a client's own words may go to the vendor as they are, and as what. */
import type { Dialect, RenderedRequest } from "./dialect.ts";
import { type CompletionCall, type CompletionRequest, requestOf } from "./request.ts";

/** What a provider may change of a request without changing what the client asked for. */
const ANOTHERS: ReadonlySet<string> = new Set(["model", "metadata"]);

/**
 * The client's own body, where it came in this very wire and nobody has changed what was read of it since: a policy that puts
 * search results or a cache point into a request must not be passed over. Undefined otherwise.
 */
export function passedRequest(
  call: CompletionCall,
  dialect: Dialect,
  { model, stream }: { readonly model: string; readonly stream: boolean },
): RenderedRequest | undefined {
  const { wire } = call;
  if (wire === undefined || wire.dialect !== dialect.id || dialect.passThrough === undefined) return undefined;
  return isUntouched(requestOf(call), wire.request) ? dialect.passThrough.renderRequest(wire, { model, stream }) : undefined;
}

function isUntouched(request: CompletionRequest, parsed: CompletionRequest): boolean {
  const now = new Map(Object.entries(request));
  const then = new Map(Object.entries(parsed));
  for (const name of new Set([...now.keys(), ...then.keys()])) {
    if (!ANOTHERS.has(name) && now.get(name) !== then.get(name)) return false;
  }
  return true;
}
