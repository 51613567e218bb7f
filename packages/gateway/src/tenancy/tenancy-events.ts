/** The events of the stream `tenancy`: all that was ever decided of created keys and teams. No event holds a key. */
import type { NewEvent, StoredEvent } from "@dragoman/events";
import { DragomanError } from "@dragoman/llm";
import { z } from "zod";
import { keyName, keyRestrictions, modelPatterns, teamName } from "./restrictions.ts";

export const TENANCY_STREAM = "tenancy";
/** Retention that forgets what is nobody's in particular must not forget keys, or who made them. */
export const ADMINISTRATION_TENANT = "dragoman:administration";

const at = z.int().nonnegative();
const id = z.string().regex(/^k_[a-z2-7]{16}$/);
/** Of the key under the pepper of this fingerprint; hexadecimal. */
const proof = { digest: z.string().regex(/^[0-9a-f]{64}$/), pepper: z.string().max(64) };

const SCHEMAS = {
  "key.created": z.strictObject({
    id,
    name: keyName,
    team: teamName.exactOptional(),
    restrictions: keyRestrictions,
    ...proof,
    actor: z.string(),
    at,
  }),
  "key.rotated": z.strictObject({ id, ...proof, overlapUntil: at.exactOptional(), at }),
  "key.revoked": z.strictObject({ id, at }),
  "key.restricted": z.strictObject({ id, restrictions: keyRestrictions, at }),
  "team.created": z.strictObject({ name: teamName, models: modelPatterns.exactOptional(), at }),
  "team.removed": z.strictObject({ name: teamName, at }),
} as const;

export type TenancyEventType = keyof typeof SCHEMAS;

export type TenancyEvent = {
  [Type in TenancyEventType]: { readonly type: Type; readonly data: Readonly<z.infer<(typeof SCHEMAS)[Type]>> };
}[TenancyEventType];

/** Throws `configuration` for an event that this version does not know: to pass over it could let a key in that was shut out. */
export function parseTenancyEvent({ type, data, version }: Pick<StoredEvent, "type" | "data" | "version">): TenancyEvent {
  const schema = Object.hasOwn(SCHEMAS, type) ? SCHEMAS[type as TenancyEventType] : undefined;
  const parsed = schema?.safeParse(data);
  if (parsed?.success !== true) {
    throw new DragomanError({
      code: "configuration",
      detail: `event ${version} of the stream ${TENANCY_STREAM}, ${type}, cannot be read`,
      advice: "a later version of dragoman may have written it: use that version",
    });
  }
  // The schema was found by the type; TypeScript cannot see that they belong together.
  return { type, data: parsed.data } as TenancyEvent;
}

export function asNewEvent(
  event: TenancyEvent,
  actor: { readonly name: string; readonly address?: string | undefined },
): NewEvent {
  const { name, address } = actor;
  return {
    type: event.type,
    data: event.data,
    metadata: { actor: name, tenant: ADMINISTRATION_TENANT, ...(address === undefined ? {} : { address }) },
  };
}
