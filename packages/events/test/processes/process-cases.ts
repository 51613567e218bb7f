/** What processes that share a log, or are killed, are held to: the same for SQLite and PostgreSQL. */
import type { EventLog } from "@dragoman/events";
import { expect } from "vitest";
import { startChild } from "./child.ts";

/** The log, and what a child process is told to open the same. */
export interface SharedLog {
  readonly log: EventLog;
  readonly address: readonly string[];
}

export async function checkRace({ log, address }: SharedLog): Promise<void> {
  const children = [startChild("race.ts", address), startChild("race.ts", address)];
  await Promise.all(children.map((child) => child.printed(1)));
  for (const child of children) child.process.stdin.end("go\n");
  await Promise.all(children.map((child) => child.printed(2)));
  const won = children.flatMap((child): number[] => JSON.parse(child.lines[1] ?? ""));
  const all = Array.from({ length: 10 }, (_, index) => index + 1);
  expect(won.sort((one, other) => one - other)).toEqual(all);
  expect(await versionsOf(log, "prize")).toEqual(all);
  await Promise.all(children.map((child) => child.ended));
}

/** What was printed is kept, in order, without half an append. */
export async function checkAcknowledged(log: EventLog, lines: readonly string[]): Promise<void> {
  const acknowledged = Number(lines.at(-1));
  const versions = await versionsOf(log, "endless");
  expect(lines.map(Number)).toEqual(Array.from({ length: lines.length }, (_, index) => (index + 1) * 2));
  expect(versions).toEqual(Array.from({ length: versions.length }, (_, index) => index + 1));
  expect(versions.length % 2).toBe(0);
  // One append may have been kept whose answer was on its way.
  expect([acknowledged, acknowledged + 2]).toContain(versions.length);
}

/** A tail sees what another process appends while it does; then that is killed. */
export async function checkKilledWriter({ log, address }: SharedLog, pollMs: number): Promise<void> {
  const over = new AbortController();
  const writer = startChild("append-for-ever.ts", address);
  const seen: number[] = [];
  for await (const { version } of log.tail({ signal: over.signal, pollMs })) if (seen.push(version) === 10) over.abort();
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  writer.process.kill("SIGKILL");
  await writer.ended;
  await checkAcknowledged(log, writer.lines);
  // Whatever was under way when it was killed: the stream goes on without a gap.
  const { version } = await log.append("endless", [{ type: "next.one", data: null }]);
  expect(await versionsOf(log, "endless")).toHaveLength(version);
}

async function versionsOf(log: EventLog, stream: string): Promise<number[]> {
  const versions: number[] = [];
  for await (const { version } of log.readStream(stream)) versions.push(version);
  return versions;
}
