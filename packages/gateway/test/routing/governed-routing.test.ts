import { type CompletionCall, toDragomanError } from "@dragoman/llm";
import { describe, expect, it } from "vitest";
import { asking, startGatewayFixture } from "../calls/gateway-fixture.ts";
import { seeded } from "./routing-fixture.ts";

const TARGETS = ["openai:gpt-4.1-mini", "anthropic:claude-sonnet-4-5"];

describe("a governed conversation", () => {
  it("stays with who answered it, by its session and by its beginning", async () => {
    const { gateway } = await startGatewayFixture(
      { models: { smart: { strategy: "weight", targets: TARGETS } } },
      { random: seeded(3) },
    );
    const answeredBy = async (request: CompletionCall) => (await gateway.complete(request)).origin.provider;
    const session = asking("smart", "hello", { metadata: { session: "s-1" } });
    const first = await answeredBy(session);
    for (let turn = 0; turn < 6; turn++) expect(await answeredBy(session)).toBe(first);
    const [record] = (await gateway.ledger.calls({})).calls;
    expect(record?.decision).toMatchObject({
      sticky: expect.stringContaining(first),
      candidates: [{ reasons: ["has the session", "weight 1 of 2"] }, {}],
    });
    // Equal calls that are no conversation go where chance sends them.
    const drawn = new Set<string>();
    for (let call = 0; call < 12; call++) drawn.add(await answeredBy(asking("smart", "ping")));
    expect(drawn.size).toBe(2);
    const opened = await gateway.complete(asking("smart", "Book a room."));
    const later: CompletionCall = {
      ...asking("smart", "Book a room."),
      messages: [...asking("smart", "Book a room.").messages, opened.message, ...asking("smart", "Monday.").messages],
    };
    for (let turn = 0; turn < 4; turn++) expect(await answeredBy(later)).toBe(opened.origin.provider);
  });

  it("passes a target over while its breaker is open, and says so", async () => {
    const { gateway, openai } = await startGatewayFixture({
      models: { smart: { targets: ["openai:overloaded", TARGETS[1] ?? ""] } },
      failing: { attemptsPerTarget: 1, breaker: { failures: 2 } },
    });
    for (let call = 0; call < 3; call++) await gateway.complete(asking("smart"));
    expect(openai.requests.length).toBe(2);
    const [record] = (await gateway.ledger.calls({})).calls;
    expect(record?.attempts).toMatchObject([{ provider: "anthropic", outcome: "answered" }]);
    expect(record?.decision.candidates[1]).toMatchObject({
      target: "openai:overloaded",
      reasons: ["stands at place 1", expect.stringMatching(/^is left alone for now: 2 calls in a row failed/)],
    });
  });

  it("is refused with the nearest name where its route does not exist", async () => {
    const { gateway } = await startGatewayFixture({ models: { smart: { targets: TARGETS } } });
    const error = toDragomanError(await gateway.complete(asking("smrt")).catch((thrown: unknown) => thrown));
    expect(error).toMatchObject({ code: "unknown_model", advice: expect.stringContaining("smart") });
  });
});
