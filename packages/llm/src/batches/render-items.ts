/** All items of a batch, rendered before anything is sent. */
import type { BatchItem } from "../batch.ts";
import type { RenderedRequest } from "../dialect.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import type { Warning } from "../warning.ts";
import { checkItems } from "./check-items.ts";

export interface RenderedItem {
  readonly id: string;
  /** The model's own id. */
  readonly model: string;
  readonly rendered: RenderedRequest;
  /** What would be the call's body. */
  readonly body: JsonObject;
}

export interface RenderedItems {
  readonly items: readonly RenderedItem[];
  /** Each with its item's id in front of its path. */
  readonly warnings: readonly Warning[];
}

/** Throws `invalid_request`, or whatever an item's rendering throws, naming the item. */
export async function renderItems(
  vendor: VendorOperations,
  items: readonly BatchItem[],
  itemsMax: number,
  signal: AbortSignal | undefined,
): Promise<RenderedItems> {
  checkItems(items, itemsMax);
  const rendered: RenderedItem[] = [];
  const warnings: Warning[] = [];
  for (const [index, item] of items.entries()) {
    if (signal?.aborted === true) throw abortedBy(signal);
    const one = await renderItem(vendor, item, index, signal);
    rendered.push(one);
    for (const warning of one.rendered.warnings) warnings.push(named(warning, item.id));
  }
  return { items: rendered, warnings };
}

function abortedBy({ reason }: AbortSignal): DragomanError {
  return new DragomanError({ code: "aborted", detail: "the caller aborted the submission", cause: reason });
}

async function renderItem(
  vendor: VendorOperations,
  { id, request }: BatchItem,
  index: number,
  signal: AbortSignal | undefined,
): Promise<RenderedItem> {
  try {
    const rendered = await vendor.render(request, signal);
    return { id, model: vendor.modelOf(request.model), rendered, body: rendered.body ?? {} };
  } catch (thrown) {
    throw ofItem(toDragomanError(thrown), id, index, vendor.provider);
  }
}

/** The error with the item that it is about: a batch of thousands is refused for one of them. */
export function ofItem(error: DragomanError, id: string, index: number, provider: string): DragomanError {
  if (error.code === "aborted" || error.code === "timeout") return error;
  const field = `items[${index}]${error.field === undefined ? "" : `.request.${error.field}`}`;
  const { code, retryable, advice, vendorCode, cause } = error;
  const detail = `item ${id}: ${error.detail}`;
  return new DragomanError({ code, detail, provider: error.provider ?? provider, field, retryable, advice, vendorCode, cause });
}

function named(warning: Warning, id: string): Warning {
  return { ...warning, path: warning.path === undefined ? id : `${id}.${warning.path}` };
}

/** For vendors whose batch is of one model. Throws `invalid_request`, naming the first item of another. */
export function onlyModel(items: readonly RenderedItem[], provider: string): string {
  const model = items[0]?.model ?? "";
  const index = items.findIndex((item) => item.model !== model);
  const other = items[index];
  if (other === undefined) return model;
  const error = new DragomanError({
    code: "invalid_request",
    field: "model",
    detail: `it asks ${other.model}, but a batch at ${provider} is of one model, which is ${model} here`,
    advice: "submit one batch for each model",
  });
  throw ofItem(error, other.id, index, provider);
}
