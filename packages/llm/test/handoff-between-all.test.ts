/** Every maker hands over to every other, in the middle of a tool loop: the next one goes on, and what could not travel is named. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Message, textOf } from "../src/index.ts";
import { EGRESS } from "./translation/egress.ts";
import { begin, goOn, type Makers, reportOf, startMakers } from "./translation/hand-over.ts";

let makers: Makers;
const begun = new Map<string, readonly Message[]>();

beforeAll(async () => {
  makers = await startMakers();
  for (const maker of makers.all) begun.set(maker.wire, await begin(maker));
});
afterAll(() => makers.close());

const PAIRS = EGRESS.flatMap(({ wire: from }) => EGRESS.map(({ wire: to }) => ({ from, to })));

describe.each(PAIRS)("from $from to $to", ({ from, to }) => {
  test("the conversation goes on", async () => {
    const messages = begun.get(from) ?? [];
    const next = makers.all.find(({ wire }) => wire === to);
    if (next === undefined) throw new Error(`nobody speaks ${to}`);
    const completion = await goOn(next, messages);
    expect(textOf(completion.message)).toContain("result-sentinel");
    if (from === to) expect(reportOf(completion)).toEqual([]);
    const reasoned = messages.some(({ parts }) => parts.some((part) => part.type === "reasoning" && part.text !== ""));
    const sealed = messages.some(({ parts }) => parts.some((part) => "vendor" in part && part.vendor !== undefined));
    if (from !== to && reasoned && sealed) expect(completion.warnings.length).toBeGreaterThan(0);
  });
});
