/** A conversation over Anthropic's messages, with `@anthropic-ai/sdk`: Claude dies, GPT or Gemini takes over, Claude comes back. */
import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, test } from "vitest";
import { type ConversationWorld, DEATHS, ROUTE, startConversationWorld, VIRTUAL_KEY } from "./conversation-world.ts";
import { type SaidTurn, type Talk, TOOL, talkAcrossCall, talkThrough } from "./talk.ts";

let world: ConversationWorld;
afterEach(() => world.close());

function talkOf({
  streamed,
  thinks,
}: {
  readonly streamed: boolean;
  readonly thinks: boolean;
}): Talk & { readonly history: readonly unknown[] } {
  const client = new Anthropic({ baseURL: world.url, apiKey: VIRTUAL_KEY, maxRetries: 0 });
  const history: Anthropic.MessageParam[] = [];
  const tools = [
    { name: TOOL.name, description: TOOL.description, input_schema: { ...TOOL.input, required: [...TOOL.input.required] } },
  ];

  async function turn(content: Anthropic.MessageParam["content"]): Promise<SaidTurn> {
    const asked = {
      model: ROUTE,
      max_tokens: 4_000,
      ...(thinks ? { thinking: { type: "enabled", budget_tokens: 1_024 } as const } : {}),
      tools,
      messages: [...history, { role: "user" as const, content }],
    };
    const { message, response } = streamed ? await streamedTurn(asked) : await wholeTurn(asked);
    history.push({ role: "user", content }, { role: "assistant", content: message.content });
    return {
      text: message.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
      calls: message.content.filter((block) => block.type === "tool_use").map(({ id, name }) => ({ id, name })),
      model: message.model,
      answeredBy: response.headers.get("x-dragoman-model") ?? undefined,
    };
  }

  async function wholeTurn(asked: Anthropic.MessageCreateParamsNonStreaming) {
    const { data, response } = await client.messages.create(asked).withResponse();
    return { message: data, response };
  }

  async function streamedTurn(asked: Anthropic.MessageCreateParamsNonStreaming) {
    const stream = client.messages.stream(asked);
    const message = await stream.finalMessage();
    const { response } = await stream.withResponse();
    return { message, response };
  }

  return {
    history,
    say: (text) => turn(text),
    give: (results) => turn(results.map(({ id, result }) => ({ type: "tool_result", tool_use_id: id, content: result }))),
  };
}

const isError = (thrown: unknown): boolean => thrown instanceof Anthropic.APIError;

describe("a conversation with the SDK of Anthropic survives", () => {
  test.each(DEATHS)("%s", async (death) => {
    world = await startConversationWorld({ first: "anthropic", second: "chat" });
    const talk = talkOf({ streamed: death !== "errors of 500", thinks: false });
    await talkThrough(world, talk, { death, isError, thinks: false });
  });

  test("refused connections, while the first thinks", async () => {
    world = await startConversationWorld({ first: "anthropic", second: "chat" });
    await talkThrough(world, talkOf({ streamed: true, thinks: true }), { death: "refused connections", isError });
  });

  describe.each(["responses", "gemini"] as const)("while both think, the second over %s", (second) => {
    test.each(DEATHS)("%s", async (death) => {
      world = await startConversationWorld({ first: "anthropic", second });
      const talk = talkOf({ streamed: death !== "errors of 500", thinks: true });
      await talkThrough(world, talk, { death, isError });
      // The second's thoughts stand unsigned in what the client sent to the first.
      expect(JSON.stringify(talk.history)).toContain('"signature":""');
    });

    test("the first coming back between a call and its result", async () => {
      world = await startConversationWorld({ first: "anthropic", second });
      await talkAcrossCall(world, talkOf({ streamed: true, thinks: true }));
    });
  });

  test("the first coming back between a call and its result", async () => {
    world = await startConversationWorld({ first: "anthropic", second: "chat" });
    await talkAcrossCall(world, talkOf({ streamed: false, thinks: false }));
  });
});
