import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WireEvent } from "../../src/dialect.ts";
import { DragomanError } from "../../src/errors.ts";
import { createDecoder } from "../../src/transport/decoders.ts";
import { createJsonArrayDecoder } from "../../src/transport/json-array.ts";
import { createNdjsonDecoder } from "../../src/transport/ndjson.ts";
import { createSseDecoder } from "../../src/transport/sse.ts";
import type { Decoder } from "../../src/transport/transport.ts";

type Outcome = { readonly events: readonly WireEvent[]; readonly error?: string };

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What a decoder makes of these pieces. Anything thrown but a DragomanError fails the test. */
function decode(decoder: Decoder, pieces: readonly Uint8Array[]): Outcome {
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

const dataOf = (decoder: Decoder, text: string): string[] => decode(decoder, [bytesOf(text)]).events.map(({ data }) => data);

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places].map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const inBytes = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));

const CREATE = {
  sse: () => createSseDecoder({ lineBytesMax: 60, eventBytesMax: 80 }),
  ndjson: () => createNdjsonDecoder({ lineBytesMax: 60 }),
  "json-array": () => createJsonArrayDecoder({ elementBytesMax: 60 }),
};

/** Pieces that a stream is made of, rightly or wrongly put together. */
const FRAGMENTS = [
  ..."\n \r \r\n \n\n data: data:x event:e : id:1 retry:9 data event \ufeff grün € 😀 a".split(" "),
  " ",
  ...'[ ] { } , " \\ \\" {"a":1} {"a":"}]\\""} [1,2] null 17 \t'.split(" "),
];

const text = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 60 }).map((fragments) => bytesOf(fragments.join("")));
const noise = fc.uint8Array({ maxLength: 80 });
const stream = fc.oneof(
  text,
  noise,
  fc.tuple(text, noise).map(([a, b]) => Uint8Array.of(...a, ...b, ...a)),
);

describe.each(Object.entries(CREATE))("the %s decoder, whatever comes,", (_name, create) => {
  test("gives the same events and errors however the bytes are cut", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (bytes, places) => {
        const whole = decode(create(), [bytes]);
        expect(decode(create(), cut(bytes, places))).toEqual(whole);
        expect(decode(create(), inBytes(bytes))).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });

  test("throws nothing but errors of ours, also when it is used on after one", () => {
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 6 }), (pieces) => {
        const decoder = create();
        for (const piece of pieces) decode({ ...decoder, end: () => {} }, [piece]);
        decode(decoder, []);
      }),
      { numRuns: 500 },
    );
  });
});

const json = fc.jsonValue({ maxDepth: 3 });
const object = fc.dictionary(fc.string(), json);
const roomy = { numRuns: 300 };

describe("what was framed comes back", () => {
  test("as server-sent events, with any line end and comments between", () => {
    const lineEnd = fc.constantFrom("\n", "\r", "\r\n");
    const event = fc.record({ name: fc.option(fc.stringMatching(/^[a-z.]{1,12}$/)), data: json, comment: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event), lineEnd, fc.boolean(), fc.array(fc.nat()), (events, end, mark, places) => {
        const lines = events.flatMap(({ name, data, comment }) => [
          ...(comment ? [": ping"] : []),
          ...(name === null ? [] : [`event: ${name}`]),
          // A pretty-printed value takes several data lines.
          ...(JSON.stringify(data, null, 1) ?? "null").split("\n").map((line) => `data: ${line}`),
          "",
        ]);
        const bytes = bytesOf((mark ? "\ufeff" : "") + lines.map((line) => line + end).join(""));
        const expected = events.map(({ name, data }) => ({
          ...(name === null ? {} : { event: name }),
          data: JSON.stringify(data, null, 1),
        }));
        expect(decode(createSseDecoder(), cut(bytes, places))).toEqual({ events: expected });
      }),
      roomy,
    );
  });

  test("as JSON lines", () => {
    fc.assert(
      fc.property(fc.array(json), fc.constantFrom("\n", "\r\n", "\n\n"), fc.array(fc.nat()), (values, end, places) => {
        const bytes = bytesOf(values.map((value) => JSON.stringify(value)).join(end));
        const expected = values.map((value) => ({ data: JSON.stringify(value) }));
        expect(decode(createNdjsonDecoder(), cut(bytes, places))).toEqual({ events: expected });
      }),
      roomy,
    );
  });

  test("as a JSON array", () => {
    fc.assert(
      fc.property(fc.array(object), fc.nat({ max: 3 }), fc.array(fc.nat()), (values, indent, places) => {
        const bytes = bytesOf(JSON.stringify(values, null, indent));
        const { events, error } = decode(createJsonArrayDecoder(), cut(bytes, places));
        expect(error).toBeUndefined();
        expect(events.map(({ data }) => JSON.parse(data))).toEqual(JSON.parse(JSON.stringify(values)));
      }),
      roomy,
    );
  });
});

describe("the SSE decoder", () => {
  const sse = (stream: string) => decode(createSseDecoder(), [bytesOf(stream)]).events;

  test.each<[name: string, stream: string, events: WireEvent[]]>([
    ["an event with its name", "event: e\ndata: x\n\n", [{ event: "e", data: "x" }]],
    ["a name after the data", "data: x\nevent: e\n\n", [{ event: "e", data: "x" }]],
    ["a name only for its own event", "event: e\ndata: 1\n\ndata: 2\n\n", [{ event: "e", data: "1" }, { data: "2" }]],
    ["no event without data", "event: e\n\nid: 1\n\nretry: 5\n\n: c\n\n\n\n", []],
    ["several data lines joined by a line feed", "data: a\ndata:\ndata: b\n\n", [{ data: "a\n\nb" }]],
    ["empty data", "data\n\ndata:\n\n", [{ data: "" }, { data: "" }]],
    ["one space after the colon dropped, the others kept", "data:  x \n\ndata:y\n\n", [{ data: " x " }, { data: "y" }]],
    ["an empty name as none", "event:\ndata: x\n\n", [{ data: "x" }]],
    ["fields that only begin like ours as unknown", "database: x\ndata : x\nDATA: x\n data: x\n\n", []],
    ["colons in the value", "data: a: b\n\n", [{ data: "a: b" }]],
    ["a byte order mark only at the start", "\ufeffdata: x\n\n\ufeffdata: y\n\n", [{ data: "x" }]],
    ["CR and CRLF and LF mixed", "data: a\r\ndata: b\rdata: c\n\r\n", [{ data: "a\nb\nc" }]],
    ["CRCR as two line ends", "data: a\r\rdata: b\r\r", [{ data: "a" }, { data: "b" }]],
    ["a last event without its blank line", "data: a\n\ndata: b\n", [{ data: "a" }, { data: "b" }]],
    ["a last line without its end", "data: a\n\ndata: b", [{ data: "a" }, { data: "b" }]],
  ])("reads %s", (_name, stream, events) => {
    expect(sse(stream)).toEqual(events);
    expect(decode(createSseDecoder(), inBytes(bytesOf(stream))).events).toEqual(events);
  });

  test("hands out an event with its blank line, not later", () => {
    const decoder = createSseDecoder();
    for (const end of ["\n\n", "\r\n\r\n", "\r\r"]) {
      const events: WireEvent[] = [];
      decoder.push(bytesOf(`data: x${end}`), events);
      expect(events).toEqual([{ data: "x" }]);
    }
  });

  test("takes a CRLF that is cut as one line end", () => {
    const decoder = createSseDecoder();
    const events: WireEvent[] = [];
    for (const piece of ["data: a\r", "\ndata: b\r", "\n\r", "\n"]) decoder.push(bytesOf(piece), events);
    expect(events).toEqual([{ data: "a\nb" }]);
  });

  test("replaces what is not UTF-8, and reads on", () => {
    const bytes = Uint8Array.of(...bytesOf("data: a"), 0xff, 0xe2, 0x82, ...bytesOf("b\n\ndata: €\n\n"));
    for (const pieces of [[bytes], inBytes(bytes)]) {
      expect(decode(createSseDecoder(), pieces).events).toEqual([{ data: "a\ufffd\ufffdb" }, { data: "€" }]);
    }
    expect(decode(createSseDecoder(), [bytesOf("data: a"), Uint8Array.of(0xe2)]).events).toEqual([{ data: "a\ufffd" }]);
  });

  test("bounds a line by its bytes, also one that never ends", () => {
    const take = (line: string) => decode(createSseDecoder({ lineBytesMax: 12 }), [bytesOf(line)]);
    expect(take("data: 123456\n\n").events).toEqual([{ data: "123456" }]);
    expect(take("data: 1234567\n\n").error).toBe("invalid_response");
    expect(take("data: €€\n\n").events).toEqual([{ data: "€€" }]);
    expect(take("data: €€€\n\n").error).toBe("invalid_response");
    const decoder = createSseDecoder({ lineBytesMax: 1000 });
    const endless = () => {
      for (let piece = 0; piece < 1001; piece++) decoder.push(bytesOf("x"), []);
    };
    expect(endless).toThrow(/line of the stream is longer than 1000 bytes/);
  });

  test("bounds an event over all its lines", () => {
    const take = (lines: number) => decode(createSseDecoder({ eventBytesMax: 9 }), [bytesOf(`${"data: x\n".repeat(lines)}\n`)]);
    expect(take(5).events).toEqual([{ data: "x\nx\nx\nx\nx" }]);
    expect(take(6).error).toBe("invalid_response");
  });
});

describe("the NDJSON decoder", () => {
  test("skips blank lines and takes CRLF, and a last line without its end", () => {
    expect(dataOf(createNdjsonDecoder(), '{"a":1}\r\n\n  \r\n\t{"b":2}\n{"c":3}')).toEqual(['{"a":1}', '\t{"b":2}', '{"c":3}']);
  });

  test("hands out a line with its end, not later", () => {
    const events: WireEvent[] = [];
    createNdjsonDecoder().push(bytesOf('{"a":1}\n{"b'), events);
    expect(events).toEqual([{ data: '{"a":1}' }]);
  });

  test("bounds a line", () => {
    expect(decode(createNdjsonDecoder({ lineBytesMax: 5 }), [bytesOf("12345\n123456\n")])).toEqual({
      events: [{ data: "12345" }],
      error: "invalid_response",
    });
  });
});

describe("the JSON array decoder", () => {
  test("hands out an element with its last bracket, not with what follows", () => {
    const decoder = createJsonArrayDecoder();
    const events: WireEvent[] = [];
    for (const [piece, count] of [
      ["[", 0],
      ['{"a":', 0],
      ["1}", 1],
      [",\n", 1],
      ['{"b":[{}', 1],
      ["]}", 2],
      ["]", 2],
    ] as const) {
      decoder.push(bytesOf(piece), events);
      expect(events).toHaveLength(count);
    }
    expect(events.map(({ data }) => data)).toEqual(['{"a":1}', '{"b":[{}]}']);
  });

  test("is not deceived by brackets, commas and quotes in strings", () => {
    const elements = ['{"a":"]},{[\\""}', '{"\\\\":"\\\\"}', '{"a":"\\u005d\\n","b":",\\\\\\""}'];
    expect(dataOf(createJsonArrayDecoder(), `[${elements.join(" , ")}]`)).toEqual(elements);
  });

  test("takes a single object, as an error may come", () => {
    expect(dataOf(createJsonArrayDecoder(), ' {"error":{"code":429}}\n')).toEqual(['{"error":{"code":429}}']);
  });

  test("takes an empty array, and nothing at all", () => {
    expect(decode(createJsonArrayDecoder(), [bytesOf("[ ]\n")])).toEqual({ events: [] });
    expect(decode(createJsonArrayDecoder(), [])).toEqual({ events: [] });
  });

  test.each(["<html>", "[1]", '["a"]', "[,{}]", "[{},]", "[{}{}]", "[{}] x", "{} {}", "null"])("refuses %s", (stream) => {
    expect(decode(createJsonArrayDecoder(), [bytesOf(stream)]).error).toBe("invalid_response");
  });

  test.each(['[{"a":1},{"b"', '[{"a":1},{"b":"x'])("tells that %s ended early, after what was complete", (stream) => {
    expect(decode(createJsonArrayDecoder(), [bytesOf(stream)])).toEqual({
      events: [{ data: '{"a":1}' }],
      error: "stream_truncated",
    });
  });

  test("bounds an element, also one that never ends", () => {
    const decoder = () => createJsonArrayDecoder({ elementBytesMax: 7 });
    expect(decode(decoder(), [bytesOf('[{"a":1}]')]).events).toEqual([{ data: '{"a":1}' }]);
    expect(decode(decoder(), [bytesOf('[{"a":12}]')]).error).toBe("invalid_response");
    expect(() => decoder().push(bytesOf('[{"aaaaaaaa'), [])).toThrow(DragomanError);
  });
});

describe("the decoder for a framing", () => {
  test("is the one that was asked for, where the content type names none", () => {
    expect(dataOf(createDecoder("sse"), "data: 1\n\n")).toEqual(["1"]);
    expect(dataOf(createDecoder("ndjson", "application/json"), "1\n2")).toEqual(["1", "2"]);
    expect(dataOf(createDecoder("json-array", undefined), "[{}]")).toEqual(["{}"]);
    expect(dataOf(createDecoder("sse", "text/plain"), "data: 1\n\n")).toEqual(["1"]);
  });

  test("follows a content type that names another framing", () => {
    expect(dataOf(createDecoder("json-array", "text/event-stream; charset=utf-8"), "data: 1\n\n")).toEqual(["1"]);
    expect(dataOf(createDecoder("sse", "Application/X-NDJSON"), "1\n2")).toEqual(["1", "2"]);
  });
});
