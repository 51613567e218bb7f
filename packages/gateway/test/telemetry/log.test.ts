import { Secret } from "@dragoman/llm";
import { describe, expect, it } from "vitest";
import { createLog } from "../../src/telemetry/log.ts";
import { asking, startGatewayFixture, VENDOR_KEY } from "../calls/gateway-fixture.ts";
import { serveGatewayFixture } from "./served-gateway.ts";

const OPENAI = "openai:gpt-4.1-mini";
const ANTHROPIC = "anthropic:claude-sonnet-4-5";

/** A log that is kept, a line an entry. */
async function keptLog(format: "json" | "text", logLevel: "debug" | "info" | "warn" | "silent" = "info") {
  const lines: string[] = [];
  const observer = await createLog({ format, logLevel, write: (line) => void lines.push(line) });
  return { lines, observer };
}

function parsed(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? "");
}

describe("the log as JSON", () => {
  it("has one line a call, with who asked, who answered, and what it took", async () => {
    const { lines, observer } = await keptLog("json");
    const { chat, gateway } = await serveGatewayFixture({ models: { smart: OPENAI } }, { observers: [observer] });
    const response = await chat("smart", {}, { "x-dragoman-agent": "researcher", "x-dragoman-session": "s-1" });
    await response.text();
    const [record] = (await gateway.ledger.calls({})).calls;
    expect(lines.length).toBe(1);
    expect(lines[0]?.endsWith("\n")).toBe(true);
    expect(parsed(lines[0])).toMatchObject({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      event: "call.closed",
      id: response.headers.get("x-request-id"),
      operation: "complete",
      dialect: "openai-chat",
      key: "local",
      agent: "researcher",
      session: "s-1",
      asked: "smart",
      route: "smart",
      provider: "openai",
      outcome: "answered",
      finish: "stop",
      inputTokens: record?.usage.inputTokens,
      outputTokens: record?.usage.outputTokens,
      costUsd: record?.costUsd,
      attempts: 1,
    });
  });

  it("warns of a call that failed, with its code, and tells one that was refused without a warning", async () => {
    const { lines, observer } = await keptLog("json");
    const { gateway } = await startGatewayFixture(
      { models: { hopeless: "openai:fault-500" }, failing: { attemptsPerTarget: 1 } },
      { observers: [observer] },
    );
    await gateway.complete(asking("hopeless")).catch(() => {});
    await gateway.complete(asking("unheard-of")).catch(() => {});
    expect(parsed(lines[0])).toMatchObject({ level: 40, outcome: "failed", code: "vendor_error", attempts: 1 });
    expect(parsed(lines[1])).toMatchObject({ level: 30, outcome: "refused", code: "unknown_model", attempts: 0 });
  });

  it("tells what happens beside calls", async () => {
    const { lines, observer } = await keptLog("json");
    const { gateway } = await startGatewayFixture(
      { models: { hopeless: "openai:fault-500" }, failing: { attemptsPerTarget: 1, breaker: { failures: 1 } } },
      { observers: [observer] },
    );
    await gateway.complete(asking("hopeless")).catch(() => {});
    const notice = lines.map(parsed).find(({ event }) => event === "target.open");
    expect(notice).toMatchObject({ level: 40, msg: expect.stringContaining("openai:fault-500") });
  });

  it("is one line also where names hold line breaks", async () => {
    const { lines, observer } = await keptLog("json");
    const { gateway } = await startGatewayFixture({ models: { smart: OPENAI } }, { observers: [observer] });
    await gateway.complete(asking('no\n{"event":"forged"}')).catch(() => {});
    expect(lines.join("").trimEnd().split("\n").length).toBe(1);
  });
});

describe("the log as text", () => {
  it("has a sentence a call: who answered for what, how long, tokens, cost, attempts", async () => {
    const { lines, observer } = await keptLog("text");
    const { gateway } = await startGatewayFixture(
      { models: { smart: { targets: ["openai:fault-overloaded"], fallback: [ANTHROPIC] } }, failing: { attemptsPerTarget: 1 } },
      { observers: [observer] },
    );
    await gateway.complete(asking("smart"));
    expect(lines).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d answered anthropic:claude-sonnet-4-5 for smart in \d+ ms, \d+ \+ \d+ tokens, 0\.0\d+ USD, 2 attempts\n$/,
      ),
    ]);
  });

  it("says nothing below its level", async () => {
    const [warnings, silent] = [await keptLog("text", "warn"), await keptLog("text", "silent")];
    const { gateway } = await startGatewayFixture(
      { models: { smart: OPENAI, hopeless: "openai:fault-500" }, failing: { attemptsPerTarget: 1 } },
      { observers: [warnings.observer, silent.observer] },
    );
    await gateway.complete(asking("smart"));
    await gateway.complete(asking("hopeless")).catch(() => {});
    expect(warnings.lines).toEqual([expect.stringMatching(/ warn: failed hopeless in \d+ ms.*: vendor_error: /)]);
    expect(silent.lines).toEqual([]);
  });
});

describe("what a client wrote, in the log as text", () => {
  // Known fault: names of models are written as they came. To be a plain `it` once it is mended.
  it("cannot begin a line of its own, nor paint the terminal", async () => {
    const { lines, observer } = await keptLog("text");
    const { gateway } = await startGatewayFixture({ models: { smart: OPENAI } }, { observers: [observer] });
    await gateway.complete(asking("no\n12:00:00 answered all\u001b[31m")).catch(() => {});
    expect(lines.length).toBe(1);
    for (const character of ["\n", "\u001b"]) expect(lines[0]?.trimEnd()).not.toContain(character);
  });
});

describe.each(["json", "text"] as const)("the log as %s keeps to itself", (format) => {
  it("prompts, answers, keys of callers and of vendors, also where a vendor repeats them", async () => {
    const { lines, observer } = await keptLog(format, "debug");
    const echo = { type: "error", status: 401, message: `wrong key ${VENDOR_KEY} in your request` } as const;
    const { chat, gateway } = await serveGatewayFixture(
      { models: { smart: OPENAI, turned: "openai:echoes-the-key" }, failing: { attemptsPerTarget: 1 } },
      { observers: [observer], vendor: { script: (model) => (model === "echoes-the-key" ? echo : undefined) } },
    );
    const { key } = await gateway.tenancy.createKey({ name: "anna" }, "test");
    const headers = { authorization: `Bearer ${key}` };
    const question = { messages: [{ role: "user", content: "the word is xylophone" }] };
    expect(await (await chat("smart", question, headers)).text()).toContain("xylophone");
    await (await chat("turned", question, headers)).text();
    await (await chat("smart", question, { authorization: "Bearer dgm_aaaaaaaaaaaaaaaa_wrongwrongwrong" })).text();
    observer.noticed?.({ level: "warn", event: "key.seen", message: `a key ${new Secret(VENDOR_KEY).reveal()} went by` });
    const all = lines.join("");
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(all).not.toContain("xylophone");
    expect(all).not.toContain(VENDOR_KEY);
    expect(all).not.toContain(key);
    expect(all).not.toContain("wrongwrongwrong");
  });
});
