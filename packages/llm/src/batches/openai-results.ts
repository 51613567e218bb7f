/** Lines of results in OpenAI's form, which Groq, Together, Mistral and Azure share. Source: OpenAI's reference, "Batch". */
import type { BatchResult } from "../batch.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import { idOf, textIn } from "../files/file-fields.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { VendorFiles } from "../vendor-file.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import { cancelledItem, expiredItem, unreadableItem } from "./batch-errors.ts";
import { parseLines } from "./batch-lines.ts";

/** The results in all of these files, one after the other. */
export async function* readResults(
  vendor: VendorOperations,
  files: VendorFiles,
  ids: readonly (string | undefined)[],
  signal: AbortSignal | undefined,
): AsyncGenerator<BatchResult> {
  for (const id of ids) {
    if (id === undefined) continue;
    for await (const line of parseLines(files.content(id, signal === undefined ? {} : { signal }))) {
      yield await resultOf(vendor, line);
    }
  }
}

async function resultOf(vendor: VendorOperations, line: JsonObject): Promise<BatchResult> {
  const id = idOf(line, "custom_id", "result");
  try {
    const { response, error } = line;
    if (isJsonObject(response)) return await answered(vendor, id, response);
    if (isJsonObject(error)) return { id, error: unanswered(vendor.provider, error) };
    return { id, error: unreadableItem(vendor.provider, id) };
  } catch (thrown) {
    return { id, error: toDragomanError(thrown).with({ provider: vendor.provider }) };
  }
}

async function answered(vendor: VendorOperations, id: string, { status_code: status, body }: JsonObject): Promise<BatchResult> {
  const model = isJsonObject(body) ? (textIn(body, "model") ?? "") : "";
  if (typeof status === "number" && status >= 400) return { id, error: await vendor.parseError(status, body, model) };
  return { id, completion: await vendor.parseCompletion(body, model, "batch") };
}

/** An item that no answer belongs to. */
function unanswered(provider: string, error: JsonObject): DragomanError {
  const vendorCode = textIn(error, "code");
  if (vendorCode === "batch_expired") return expiredItem(provider);
  if (vendorCode === "batch_cancelled") return cancelledItem(provider);
  const detail = textIn(error, "message") ?? "the item failed; the vendor does not say why";
  return new DragomanError({ code: "vendor_error", provider, detail, vendorCode });
}
