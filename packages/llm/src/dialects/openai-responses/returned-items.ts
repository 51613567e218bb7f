/** The assistant's items in a client's input. What was written here for another maker is read as that maker's, not as OpenAI's. */
import type { JsonObject } from "../../json.ts";
import type { AssistantPart, ImagePart } from "../../message.ts";
import { partsOfItem, reasoningText } from "./item-parts.ts";
import { isMadeItemId } from "./made-ids.ts";

export function partsOfReturned(item: JsonObject): readonly AssistantPart[] {
  if (!isMadeItemId(item.id)) return partsOfItem(item);
  // The status came with the id; a plain item has neither.
  const { id: _id, status: _status, ...rest } = item;
  if (item.type === "reasoning" && !isSealed(item)) return words(reasoningText(item));
  if (item.type === "image_generation_call" && typeof item.result === "string") return [image(item, item.result)];
  return partsOfItem(rest);
}

/** A server of this wire that gives its items no ids may still have sealed them. */
function isSealed({ encrypted_content: sealed }: JsonObject): boolean {
  return typeof sealed === "string" && sealed !== "";
}

/** Without vendor data, so that no vendor takes it for its own. */
function words(text: string): readonly AssistantPart[] {
  return text === "" ? [] : [{ type: "reasoning", text }];
}

function image({ output_format: format }: JsonObject, data: string): ImagePart {
  return {
    type: "image",
    source: { type: "data", data },
    ...(typeof format === "string" ? { mediaType: `image/${format}` } : {}),
  };
}
