/** What the audit log says of a configuration that was read anew: who, of what, what changed, and whether it was taken. */
import type { JsonValue } from "@dragoman/events";
import { toDragomanError } from "@dragoman/llm";
import type { ConfigurationChange } from "../../config/diff-configurations.ts";
import type { AuditEntry } from "./audit-record.ts";

/** `subject`: the file, where it is known. */
export type ReloadedBy = Pick<AuditEntry, "actor" | "address" | "subject">;

/** `changes` are to be without secrets already. */
export type ReloadResult = { readonly changes: readonly ConfigurationChange[] } | { readonly error: unknown };

export function reloadEntry(by: ReloadedBy, result: ReloadResult): AuditEntry {
  const entry = { action: "configuration.reloaded", ...by };
  if ("changes" in result) return { ...entry, outcome: "done", ...sides(result.changes) };
  const { code, detail } = toDragomanError(result.error);
  return { ...entry, outcome: "failed", detail: `${code}: ${detail}` };
}

/** More than an event of the log may hold would keep the reload from being recorded at all. */
const SIDE_LENGTH_MAX = 200_000;

function sides(changes: readonly ConfigurationChange[]): {
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  readonly detail?: string;
} {
  const side = (name: "before" | "after"): JsonValue =>
    Object.fromEntries(changes.flatMap((one) => (one[name] === undefined ? [] : [[one.path, asJson(one[name])]])));
  const [before, after] = [side("before"), side("after")];
  if (JSON.stringify([before, after]).length <= SIDE_LENGTH_MAX) return { before, after };
  return { detail: `${changes.length} settings changed: ${changes.map(({ path }) => path).join(", ")}` };
}

function asJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value));
}
