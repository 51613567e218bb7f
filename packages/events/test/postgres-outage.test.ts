/** PostgreSQL shared, cut off, killed, and back. */
import { type EventLog, LogUnavailable, type StoredEvent } from "@dragoman/events";
import { openPostgresLog, type PostgresPool } from "@dragoman/events/postgres";
import { startPostgres } from "@dragoman/events/testing";
import { Client, Pool } from "pg";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { startChild } from "./processes/child.ts";
import { checkAcknowledged, checkKilledWriter, checkRace, type SharedLog } from "./processes/process-cases.ts";

const { server, reason } = await startPostgres({ durable: true });
const connectionString = server?.connectionString ?? "";
const HOUR_MS = 3_600_000;
const opened: EventLog[] = [];
let schemas = 0;

afterAll(() => server?.stop());
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
});

async function shared(options: { readonly reconnectMs?: number } = {}): Promise<SharedLog & { readonly schema: string }> {
  const schema = `shared_${schemas++}`;
  const log = await openPostgresLog({ connectionString, schema, ...options });
  opened.push(log);
  return { log, schema, address: ["postgres", connectionString, schema] };
}

async function connect(): Promise<Client> {
  const client = new Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  return client;
}

const event = (text: string) => ({ type: "thing.noted", data: { text } });

describe.skipIf(server === undefined)(`PostgreSQL${reason ? ` (${reason})` : ""}`, () => {
  test("of two processes exactly one wins each version", async () => checkRace(await shared()));

  test("a tail is told of another process, whose kill -9 loses nothing that was acknowledged and leaves nothing half", async () =>
    checkKilledWriter(await shared(), HOUR_MS));

  test("kill -9 of the server loses nothing that was acknowledged; who tails goes on when it is back", async () => {
    const { log, address } = await shared({ reconnectMs: 10_000 });
    const over = new AbortController();
    const seen: StoredEvent[] = [];
    const tail = (async () => {
      for await (const one of log.tail({ signal: over.signal, pollMs: 10 })) {
        seen.push(one);
        if (one.stream === "back") over.abort();
      }
    })();
    const writer = startChild("append-for-ever.ts", address);
    await writer.printed(5);
    await server?.kill();
    await writer.ended;
    await server?.restart();
    await checkAcknowledged(log, writer.lines);
    await log.append("back", [event("again")]);
    await tail;
    const versions = seen.map(({ version }) => version);
    expect(versions).toEqual([...versions.slice(1).map((_, index) => index + 1), 1]);
  });

  test("an append waits for a server that is shut down and comes back, and is kept once", async () => {
    const { log } = await shared({ reconnectMs: 10_000 });
    await log.append("a", [event("1")]);
    await server?.shutDown();
    const waiting = log.append("a", [event("2")], { expectedVersion: 1 });
    await server?.restart();
    expect((await waiting).version).toBe(2);
    expect(await log.streamVersion("a")).toBe(2);
  });

  test("says that the server is away, and that nothing was kept, when it was not reached", async () => {
    const { log } = await shared({ reconnectMs: 0 });
    await server?.shutDown();
    // The first finds out that its connection is gone; the second finds nobody to give the append to.
    await expect(log.append("a", [event("0")])).rejects.toBeInstanceOf(LogUnavailable);
    const error = await log.append("a", [event("1")]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LogUnavailable);
    expect(error).toMatchObject({ outcomeUnknown: false });
    await expect(log.lastPosition()).rejects.toThrow(/PostgreSQL schema shared_\d+ cannot be used: .*ECONNREFUSED/);
    await server?.restart();
    expect((await log.append("a", [event("1")])).version).toBe(1);
  });

  test("an append whose connection is cut half way is given again, and kept once", async () => {
    const { log, schema } = await shared({ reconnectMs: 10_000 });
    const holder = await connect();
    await holder.query("begin");
    await holder.query("select pg_advisory_xact_lock(1145913671, hashtext($1))", [schema]);
    const waiting = log.append("a", [event("1")], { expectedVersion: 0 });
    const { rows } = await untilBlocked(holder);
    await holder.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
    await holder.query("commit");
    await holder.end();
    expect(await waiting).toMatchObject({ version: 1, repeated: false });
    expect(await log.streamVersion("a")).toBe(1);
  });

  test("what was kept and whose answer was lost is not kept twice", async () => {
    const pool = new Pool({ connectionString, max: 2 });
    const lost: string[] = [];
    const lossy = losingAnswers(pool, lost);
    const log = await openPostgresLog({ pool: lossy, schema: "lossy" });
    opened.push(log);
    lost.push("append_events", "commit");
    expect(await log.append("a", [event("1")], { expectedVersion: 0 })).toMatchObject({ version: 1, repeated: true });
    await log.checkpoints.write("p", { position: 1, state: { count: 1 } }, 0);
    expect(lost).toEqual([]);
    expect(await log.streamVersion("a")).toBe(1);
    expect((await log.checkpoints.read("p"))?.position).toBe(1);

    const hasty = await openPostgresLog({ pool: lossy, schema: "lossy", reconnectMs: 0 });
    lost.push("append_events");
    const error = await hasty.append("a", [event("2")]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "LogUnavailable", outcomeUnknown: true });
    expect(await log.streamVersion("a")).toBe(2);
    await pool.end();
  });

  test("nothing appears below what was read: a later append waits for one that is not committed", async () => {
    const { log, schema } = await shared();
    const slow = await connect();
    await slow.query("begin");
    const values = [["a"], [1], [null], [1], [0], [1], ["slow"], ["a.b"], ["1"], [1], ["{}"], [null]];
    const places = values.map((_, index) => `$${index + 1}`).join(", ");
    await slow.query(`select * from ${schema}.append_events(${places})`, values);
    const later = log.append("b", [event("later")]);
    await untilBlocked(slow);
    expect(await log.lastPosition()).toBe(0);
    await slow.query("commit");
    await slow.end();
    await later;
    const streams: string[] = [];
    for await (const { stream } of log.readAll()) streams.push(stream);
    expect(streams).toEqual(["a", "b"]);
  });

  test("a tail whose listening was cut off polls, and listens again", async () => {
    const { log, schema } = await shared();
    const over = new AbortController();
    const other = await openPostgresLog({ connectionString, schema });
    opened.push(other);
    const tail = log.tail({ signal: over.signal, pollMs: 10 })[Symbol.asyncIterator]();
    await other.append("a", [event("1")]);
    expect((await tail.next()).value.version).toBe(1);
    const cutter = await connect();
    await cutter.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and pid <> pg_backend_pid()",
    );
    await cutter.end();
    await other.append("a", [event("2")]);
    expect((await tail.next()).value.version).toBe(2);
    over.abort();
    expect((await tail.next()).done).toBe(true);
  });

  test("uses a pool that it is given, and leaves it open", async () => {
    const pool = new Pool({ connectionString, max: 1 });
    const log = await openPostgresLog({ pool, schema: "given" });
    await Promise.all([1, 2, 3].map((text) => log.append("a", [event(`${text}`)])));
    await log.close();
    expect((await pool.query("select count(*)::int as count from given.events")).rows).toEqual([{ count: 3 }]);
    await pool.end();
  });

  test("is opened by many at once, and refuses a schema of a newer program, a bad name and a stranger", async () => {
    const logs = await Promise.all([1, 2, 3, 4].map(() => openPostgresLog({ connectionString, schema: "many" })));
    opened.push(...logs);
    const client = await connect();
    await client.query("update many.schema_version set version = 99");
    await client.end();
    await expect(openPostgresLog({ connectionString, schema: "many" })).rejects.toThrow(/schema 99.*update it/);
    await expect(openPostgresLog({ connectionString, schema: 'a"; drop' })).rejects.toBeInstanceOf(RangeError);
    const stranger = connectionString.replace(/:[^:@]+@/, ":wrong@");
    await expect(openPostgresLog({ connectionString: stranger })).rejects.toThrow(/password authentication failed/);
  });

  test("a second server can be had, and a database of its own", async () => {
    const { server: second } = await startPostgres();
    const address = (await second?.createDatabase("mine")) ?? "";
    const client = new Client({ connectionString: address });
    await client.connect();
    expect((await client.query("select current_database() as name")).rows).toEqual([{ name: "mine" }]);
    const errors: Error[] = [];
    client.on("error", (error) => errors.push(error));
    const cut = new Promise<void>((resolve) => client.on("end", () => resolve()));
    await second?.stop();
    await cut;
    expect(errors[0]?.message).toMatch(/terminat/);
  });
});

/** The first connection that waits for a lock. */
async function untilBlocked(client: Client): Promise<{ readonly rows: readonly { readonly pid: number }[] }> {
  for (;;) {
    const found = await client.query("select pid from pg_locks where not granted and locktype = 'advisory'");
    if (found.rows.length > 0) return found;
  }
}

/** The pool, on whose connections the next query that contains the first of `lost` is carried out, and its answer lost. */
function losingAnswers(pool: Pool, lost: string[]): PostgresPool {
  return {
    options: pool.options,
    on: (name, listener) => pool.on(name, listener),
    removeListener: (name, listener) => pool.removeListener(name, listener),
    async connect() {
      const client = await pool.connect();
      return {
        on: (name, listener) => client.on(name, listener),
        removeListener: (name, listener) => client.removeListener(name, listener),
        release: (error) => client.release(error),
        async query(text, values) {
          const answer = await client.query(text, values);
          if (lost[0] === undefined || !text.includes(lost[0])) return answer;
          lost.shift();
          throw new Error("Connection terminated unexpectedly");
        },
      };
    },
  };
}
