/** What is said, in every client's dialect alike, and what must come of it. */
import { expect } from "vitest";
import type { CallRecord } from "../../src/ledger/call-record.ts";
import { type ConversationWorld, type Death, inWords, MAKERS, type Maker, type Party, ROUTE } from "./conversation-world.ts";

export interface SaidCall {
  readonly id: string;
  readonly name: string;
}

/** One answer, as a vendor's SDK gives it. */
export interface SaidTurn {
  readonly text: string;
  readonly calls: readonly SaidCall[];
  /** As the answer's body names it. */
  readonly model: string | undefined;
  /** `x-dragoman-model`. */
  readonly answeredBy: string | undefined;
}

/** One conversation of an SDK: it keeps the history as the SDK's documentation says, with all that came. */
export interface Talk {
  /** Says something new. Rejects with the SDK's own error; the history is then as before. */
  say(text: string): Promise<SaidTurn>;
  /** Gives the results of the calls of the latest answer. */
  give(results: readonly (SaidCall & { readonly result: string })[]): Promise<SaidTurn>;
}

export const TOOL = {
  name: "get_weather",
  description: "The weather of a city.",
  input: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
} as const;

const QUESTIONS = ["What is the weather in Lisbon?", "And what is it in Oslo?", "And at last in Cairo?"] as const;
const RESULTS = ["sunny-7f31", "snow-c05d", "dust-19aa"] as const;

/** What no request to this wire may have in it: the other wires' own fields and marks. */
const FOREIGN: Readonly<Record<Maker, readonly string[]>> = {
  chat: ['"signature"', '"thinking"', "thoughtSignature", "encrypted_content", '"tool_use', '"functionCall"', '"call_id"'],
  responses: ['"signature"', '"thinking"', "thoughtSignature", '"tool_use', '"functionCall"', '"tool_calls"'],
  anthropic: ["thoughtSignature", "encrypted_content", '"functionCall"', '"call_id"', '"tool_calls"', '"reasoning"'],
  "gemini without thoughts": [
    '"signature"',
    '"thinking"',
    "encrypted_content",
    '"tool_use',
    '"call_id"',
    '"tool_calls"',
    '"reasoning"',
  ],
  gemini: ['"signature"', '"thinking"', "encrypted_content", '"tool_use', '"call_id"', '"tool_calls"', '"reasoning"'],
};

/** What only its maker can read, and must have again. OpenAI's chat wire has nothing of the kind. */
const OWN: { readonly [Name in Maker]?: string } = {
  responses: '"encrypted_content":"',
  anthropic: '"signature":"',
  gemini: '"thoughtSignature":"',
};

export interface Expected {
  readonly death: Death;
  /** Whether it is the SDK's own error, as for a failure of the vendor. */
  readonly isError: (thrown: unknown) => boolean;
  /** False: nothing is thought, and so nothing comes that only its maker can read. Default true. */
  readonly thinks?: boolean;
}

/** Two turns each: with the first, with the second while the first is dead, and with the first again. */
export async function talkThrough(world: ConversationWorld, talk: Talk, expected: Expected): Promise<void> {
  const { death, isError, thinks = true } = expected;
  const { first, second } = world;
  const { ask, give, checkCut, checkMoney } = checked(world, talk);
  await give(0, await ask(0, first), first);
  expect(second.asked).toEqual([]);

  await world.die(death);
  if (death === "a cut in the middle") {
    await expect(talk.say(QUESTIONS[1])).rejects.toSatisfy(isError);
    await checkCut();
    expect(second.asked).toEqual([]);
  }
  const [asking, giving] = FAILING[death];
  await give(1, await ask(1, second, asking), second, giving);
  expect(first.isLeftAlone()).toBe(true);

  await world.recover();
  await give(2, await ask(2, first), first);
  expect(first.isLeftAlone()).toBe(false);
  checkRequests(world, { thinks, heardSecond: [...QUESTIONS.slice(0, 2), ...RESULTS.slice(0, 2)] });
  checkMoney();
}

/** The second makes a tool call, and the first, which is well again, is given its result. */
export async function talkAcrossCall(world: ConversationWorld, talk: Talk): Promise<void> {
  const { first, second } = world;
  const { ask, give, checkMoney } = checked(world, talk);
  await give(0, await ask(0, first), first);
  await world.die("refused connections");
  const calls = await ask(1, second, ["connection_failed free", "connection_failed free"]);
  await world.recover();
  await give(1, calls, first);
  await give(2, await ask(2, first), first);
  expect(second.asked).toHaveLength(1);
  checkRequests(world, { thinks: false, heardSecond: [...QUESTIONS.slice(0, 2), RESULTS[0]] });
  checkMoney();
}

/** What is said, each time with a look at what the SDK has, at the record of the call, and in the end at all that it cost. */
function checked(world: ConversationWorld, talk: Talk) {
  const { first, gateway } = world;
  const spentUsd: number[] = [];

  async function settled(attempts: readonly string[]): Promise<CallRecord> {
    const record = await world.lastCall();
    expect(record.attempts.map(inWords)).toEqual(attempts);
    const sum = sumOf(record.attempts.map(({ costUsd }) => costUsd ?? Number.NaN));
    expect(record.costUsd).toBeCloseTo(sum, 12);
    spentUsd.push(sum);
    return record;
  }

  /** Whoever answered, after the first had failed so. */
  async function checkTurn(turn: SaidTurn, by: Party, failures: readonly string[]): Promise<void> {
    expect(turn.answeredBy).toBe(by.target);
    // A client of the vendor's own wire is given its words as they are.
    expect([ROUTE, MAKERS[by.maker].model]).toContain(turn.model);
    const record = await settled([...failures.map((word) => `${nameOf(first)} ${word}`), `${nameOf(by)} answered`]);
    expect(record).toMatchObject({ outcome: "answered", status: 200, provider: nameOf(by), model: MAKERS[by.maker].model });
    expect(record.estimated).toBe(failures.some((word) => word.endsWith("~")));
  }

  /** A question, and the call that it leads to. */
  async function ask(index: 0 | 1 | 2, by: Party, failures: readonly string[] = []): Promise<readonly SaidCall[]> {
    const turn = await talk.say(QUESTIONS[index]);
    await checkTurn(turn, by, failures);
    expect(turn.calls.map(({ name }) => name)).toEqual([TOOL.name]);
    return turn.calls;
  }

  /** Its result, and the answer that it leads to. */
  async function give(index: 0 | 1 | 2, calls: readonly SaidCall[], by: Party, failures: readonly string[] = []): Promise<void> {
    const turn = await talk.give(calls.map((call) => ({ ...call, result: RESULTS[index] })));
    await checkTurn(turn, by, failures);
    expect(turn.calls).toEqual([]);
    expect(turn.text).toContain(RESULTS[index]);
  }

  async function checkCut(): Promise<void> {
    const record = await settled([`${nameOf(first)} stream_truncated ~`]);
    expect(record).toMatchObject({ outcome: "cut", status: 200, code: "stream_truncated" });
  }

  function checkMoney(): void {
    const standings = gateway.meter.standings();
    expect(standings.map(({ reserved }) => reserved)).toEqual([0]);
    expect(standings[0]?.used).toBeCloseTo(sumOf(spentUsd), 7);
  }

  return { ask, give, checkCut, checkMoney };
}

/**
 * How the first fails when it is asked the question, and when it is given the result. The third failure opens its breaker; after that
 * it is not asked.
 */
const FAILING: Readonly<Record<Death, readonly [asked: readonly string[], given: readonly string[]]>> = {
  "errors of 500": [["vendor_error free", "vendor_error free"], ["vendor_error free"]],
  "refused connections": [["connection_failed free", "connection_failed free"], ["connection_failed free"]],
  "a cut before the first token": [["stream_truncated ~", "stream_truncated ~"], ["stream_truncated ~"]],
  "a cut in the middle": [["vendor_error free", "vendor_error free"], []],
};

interface Heard {
  readonly thinks: boolean;
  /** What the second has been told in the end. */
  readonly heardSecond: readonly string[];
}

/** Each has had all that was said until then, in its own form, and nothing of another's. */
function checkRequests({ first, second }: ConversationWorld, { thinks, heardSecond }: Heard): void {
  for (const { maker, asked } of [first, second]) {
    for (const { body } of asked) {
      const text = JSON.stringify(body);
      expect(FOREIGN[maker].filter((mark) => text.includes(mark))).toEqual([]);
    }
  }
  const last = ({ asked }: Party): string => JSON.stringify(asked.at(-1)?.body);
  for (const said of heardSecond) expect(last(second)).toContain(said);
  for (const said of [...QUESTIONS, ...RESULTS]) expect(last(first)).toContain(said);
  if (thinks) expect(last(first)).toContain(OWN[first.maker] ?? "");
}

function nameOf({ maker }: Party): string {
  return MAKERS[maker].vendor;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
