/** Sorts what an answer says beyond the canonical into what goes back with the message and what stays with the completion. */
import type { JsonArray, JsonObject, JsonValue } from "../../json.ts";
import type { VendorData } from "../../message.ts";
import { REPLAYED_MESSAGE_FIELDS } from "./fields.ts";
import { withVendorData } from "./vendor-data.ts";

export interface AnswerExtras {
  readonly body: JsonObject | undefined;
  readonly choice: JsonObject | undefined;
  readonly message: JsonObject | undefined;
  readonly otherChoices: JsonArray;
}

export interface AnswerVendorData {
  readonly message: VendorData | undefined;
  readonly completion: VendorData | undefined;
}

const BARE: AnswerVendorData = { message: undefined, completion: undefined };

function isBare({ body, choice, message, otherChoices }: AnswerExtras): boolean {
  return body === undefined && choice === undefined && message === undefined && otherChoices.length === 0;
}

export function answerVendorData(extras: AnswerExtras): AnswerVendorData {
  if (isBare(extras)) return BARE;
  const replayed: Record<string, JsonValue> = {};
  const told: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(extras.message ?? {})) {
    if (value !== undefined) (REPLAYED_MESSAGE_FIELDS.has(key) ? replayed : told)[key] = value;
  }
  const completion = {
    ...(extras.body === undefined ? {} : { body: extras.body }),
    ...(extras.choice === undefined ? {} : { choice: extras.choice }),
    ...(Object.keys(told).length === 0 ? {} : { message: told }),
    ...(extras.otherChoices.length === 0 ? {} : { otherChoices: extras.otherChoices }),
  };
  return {
    message: withVendorData(Object.keys(replayed).length === 0 ? undefined : { fields: replayed }).vendor,
    completion: withVendorData(completion).vendor,
  };
}
