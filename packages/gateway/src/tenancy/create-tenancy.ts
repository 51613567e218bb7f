/**
 * Keys and teams, live. What was created is a fold of the log's stream `tenancy`, in memory; a change is decided on that fold and appended
 * with the version that it was decided on, so that of two who decide at once the second decides again. The log's tail brings what
 * other processes change.
 */
import { randomUUID } from "node:crypto";
import { type EventLog, type StoredEvent, VersionConflict } from "@dragoman/events";
import { DragomanError, type Secret, toDragomanError } from "@dragoman/llm";
import type { Principal } from "../caller.ts";
import type { Notice } from "../telemetry/observer.ts";
import { type Audit, createAudit } from "./audit/audit.ts";
import { createTenancyAuditor } from "./audit/tenancy-auditor.ts";
import { findHolder } from "./authenticate.ts";
import { authoriseModel, authorisePath } from "./authorise.ts";
import { type ConfiguredKey, readConfiguredKeys, type SecretReader } from "./configured-keys.ts";
import { createKeyDigester } from "./key-digest.ts";
import { makeKey, makeKeyId } from "./key-format.ts";
import { createKeyRing, type RingSources } from "./key-ring.ts";
import { createKeyUses } from "./key-uses.ts";
import { keyViews, teamViews, viewOfKey } from "./key-views.ts";
import type { Actor, KeyView, Tenancy, TenancyConfiguration } from "./tenancy.ts";
import {
  type DecisionGround,
  decideCreateKey,
  decideCreateTeam,
  decideRemoveTeam,
  decideRestrictKey,
  decideRevokeKey,
  decideRotateKey,
  findKey,
} from "./tenancy-decisions.ts";
import { asNewEvent, parseTenancyEvent, TENANCY_STREAM, type TenancyEvent } from "./tenancy-events.ts";
import { createTenancyState, type KeyProof } from "./tenancy-state.ts";

export interface TenancyOptions {
  readonly log: EventLog;
  readonly configuration: TenancyConfiguration;
  /** Reads keys of the configuration. Absent: they are listed, and none of them works; for commands that only administer. */
  readonly secrets?: SecretReader;
  readonly pepper: Secret;
  /** Default: one of the same log. */
  readonly audit?: Audit;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number;
  /** How often to look for what other processes have changed. Milliseconds. Default 500. */
  readonly pollMs?: number;
  /** False: other processes' changes are seen only by `refresh` and when deciding; for commands. Default true. */
  readonly follow?: boolean;
  /** Told of what goes wrong beside the calls. Default: nobody. */
  readonly notice?: (notice: Notice) => void;
}

/** Others that decide at the same time; each time one of them got on. */
const DECISIONS_MAX = 100;

/** Rejects with `configuration` for keys that cannot be read, or events of a later version. */
export async function createTenancy(options: TenancyOptions): Promise<Tenancy> {
  const { log, secrets, clock = Date.now, notice = () => {} } = options;
  const digester = createKeyDigester(options.pepper);
  const state = createTenancyState();
  const uses = createKeyUses(log, isKnownKey, (error) => tell("keys.use-not-kept", error));
  const audit = options.audit ?? createAudit(log, { clock });
  const auditor = createTenancyAuditor(log, audit);
  const closing = new AbortController();
  let version = 0;
  let configuration = options.configuration;
  let configuredKeys: readonly ConfiguredKey[] = await readKeys(configuration);
  const ring = createKeyRing(sources());

  function readKeys(from: TenancyConfiguration): Promise<readonly ConfiguredKey[]> {
    return secrets === undefined ? Promise.resolve([]) : readConfiguredKeys(from, secrets, digester);
  }

  function sources(): RingSources {
    return { state, configuration, configuredKeys };
  }

  function isKnownKey(id: string): boolean {
    return state.keys.has(id) || Object.hasOwn(configuration.keys, id);
  }

  function tell(event: string, error: unknown): void {
    const known = toDragomanError(error);
    notice({ level: "warn", event, message: known.detail, error: known });
  }

  // What holds

  const ground = (): DecisionGround => ({ state, configuration, now: clock() });
  const views = () => ({ ...ground(), uses, pepper: digester.fingerprint });

  function takeIn(stored: StoredEvent): void {
    if (stored.stream !== TENANCY_STREAM || stored.version <= version) return;
    const event = parseTenancyEvent(stored);
    state.apply(event);
    version = stored.version;
    if ("id" in event.data) ring.renewKey(event.data.id);
    else ring.renewAll(sources());
  }

  async function refresh(): Promise<void> {
    for await (const stored of log.readStream(TENANCY_STREAM, { fromVersion: version + 1 })) takeIn(stored);
    await uses.load();
  }

  async function follow(afterPosition: number): Promise<void> {
    const filter = { streamPrefix: TENANCY_STREAM };
    const poll = options.pollMs === undefined ? {} : { pollMs: options.pollMs };
    for await (const stored of log.tail({ afterPosition, filter, ...poll, signal: closing.signal })) {
      takeIn(stored);
    }
  }

  // What changes

  /** Decides on what holds, anew whenever another was quicker. `decide` gives no event where there is nothing to do. */
  async function change(decide: (on: DecisionGround) => TenancyEvent | undefined, actor: Actor): Promise<void> {
    await refresh();
    for (let tried = 1; tried <= DECISIONS_MAX; tried++) {
      const event = decide(ground());
      if (event === undefined) return;
      try {
        const id = randomUUID();
        const { events } = await log.append(TENANCY_STREAM, [{ ...asNewEvent(event, named(actor)), id }], {
          expectedVersion: version,
        });
        for (const stored of events) takeIn(stored);
        return await auditor.catchUp().catch((error) => tell("audit.late", error));
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw notChanged(error);
        await refresh();
      }
    }
    throw notChanged(new Error(`others decided ${DECISIONS_MAX} times in between`));
  }

  function proofOf(key: string): KeyProof {
    return { digest: digester.digest(key).toString("hex"), pepper: digester.fingerprint };
  }

  async function idOf(asked: string): Promise<string> {
    await refresh();
    return findKey(ground(), asked).id;
  }

  function viewed(id: string): KeyView {
    return viewOfKey(findKey(ground(), id), views());
  }

  // Events that were appended while the stream is read are seen twice, and taken in once.
  const position = await log.lastPosition();
  await refresh();
  await auditor.catchUp().catch((error) => tell("audit.late", error));
  const following =
    options.follow === false ? Promise.resolve() : follow(position).catch((error) => tell("keys.not-followed", error));
  tellOfOtherPepper();

  function tellOfOtherPepper(): void {
    const others = keyViews(views()).filter((key) => key.state === "active" && key.problem !== undefined);
    if (others.length === 0) return;
    const message = `${others.length} keys do not work: ${others[0]?.name}: ${others[0]?.problem}`;
    notice({ level: "warn", event: "keys.unusable", message });
  }

  return {
    authenticate(key, { address }) {
      const now = clock();
      const { principal } = findHolder({ ring, digester, now }, key, address);
      uses.note(principal.key, now);
      return principal;
    },
    get hasKeys() {
      return ring.keysHoldUntil() > clock();
    },
    get hasCallerKeys() {
      return ring.callerKeysHoldUntil() > clock();
    },
    authoriseModel: (principal: Principal, model: string) => authoriseModel(principal, model),
    authorisePath: (principal: Principal, path: string) => authorisePath(principal, path),

    async createKey(key, actor) {
      const id = makeKeyId();
      const secret = makeKey(id);
      await change((on) => decideCreateKey(on, key, id, proofOf(secret), named(actor).name), actor);
      return { key: secret, entry: viewed(id) };
    },
    async rotateKey(asked, { overlapMs = 0 }, actor) {
      const id = await idOf(asked);
      const secret = makeKey(id);
      await change((on) => decideRotateKey(on, findKey(on, id), proofOf(secret), overlapMs), actor);
      return { key: secret, entry: viewed(id) };
    },
    async revokeKey(asked, actor) {
      const id = await idOf(asked);
      await change((on) => decideRevokeKey(on, findKey(on, id)), actor);
      return viewed(id);
    },
    async restrictKey(asked, restrictions, actor) {
      const id = await idOf(asked);
      await change((on) => decideRestrictKey(on, findKey(on, id), restrictions), actor);
      return viewed(id);
    },
    keys: () => keyViews(views()),
    async createTeam(team, actor) {
      await change((on) => decideCreateTeam(on, team), actor);
      const models = team.models === undefined ? {} : { models: team.models };
      return { name: team.name, ...models, source: "created", keys: 0 };
    },
    removeTeam: (name, actor) => change((on) => decideRemoveTeam(on, name), actor),
    teams: () => teamViews(views()),

    async configure(next) {
      const keys = await readKeys(next);
      configuration = next;
      configuredKeys = keys;
      ring.renewAll(sources());
    },
    refresh,
    async close() {
      closing.abort();
      await following;
      await uses.flush();
      await audit.settled();
    },
  };
}

function named(actor: Actor): { readonly name: string; readonly address?: string | undefined } {
  return typeof actor === "string" ? { name: actor } : actor;
}

function notChanged(cause: unknown): DragomanError {
  if (DragomanError.is(cause)) return cause;
  return new DragomanError({
    code: "internal",
    detail: "the change of keys or teams could not be written",
    advice: "see whether the store can be reached and written; then look whether the change was made after all",
    cause,
  });
}
