/** The decoder of AWS's binary frames, held against AWS's own codec. */
import { EventStreamCodec, Int64 } from "@smithy/eventstream-codec";
import { describe, expect, test } from "vitest";
import type { WireEvent } from "../../src/dialect.ts";
import { DragomanError } from "../../src/errors.ts";
import { createDecoder } from "../../src/transport/decoders.ts";
import { createEventStreamDecoder } from "../../src/transport/event-stream.ts";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(typeof bytes === "string" ? bytes : Uint8Array.from(bytes)).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);

type Headers = Parameters<typeof codec.encode>[0]["headers"];

function text(value: string): Headers[string] {
  return { type: "string", value };
}

function frame(headers: Headers, payload: string): Uint8Array {
  return codec.encode({ headers, body: Buffer.from(payload, "utf8") });
}

const EVERY_KIND: Headers = {
  yes: { type: "boolean", value: true },
  no: { type: "boolean", value: false },
  byte: { type: "byte", value: -7 },
  short: { type: "short", value: 300 },
  integer: { type: "integer", value: -70_000 },
  long: { type: "long", value: Int64.fromNumber(2 ** 40) },
  binary: { type: "binary", value: Uint8Array.of(0, 255, 13) },
  time: { type: "timestamp", value: new Date(1_767_225_600_000) },
  id: { type: "uuid", value: "00112233-4455-6677-8899-aabbccddeeff" },
  ":event-type": text("contentBlockDelta"),
};

const FRAMES: readonly Uint8Array[] = [
  frame({ ":event-type": text("messageStart"), ":message-type": text("event") }, '{"role":"assistant"}'),
  frame(EVERY_KIND, '{"delta":{"text":"Grüße – 世界 👩‍🚀"}}'),
  frame({ ":exception-type": text("throttlingException"), ":message-type": text("exception") }, '{"message":"slow down"}'),
  frame({ ":error-code": text("InternalError"), ":message-type": text("error") }, ""),
  frame({}, "{}"),
];

const EVENTS: readonly WireEvent[] = [
  { event: "messageStart", data: '{"role":"assistant"}' },
  { event: "contentBlockDelta", data: '{"delta":{"text":"Grüße – 世界 👩‍🚀"}}' },
  { event: "throttlingException", data: '{"message":"slow down"}' },
  { event: "InternalError", data: "" },
  { data: "{}" },
];

const STREAM = Buffer.concat(FRAMES);

interface Reading {
  readonly events: readonly WireEvent[];
  readonly error?: string;
}

function decode(pieces: readonly Uint8Array[], decoder = createEventStreamDecoder()): Reading {
  const events: WireEvent[] = [];
  try {
    for (const piece of pieces) decoder.push(piece, events);
    decoder.end(events);
  } catch (thrown) {
    if (!DragomanError.is(thrown)) throw thrown;
    return { events, error: thrown.code };
  }
  return { events };
}

describe("frames of AWS's own codec", () => {
  test("are read, whatever their headers", () => {
    expect(decode([STREAM])).toEqual({ events: EVENTS });
  });

  test("are read the same wherever they are cut", () => {
    for (let place = 0; place <= STREAM.length; place++) {
      expect(decode([STREAM.subarray(0, place), STREAM.subarray(place)]), `cut at ${place}`).toEqual({ events: EVENTS });
    }
    expect(decode(Array.from(STREAM, (_byte, index) => STREAM.subarray(index, index + 1)))).toEqual({ events: EVENTS });
  });

  test("that end early are an end within a frame, and frames before it are kept", () => {
    let ends = 0;
    const borders = new Set(FRAMES.map((each) => (ends += each.length)));
    for (let length = 1; length < STREAM.length; length++) {
      const { events, error } = decode([STREAM.subarray(0, length)]);
      expect(error, `${length} bytes`).toBe(borders.has(length) ? undefined : "stream_truncated");
      expect(events).toEqual(EVENTS.slice(0, [...borders].filter((border) => border <= length).length));
    }
  });

  test("with any single byte changed are refused, never read as something else", () => {
    const one = FRAMES[1] ?? new Uint8Array();
    for (let index = 0; index < one.length; index++) {
      const broken = Uint8Array.from(one);
      broken[index] = (broken[index] ?? 0) ^ 0x55;
      const { events, error } = decode([broken]);
      expect(events, `byte ${index}`).toEqual([]);
      expect(error, `byte ${index}`).toBe("invalid_response");
      expect(() => codec.decode(broken), `byte ${index}`).toThrow();
    }
  });

  test("over the limit are refused by what their prelude says", () => {
    const long = frame({ ":event-type": text("contentBlockDelta") }, "x".repeat(400));
    expect(decode([long.subarray(0, 16)], createEventStreamDecoder(300)).error).toBe("invalid_response");
    expect(decode([long], createEventStreamDecoder(1000)).error).toBeUndefined();
  });
});

test("the media type of such a stream names its decoder, whatever was asked for", () => {
  expect(decode([STREAM], createDecoder("sse", "application/vnd.amazon.eventstream")).events).toEqual(EVENTS);
});
