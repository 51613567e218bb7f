import type { BatchItem } from "../batch.ts";
import { DragomanError } from "../errors.ts";

/** What every vendor takes as an id. Source: Anthropic's reference, `custom_id`; the others take more. */
const ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** Throws `invalid_request` for ids that are missing, ill-formed or used twice, and for a batch that is empty or too big. */
export function checkItems(items: readonly BatchItem[], itemsMax: number): void {
  if (items.length === 0) throw wrong("items", "there are no items");
  if (items.length > itemsMax) {
    throw wrong("items", `there are ${items.length} items; a batch takes at most ${itemsMax}`, "submit several batches");
  }
  const placeOf = new Map<string, number>();
  for (const [index, { id }] of items.entries()) {
    const field = `items[${index}].id`;
    if (typeof id !== "string" || !ID.test(id)) {
      throw wrong(field, `the id ${JSON.stringify(id)} must have 1 to 64 letters, digits, - and _`);
    }
    const earlier = placeOf.get(id);
    if (earlier !== undefined) throw wrong(field, `the id ${id} stands at items[${earlier}] already`);
    placeOf.set(id, index);
  }
}

function wrong(field: string, detail: string, advice?: string): DragomanError {
  return new DragomanError({ code: "invalid_request", field, detail, advice });
}
