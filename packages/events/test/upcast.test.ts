/** Old shapes are brought up to date when they are read. */
import { createMemoryLog, createUpcaster, InvalidEvent, type JsonValue, type UpcastStep, withUpcasting } from "@dragoman/events";
import { describe, expect, test } from "vitest";

const step = (from: number, to: number, type = "user.named"): UpcastStep => ({
  type,
  from,
  to,
  upcast: (data) => ({ steps: [...stepsOf(data), `${from}-${to}`] }),
});

function stepsOf(data: JsonValue): readonly JsonValue[] {
  return typeof data === "object" && data !== null && "steps" in data && Array.isArray(data.steps) ? data.steps : [];
}

describe("the steps of a type", () => {
  test.each([
    ["a gap", [step(1, 2), step(3, 4)], /brought to version 2, and no step leads on from there to 4/],
    ["two ways on", [step(1, 2), step(1, 3), step(2, 3)], /two ways on from version 1/],
    ["a way back", [step(2, 1)], /from version 2 to 1/],
    ["no version", [step(0, 1)], /from version 0 to 1/],
  ])("must not have %s", (_what, steps, message) => {
    expect(() => createUpcaster(steps)).toThrow(message);
  });

  test("may skip a version, and stand in any order", () => {
    const upcaster = createUpcaster([step(3, 4), step(1, 3), step(1, 2, "user.gone")]);
    expect([upcaster.latestVersion("user.named"), upcaster.latestVersion("user.gone")]).toEqual([4, 2]);
    expect(upcaster.latestVersion("other")).toBeUndefined();
  });
});

describe("a log with upcasting", () => {
  test("gives out the latest shape, wherever it is read, and leaves the log as it is", async () => {
    const log = createMemoryLog();
    await log.append("a", [
      { type: "user.named", data: {} },
      { type: "user.named", data: {}, schemaVersion: 2 },
      { type: "other", data: {} },
    ]);
    const upcast = withUpcasting(log, createUpcaster([step(1, 2), step(2, 3)]));
    const over = new AbortController();
    const expected = [
      ["user.named", 3, { steps: ["1-2", "2-3"] }],
      ["user.named", 3, { steps: ["2-3"] }],
      ["other", 1, {}],
    ];
    for (const events of [upcast.readStream("a"), upcast.readAll(), upcast.tail({ signal: over.signal })]) {
      const read: unknown[] = [];
      for await (const { type, schemaVersion, data } of events) if (read.push([type, schemaVersion, data]) === 3) break;
      expect(read).toEqual(expected);
    }
    for await (const { data } of log.readAll()) expect(data).toEqual({});
  });

  test("marks what is appended with the shape of today", async () => {
    const log = withUpcasting(createMemoryLog(), createUpcaster([step(1, 2)]));
    const appended = await log.append("a", [
      { type: "user.named", data: { new: true } },
      { type: "user.named", data: {}, schemaVersion: 1 },
    ]);
    const read: unknown[] = [];
    for await (const { schemaVersion, data } of log.readStream("a")) read.push([schemaVersion, data]);
    expect(read).toEqual([
      [2, { new: true }],
      [2, { steps: ["1-2"] }],
    ]);
    expect(appended.events.map(({ data }) => data)).toEqual([{ new: true }, { steps: ["1-2"] }]);
  });

  test("refuses a shape of a newer program, and one that is older than the first step", async () => {
    const log = createMemoryLog();
    await log.append("new", [{ type: "user.named", data: {}, schemaVersion: 4 }]);
    await log.append("old", [{ type: "user.named", data: {}, schemaVersion: 1 }]);
    const upcast = withUpcasting(log, createUpcaster([step(2, 3)]));
    const read = async (stream: string) => {
      for await (const _event of upcast.readStream(stream));
    };
    await expect(read("new")).rejects.toThrow(/shape 4.*a newer program wrote it/);
    await expect(read("old")).rejects.toThrow(InvalidEvent);
  });
});
