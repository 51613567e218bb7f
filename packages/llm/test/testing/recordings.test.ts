import { describe, expect, it } from "vitest";
import type { Dialect, StreamParser } from "../../src/dialect.ts";
import { createOpenAIChatDialect } from "../../src/dialects/openai-chat/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { StreamEvent } from "../../src/stream.ts";
import { checkCompletion } from "../../src/testing/recordings/check-completion.ts";
import { checkRequest } from "../../src/testing/recordings/check-request.ts";
import { checkStreamAnswer } from "../../src/testing/recordings/check-stream.ts";
import { parseRecording, playRecording, type RecordingReport } from "../../src/testing/recordings/index.ts";
import { unitsOf } from "../../src/testing/recordings/raw-stream.ts";
import { readChunks } from "../../src/testing/recordings/read-stream.ts";
import { type Finding, Findings } from "../../src/testing/recordings/report.ts";
import { WIRES } from "../../src/testing/recordings/wires.ts";
import {
  anthropicAnswer,
  bedrockAnswer,
  bedrockStream,
  brokenChatStream,
  chatAnswer,
  chatStream,
  geminiArrayStream,
  modelListing,
  ollamaLoaded,
  ollamaShown,
  ollamaStream,
  responsesAnswer,
  sample,
  spentQuota,
  sse,
  tokenCount,
  unspokenAnswer,
} from "./recordings-samples.ts";

function play(value: unknown): Promise<RecordingReport> {
  return playRecording(parseRecording(value, "sample.json"));
}

const REPLAYED = { exchange: 0, status: "replayed" };

describe("playRecording", () => {
  it.each([
    ["a chat answer", chatAnswer],
    ["a chat stream", chatStream],
    ["a chat stream that broke off", brokenChatStream],
    ["an HTTP error", spentQuota],
    ["a message", anthropicAnswer],
    ["a response", responsesAnswer],
    ["a stream as a JSON array", geminiArrayStream],
    ["a stream of lines", ollamaStream],
    ["loaded models", ollamaLoaded],
    ["a shown model", ollamaShown],
    ["a listing", modelListing],
    ["a count of tokens", tokenCount],
    ["an answer of Bedrock", bedrockAnswer],
    ["binary frames", bedrockStream],
  ])("finds nothing wrong with %s", async (_name, value) => {
    expect((await play(value)).exchanges).toEqual([REPLAYED]);
  });

  it("leaves out what no dialect speaks, with the reason", async () => {
    const unheard = sample({ wire: "semaphore", api: "wave", body: {} });
    expect((await play(unspokenAnswer)).exchanges).toMatchObject([
      { status: "skipped", reason: "no dialect speaks this wire yet" },
    ]);
    expect((await play(unheard)).exchanges).toMatchObject([
      { status: "skipped", reason: "no dialect speaks the wire semaphore" },
    ]);
  });

  it("finds nothing wrong with fields that nobody knows", async () => {
    const body = {
      id: "x",
      model: "sample-model",
      novelty: { a: 1 },
      choices: [{ index: 0, message: { role: "assistant", content: "Noon.", mood: "calm" }, finish_reason: "stop", glow: 3 }],
    };
    expect((await play(sample({ wire: "openai-chat", api: "chat.completions", body }))).exchanges).toEqual([REPLAYED]);
  });

  it("takes an error page of a proxy for an error", async () => {
    const page = sample({
      wire: "openai-chat",
      api: "chat.completions",
      status: 502,
      text: "<html><title>Bad gateway</title></html>",
    });
    expect((await play(page)).exchanges).toEqual([REPLAYED]);
  });

  it("expects a stream that cannot be read to end in an error", async () => {
    const garbled = sample({
      wire: "openai-chat",
      api: "chat.completions",
      text: sse({ choices: [{ index: 0, delta: { content: "x" }, finish_reason: "stop" }] }).replace("data: {", "data: {{"),
      headers: { "content-type": "text/event-stream" },
    });
    expect((await play(garbled)).exchanges).toEqual([REPLAYED]);
  });
});

/** The chat dialect with one fault. */
function faulty(fault: Partial<Dialect>): Dialect {
  return { ...createOpenAIChatDialect({}), ...fault };
}

function checksOf(findings: Findings): string {
  return findings.list.map((finding: Finding) => finding.check).join("\n");
}

const CONTEXT = { provider: "openai", model: "sample-model" };
const CLIENT = { model: "sample-model", echo: {} };
const wire = WIRES["openai-chat"];
if (wire === undefined) throw new Error("the wire openai-chat is gone");

describe("a dialect with a fault is found out", () => {
  const good = createOpenAIChatDialect({});

  function answerFindings(dialect: Dialect, clientDialect = good): string {
    const [exchange] = parseRecording(chatAnswer, "sample.json").exchanges;
    const body = exchange?.response.payload.type === "json" ? exchange.response.payload.value : undefined;
    const findings = new Findings();
    checkCompletion(body, wire?.answers.readAnswer(body) ?? failTest(), { dialect, clientDialect }, CONTEXT, CLIENT, findings);
    return checksOf(findings);
  }

  function streamFindings(dialect: Dialect, recorded: unknown = chatStream): string {
    const [exchange] = parseRecording(recorded, "sample.json").exchanges;
    const text = exchange?.response.payload.type === "text" ? exchange.response.payload.text : "";
    const units = unitsOf(text, "sse");
    const events = readChunks([Buffer.from(text)], dialect.parseStream(CONTEXT), "sse");
    const stream = { text, framing: "sse", units, facts: wire?.answers.readStream(units) ?? failTest() } as const;
    const findings = new Findings();
    checkStreamAnswer(events, stream, { dialect, clientDialect: good }, CONTEXT, CLIENT, findings);
    return checksOf(findings);
  }

  function requestFindings(dialect: Dialect): string {
    const recording = parseRecording(chatAnswer, "sample.json");
    const [exchange] = recording.exchanges;
    const findings = new Findings();
    if (exchange !== undefined && wire !== undefined) checkRequest(recording, exchange, wire, dialect, findings);
    return checksOf(findings);
  }

  function failTest(): never {
    throw new Error("the wire openai-chat has no reader");
  }

  it("while a good one is not", () => {
    expect(answerFindings(good)).toBe("");
    expect(requestFindings(good)).toBe("");
  });

  it("that counts wrongly", () => {
    const parseResponse: Dialect["parseResponse"] = (body, context) => ({
      ...good.parseResponse(body, context),
      usage: { inputTokens: 9, outputTokens: 5 },
    });
    expect(answerFindings(faulty({ parseResponse }))).toContain("answer usage outputTokens");
  });

  it("that loses text", () => {
    const parseResponse: Dialect["parseResponse"] = (body, context) => {
      const completion = good.parseResponse(body, context);
      return { ...completion, message: { ...completion.message, parts: [] } };
    };
    expect(answerFindings(faulty({ parseResponse }))).toContain("answer text");
  });

  it("that drops a setting and says nothing, but not one that says so", () => {
    const drop =
      (warnings: boolean): Dialect["renderRequest"] =>
      (request, context) => {
        const { temperature: _temperature, ...rest } = request;
        const rendered = good.renderRequest(rest, context);
        return warnings
          ? { ...rendered, warnings: [{ type: "unsupported", path: "temperature", detail: "left out" }] }
          : rendered;
      };
    expect(requestFindings(faulty({ renderRequest: drop(false) }))).toBe("request setting temperature without a warning");
    expect(requestFindings(faulty({ renderRequest: drop(true) }))).toBe("");
  });

  it("that refuses what the vendor took", () => {
    const parseRequest: Dialect["parseRequest"] = () => {
      throw new DragomanError({ code: "invalid_request", detail: "no" });
    };
    expect(requestFindings(faulty({ parseRequest }))).toBe("request parseRequest");
  });

  it("that renders an answer with a loss", () => {
    const renderResponse: Dialect["renderResponse"] = (completion, client) => {
      const rendered = good.renderResponse({ ...completion, usage: {} }, client);
      return { ...rendered, warnings: [] };
    };
    expect(answerFindings(good, faulty({ renderResponse }))).toContain("answer law 2 usage");
  });

  it("that takes a broken stream for a success", () => {
    expect(streamFindings(faulty({ parseStream: (context) => neverTruncated(good.parseStream(context)) }))).toContain(
      "stream cut after",
    );
    const broken = faulty({ parseStream: (context) => neverTruncated(good.parseStream(context)) });
    expect(streamFindings(broken, brokenChatStream)).toContain("stream law 3: unterminated");
  });

  it("that leaves a part open", () => {
    const parseStream: Dialect["parseStream"] = (context) => without(good.parseStream(context), "tool-call-end");
    expect(streamFindings(faulty({ parseStream }))).toContain("while tool-call");
  });
});

/** A parser whose errors are turned into a finish. */
function neverTruncated(parser: StreamParser): StreamParser {
  const settle = (out: StreamEvent[]): void => {
    const last = out.at(-1);
    if (last?.type === "error") out.splice(-1, 1, { type: "finish", finish: { reason: "stop" }, usage: {} });
  };
  return {
    push(event, out) {
      parser.push(event, out);
      settle(out);
    },
    end(out) {
      parser.end(out);
      settle(out);
    },
  };
}

function without(parser: StreamParser, type: StreamEvent["type"]): StreamParser {
  const filter = (out: StreamEvent[]): void => {
    for (let index = out.length - 1; index >= 0; index--) if (out[index]?.type === type) out.splice(index, 1);
  };
  return {
    push(event, out) {
      parser.push(event, out);
      filter(out);
    },
    end(out) {
      parser.end(out);
      filter(out);
    },
  };
}
