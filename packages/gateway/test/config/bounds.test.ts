/** Bounds that a configuration may move: how they are written, within which range, and that they hold. */
import { fold } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { ConfigurationError, completeConfiguration, parseConfiguration, renderConfiguration } from "../../src/config/index.ts";
import { createGateway } from "../../src/create-gateway.ts";
import { asking } from "../calls/gateway-fixture.ts";

function read(text: string) {
  return parseConfiguration(text, { format: "yaml" }).configuration;
}

function problemOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ path, message }) => `${path}: ${message}`).join("\n");
  }
  throw new Error(`${text} was taken`);
}

describe("a bound of the configuration", () => {
  it("is what it was before where nobody says otherwise", () => {
    expect(read("").server).toMatchObject({ connectionsMax: 10_000, unreadMsMax: 120_000 });
    expect(read("providers: { openai: {} }").providers.openai).not.toHaveProperty("streamBytesMax");
  });

  it("is read from a file, from a program, and written back", () => {
    const text = "server: { connections_max: 50, unread_max: 1m30s }\nproviders: { openai: { stream_max: 2MiB } }\n";
    const configuration = read(text);
    expect(configuration.server).toMatchObject({ connectionsMax: 50, unreadMsMax: 90_000 });
    expect(configuration.providers.openai).toMatchObject({ streamBytesMax: 2 * 1024 * 1024 });
    expect(completeConfiguration({ server: configuration.server, providers: configuration.providers })).toEqual(configuration);
    expect(read(renderConfiguration(configuration))).toEqual(configuration);
  });

  it.each([
    ["server: { connections_max: 0 }", "server.connections_max: it must be a whole number from 1 to 1000000"],
    ["server: { connections_max: 2000000 }", "server.connections_max: it must be a whole number from 1 to 1000000"],
    ["server: { unread_max: 10ms }", "server.unread_max: it must be 1s or longer"],
    ["server: { unread_max: 30 }", "server.unread_max: it must be a duration"],
    ["providers: { openai: { stream_max: 0MiB } }", "providers.openai.stream_max: it must be a size"],
    ["providers: { openai: { stream_max: 128 } }", "providers.openai.stream_max: it must be a size"],
  ])("is refused out of its range: %s", (text, message) => {
    expect(problemOf(text)).toContain(message);
  });

  it("holds for a provider's streams, and leaves the others as they are", async () => {
    const vendor = await startFakeVendor("openai");
    const row = { type: "openai", baseUrl: vendor.baseUrl, key: "env:KEY" };
    const configuration = completeConfiguration({
      providers: { short: { ...row, streamBytesMax: 300 }, long: row },
      failing: { attemptsPerTarget: 1 },
      directModels: true,
    });
    const gateway = await createGateway(configuration, { environment: { KEY: "sk-of-a-test-0123456789" } });
    onTestFinished(async () => {
      await gateway.close();
      await vendor.close();
    });
    const errorOf = async (model: string) => {
      for await (const event of gateway.stream(asking(model))) if (event.type === "error") return event.error;
      return undefined;
    };
    expect(await errorOf("short:gpt-4.1-mini")).toMatchObject({
      code: "invalid_response",
      detail: "the stream is longer than 300 bytes",
    });
    expect((await fold(gateway.stream(asking("long:gpt-4.1-mini")))).finish.reason).toBe("stop");
  });
});
