/**
 * Records every change of keys and teams in the audit log. It reads the changes from their own stream rather than being told, so that none is
 * missed when a process ends between a change and its record: whoever comes next records it. A change is recorded once, whoever does it.
 */
import { type EventLog, type JsonValue, type StoredEvent, VersionConflict } from "@dragoman/events";
import { parseTenancyEvent, TENANCY_STREAM, type TenancyEvent } from "../tenancy-events.ts";
import { createTenancyState, type TenancyState } from "../tenancy-state.ts";
import type { Audit } from "./audit.ts";

/** How far changes are recorded: the version of the stream `tenancy`. */
export const AUDITED_PROJECTION = "audit:tenancy";

export interface TenancyAuditor {
  /** Resolves when all changes so far are recorded. */
  catchUp(): Promise<void>;
}

export function createTenancyAuditor(log: EventLog, audit: Pick<Audit, "record">): TenancyAuditor {
  const state = createTenancyState();
  let seen = 0;
  let running: Promise<void> = Promise.resolve();

  async function recordNew(): Promise<void> {
    const { position: kept = 0 } = (await log.checkpoints.read(AUDITED_PROJECTION)) ?? {};
    for await (const stored of log.readStream(TENANCY_STREAM, { fromVersion: seen + 1 })) {
      const event = parseTenancyEvent(stored);
      const subject = subjectOf(event);
      const before = viewOf(state, event);
      state.apply(event);
      if (stored.version > kept) {
        await audit.record(entryOf(stored, event, subject, before, viewOf(state, event)), { id: `audit:${stored.id}` });
      }
      seen = stored.version;
    }
    if (seen > kept) await keepPlace(kept);
  }

  /** Another who was quicker has recorded the same. */
  async function keepPlace(kept: number): Promise<void> {
    try {
      await log.checkpoints.write(AUDITED_PROJECTION, { position: seen }, kept);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
  }

  return {
    catchUp() {
      const done = running.then(recordNew);
      running = done.catch(() => {});
      return done;
    },
  };
}

function entryOf(
  stored: StoredEvent,
  event: TenancyEvent,
  subject: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
) {
  const { actor = "unknown", address } = stored.metadata;
  return {
    action: event.type,
    actor,
    ...(typeof address === "string" ? { address } : {}),
    subject,
    outcome: "done" as const,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    source: { stream: TENANCY_STREAM, version: stored.version },
  };
}

function subjectOf({ data }: TenancyEvent): string {
  return "id" in data ? data.id : `team:${data.name}`;
}

/** The key or the team as it stands; of a key, nothing by which it could be proved. */
function viewOf(state: TenancyState, { data }: TenancyEvent): JsonValue | undefined {
  const found = "id" in data ? state.keys.get(data.id) : state.teams.get(data.name);
  if (found === undefined) return undefined;
  if (!("proof" in found)) return asJson(found);
  const { proof: _proof, previous, ...shown } = found;
  return asJson({ ...shown, ...(previous === undefined ? {} : { overlapUntil: previous.until }) });
}

function asJson(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value));
}
