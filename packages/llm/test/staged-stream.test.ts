/** Streams through stages: the same events, whether they are there already or have to be waited for, and left in order. */
import { describe, expect, it, vi } from "vitest";
import { flattenBatches } from "../src/flatten-batches.ts";
import {
  openedStream,
  type ReadyStream,
  readyStream,
  resumedStream,
  StreamChange,
  type StreamStage,
  stagedStream,
} from "../src/staged-stream.ts";
import type { StreamEvent } from "../src/stream.ts";

const text = (word: string): StreamEvent => ({ type: "text-delta", index: 0, text: word });
const FINISH: StreamEvent = { type: "finish", finish: { reason: "stop" }, usage: {} };
const SAME: StreamStage = { see: (event) => event };

/** What a source has done. */
interface Source {
  readonly events: AsyncIterable<StreamEvent>;
  readonly left: () => void;
}

/** Events that wait for nothing, some at a time. */
function atHand(...batches: readonly (readonly StreamEvent[])[]): Source {
  const left = vi.fn();
  async function* given() {
    try {
      for (const batch of batches) yield batch;
    } finally {
      left();
    }
  }
  return { events: flattenBatches(given()), left };
}

/** The same from an ordinary generator. */
function oneByOne(...batches: readonly (readonly StreamEvent[])[]): Source {
  const left = vi.fn();
  async function* given() {
    try {
      for (const event of batches.flat()) yield event;
    } finally {
      left();
    }
  }
  return { events: given(), left };
}

/** As somebody who takes first what is there. */
async function words(stream: ReadyStream): Promise<readonly string[]> {
  const read: string[] = [];
  for (;;) {
    const event = stream.nextReady() ?? (await stream.next()).value;
    if (event === undefined) return read;
    read.push("text" in event ? event.text : event.type);
  }
}

describe.each([
  ["events at hand", atHand],
  ["events one by one", oneByOne],
])("%s", (_name, source) => {
  it("go on in order through stages that change, add and drop, and end with the first terminal event", async () => {
    const { events, left } = source([text("a"), text("b")], [text("drop"), text("c"), FINISH, text("late")]);
    const over = vi.fn();
    const stage: StreamStage = {
      see(event) {
        if (event.type !== "text-delta") return event;
        if (event.text === "drop") return [];
        return event.text === "b" ? [text("b1"), text("b2")] : event;
      },
      over,
    };
    const stream = stagedStream(stagedStream(events, SAME), stage);
    expect(await words(stream)).toEqual(["a", "b1", "b2", "c", "finish"]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(over).toHaveBeenCalledOnce();
    expect(left).toHaveBeenCalledOnce();
  });

  it("are the same for a loop that knows nothing of what is there", async () => {
    const { events } = source([text("a")], [], [text("b"), FINISH]);
    const read: string[] = [];
    for await (const event of stagedStream(events, SAME)) read.push(event.type);
    expect(read).toEqual(["text-delta", "text-delta", "finish"]);
  });

  it("leave the stages and the source when the reader leaves", async () => {
    const { events, left } = source([text("a"), text("b")], [FINISH]);
    const over = vi.fn();
    for await (const event of openedStream(async () => stagedStream(events, { ...SAME, over }))) {
      expect(event).toEqual(text("a"));
      break;
    }
    expect(over).toHaveBeenCalledOnce();
    expect(left).toHaveBeenCalledOnce();
  });

  it("give way to another stream, which goes through no stage twice", async () => {
    const { events, left } = source([text("a"), text("change"), text("never")]);
    const seen: string[] = [];
    const stage: StreamStage = {
      see(event) {
        seen.push("text" in event ? event.text : event.type);
        if (event.type !== "text-delta" || event.text !== "change") return event;
        return new StreamChange(() => readyStream(source([text("change"), FINISH]).events));
      },
    };
    expect(await words(stagedStream(events, stage))).toEqual(["a", "change", "finish"]);
    expect(seen).toEqual(["a", "change"]);
    expect(left).toHaveBeenCalledOnce();
  });

  it("that end without a terminal event are told, and may go on elsewhere", async () => {
    const broken = vi.fn(() => new StreamChange(() => resumedStream([text("b")], readyStream(source([FINISH]).events))));
    expect(await words(stagedStream(source([text("a")]).events, { ...SAME, broken }))).toEqual(["a", "b", "finish"]);
    expect(broken).toHaveBeenCalledWith(undefined);
    expect(await words(stagedStream(source([text("a")]).events, SAME))).toEqual(["a"]);
  });

  it("come in order to several who ask at once", async () => {
    const stream = stagedStream(source([text("a"), text("b")], [FINISH]).events, SAME);
    const asked = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
    expect(asked.map(({ value }) => (value === undefined ? undefined : "text" in value ? value.text : value.type))).toEqual([
      "a",
      "b",
      "finish",
      undefined,
    ]);
  });
});

it("what a source throws is the reader's, and the stage is over", async () => {
  async function* given(): AsyncGenerator<StreamEvent> {
    yield text("a");
    throw new Error("gone");
  }
  const over = vi.fn();
  const stream = stagedStream(given(), { ...SAME, over });
  expect(await stream.next()).toMatchObject({ value: { text: "a" } });
  await expect(stream.next()).rejects.toThrow("gone");
  expect(over).toHaveBeenCalledOnce();
  expect(await stream.next()).toMatchObject({ done: true });
});

it("a stream that nobody asked for is never opened", async () => {
  const open = vi.fn(async () => resumedStream([FINISH]));
  const stream = openedStream(open);
  await stream.return();
  expect(await stream.next()).toMatchObject({ done: true });
  expect(open).not.toHaveBeenCalled();
});

it("what opening throws is the reader's", async () => {
  const stream = openedStream(() => Promise.reject(new Error("shut")));
  await expect(stream.next()).rejects.toThrow("shut");
  expect(await stream.return()).toMatchObject({ done: true });
});
