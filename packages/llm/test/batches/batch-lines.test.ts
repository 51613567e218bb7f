import { expect, test } from "vitest";
import { parseLines, renderLines } from "../../src/batches/batch-lines.ts";
import { everything } from "../everything.ts";

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(text: string, size = 7, limits = {}): Promise<readonly unknown[]> {
  return everything(parseLines(pieces(text, size), limits));
}

const OBJECTS = [{ id: "one", text: "Grüße – 世界 👩‍🚀\u2028 and \n more" }, { id: "two" }, {}];

test.each([1, 2, 3, 7, 1000])("what is written is read, in pieces of %i bytes", async (size) => {
  expect(await read(Buffer.from(renderLines(OBJECTS, 1_000)).toString("utf8"), size)).toEqual(OBJECTS);
});

test("blank lines and CRLF are passed over, and the last line needs no end", async () => {
  expect(await read('{"a":1}\r\n\r\n\n  \n{"b":2}')).toEqual([{ a: 1 }, { b: 2 }]);
  expect(await read("")).toEqual([]);
});

test.each([
  ['{"a":1}\n{"b":', "line 2: it is not JSON"],
  ['{"a":1}\n\n[1]\n', "line 3: it is not a JSON object"],
  ["null\n", "line 1: it is not a JSON object"],
])("a line that is no object is an error with its number: %s", async (text, detail) => {
  await expect(read(text)).rejects.toMatchObject({ code: "invalid_response", detail });
});

test("a line over the limit is refused before its end has come, and so are too many lines", async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.from("x".repeat(100));
  }
  const lines = parseLines(endless(), { lineBytesMax: 1_000 });
  await expect(everything(lines)).rejects.toMatchObject({
    code: "invalid_response",
    detail: "a line is longer than 1000 bytes",
  });
  await expect(read("{}\n{}\n{}\n", 7, { linesMax: 2 })).rejects.toMatchObject({ detail: "line 3: there are more than 2" });
  await expect(read(`{"a":"${"x".repeat(50)}"}\n`, 1000, { lineBytesMax: 40 })).rejects.toMatchObject({
    code: "invalid_response",
  });
});

test("a file of lines over the vendor's limit is refused", () => {
  expect(() => renderLines(OBJECTS, 20)).toThrowError(expect.objectContaining({ code: "request_too_large" }));
});
