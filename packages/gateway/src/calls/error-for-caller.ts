/**
 * What a caller over the wire is told of the gateway's own account at a vendor: that the vendor cannot be used, and not that a key
 * is wrong or that credit is used up, for its client would take that for its own key and credit.
 */
import { DragomanError } from "@dragoman/llm";
import type { Caller } from "../caller.ts";

export function errorForCaller(error: DragomanError, { dialect }: Caller): DragomanError {
  if (dialect === undefined || !isOfVendorAccount(error)) return error;
  const { code, provider, model, attempts } = error;
  return new DragomanError({
    code: "provider_unavailable",
    provider,
    model,
    detail: `${provider} turned the gateway's own key away (${code})`,
    advice: "ask whoever runs the gateway; its ledger has the vendor's words",
    ...(attempts === undefined ? {} : { attempts }),
    cause: error,
  });
}

/** Only a vendor's answer has a status: what the gateway itself refuses concerns the caller's own key. */
function isOfVendorAccount({ code, status }: DragomanError): boolean {
  return status !== undefined && (code === "authentication" || code === "permission_denied" || code === "quota_exceeded");
}
