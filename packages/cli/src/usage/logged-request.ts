/** What a logged call asked for: the whole of it where content was kept, else as much as its record tells. */
import type { CallRecord } from "@dragoman/gateway/ledger";
import type { LedgerReader } from "@dragoman/gateway/offline";
import { type CompletionRequest, isJsonObject } from "@dragoman/llm";

export interface LoggedRequest {
  readonly request: CompletionRequest;
  /** Without content only names, tags and size are known. */
  readonly hasContent: boolean;
}

export async function loggedRequest(ledger: Pick<LedgerReader, "content">, call: CallRecord): Promise<LoggedRequest> {
  const content = await ledger.content(call.id);
  const request: unknown = content?.request;
  // Whom it was for stands in the record; the content may have been kept without it.
  if (isRequest(request)) return { request: { metadata: metadataOf(call), ...request, model: call.asked }, hasContent: true };
  return { request: requestOfRecord(call), hasContent: false };
}

/** What this program has kept itself; a file of somebody else is not taken for it. */
function isRequest(value: unknown): value is CompletionRequest {
  return (
    isJsonObject(value) &&
    Array.isArray(value.messages) &&
    value.messages.every(
      (message: unknown) => isJsonObject(message) && typeof message.role === "string" && Array.isArray(message.parts),
    )
  );
}

const CHARACTERS_PER_TOKEN = 3.6;
const CHARACTERS_MAX = 4_000_000;

/** As long as it was, and empty. */
function requestOfRecord(call: CallRecord): CompletionRequest {
  const tokens = call.usage.inputTokens ?? call.reserved.inputTokens;
  const text = " ".repeat(Math.min(CHARACTERS_MAX, Math.max(0, Math.round((tokens - 4) * CHARACTERS_PER_TOKEN))));
  return { model: call.asked, messages: [{ role: "user", parts: [{ type: "text", text }] }], metadata: metadataOf(call) };
}

function metadataOf({ session, user, tags }: CallRecord): NonNullable<CompletionRequest["metadata"]> {
  return { ...(session === undefined ? {} : { session }), ...(user === undefined ? {} : { user }), tags };
}
