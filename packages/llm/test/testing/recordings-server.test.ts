import { afterEach, describe, expect, it } from "vitest";
import { createRandom, cutIntoChunks } from "../../src/testing/recordings/chunking.ts";
import { parseRecording, type RecordingServer, startRecordingServer } from "../../src/testing/recordings/index.ts";
import { chatAnswer, chatStream } from "./recordings-samples.ts";

let server: RecordingServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe("startRecordingServer", () => {
  it("answers the address of an exchange with what was recorded", async () => {
    const recording = parseRecording(chatStream, "chat");
    server = await startRecordingServer([recording]);
    const answer = await fetch(server.exchangeUrl(recording, 0), { method: "POST", body: "{}" });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const payload = recording.exchanges[0]?.response.payload;
    expect(await answer.text()).toBe(payload?.type === "text" ? payload.text : undefined);
  });

  it("plays a recording in order behind a base URL, and refuses what was not recorded", async () => {
    const recording = parseRecording(chatAnswer, "chat");
    server = await startRecordingServer([recording]);
    const url = `${server.baseUrl(recording)}/chat/completions`;
    expect((await fetch(url.replace("chat/completions", "embeddings"), { method: "POST" })).status).toBe(404);
    expect(await (await fetch(url, { method: "POST" })).json()).toMatchObject({ id: "chatcmpl-2" });
    expect((await fetch(url, { method: "POST" })).status).toBe(404);
  });

  it("forgets a recording that was removed", async () => {
    const recording = parseRecording(chatAnswer, "chat");
    server = await startRecordingServer([recording]);
    const { remove, exchangeUrl } = server;
    remove(recording);
    expect(() => exchangeUrl(recording, 0)).toThrow("not served");
  });
});

describe("parseRecording", () => {
  it("says what a file lacks", () => {
    expect(() => parseRecording([], "a.json")).toThrow("a.json is not a recording: it is not a JSON object");
    expect(() => parseRecording({ wire: "x", exchanges: [] }, "a.json")).toThrow("no exchanges");
    expect(() => parseRecording({ wire: "x", exchanges: [{ response: { status: 200 } }] }, "a.json")).toThrow(
      "none of body, text and base64",
    );
  });

  it("passes over fields that it does not know", () => {
    expect(parseRecording({ ...chatAnswer, novelty: true }, "a.json").exchanges).toHaveLength(1);
  });
});

describe("cutIntoChunks", () => {
  const bytes = Buffer.from("Zwölf Uhr 🕛 und dreißig Sekunden".repeat(20));

  it("loses no byte, and cuts alike for the same seed", () => {
    const cut = (seed: number): number[] =>
      cutIntoChunks(bytes, { type: "random", seed, piecesMax: 30 }).map((piece) => piece.length);
    const pieces = cutIntoChunks(bytes, { type: "random", seed: 7, piecesMax: 30 });
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.length).toBeLessThanOrEqual(30);
    expect(cut(7)).toEqual(cut(7));
    expect(cut(7)).not.toEqual(cut(8));
  });

  it("goes down to single bytes", () => {
    expect(cutIntoChunks(bytes, { type: "bytes" })).toHaveLength(bytes.length);
    expect(cutIntoChunks(new Uint8Array(), { type: "whole" })).toEqual([]);
  });

  it("draws numbers in [0, 1)", () => {
    const random = createRandom(3);
    const drawn = Array.from({ length: 1000 }, random);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    expect(new Set(drawn).size).toBeGreaterThan(990);
  });
});
