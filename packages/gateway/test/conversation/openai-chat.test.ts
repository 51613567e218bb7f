/** A conversation over OpenAI's chat wire, with the `openai` package: GPT dies, Claude takes over, GPT comes back. */
import OpenAI from "openai";
import { ChatCompletionStream } from "openai/lib/ChatCompletionStream";
import { afterEach, describe, test } from "vitest";
import { type ConversationWorld, DEATHS, ROUTE, startConversationWorld, VIRTUAL_KEY } from "./conversation-world.ts";
import { type SaidTurn, type Talk, TOOL, talkAcrossCall, talkThrough } from "./talk.ts";

let world: ConversationWorld;
afterEach(() => world.close());

type ChatMessage = OpenAI.Chat.ChatCompletionMessageParam;

function talkOf(streamed: boolean): Talk {
  const client = new OpenAI({ baseURL: `${world.url}/v1`, apiKey: VIRTUAL_KEY, maxRetries: 0 });
  const { name, description, input } = TOOL;
  const tools = [{ type: "function" as const, function: { name, description, parameters: input, strict: true } }];
  const history: ChatMessage[] = [];

  async function turn(said: readonly ChatMessage[]): Promise<SaidTurn> {
    const asked = { model: ROUTE, tools, messages: [...history, ...said] };
    const { completion, response } = streamed ? await streamedTurn(asked) : await wholeTurn(asked);
    const message = completion.choices[0]?.message;
    if (message === undefined) throw new Error("the answer has no message");
    history.push(...said, message);
    const calls = (message.tool_calls ?? []).filter((call) => call.type === "function");
    return {
      text: message.content ?? "",
      calls: calls.map((call) => ({ id: call.id, name: call.function.name })),
      model: completion.model,
      answeredBy: response.headers.get("x-dragoman-model") ?? undefined,
    };
  }

  type Asked = Omit<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming, "stream">;

  async function wholeTurn(asked: Asked) {
    const { data, response } = await client.chat.completions.create(asked).withResponse();
    return { completion: data, response };
  }

  async function streamedTurn(asked: Asked) {
    const sent = client.chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } });
    const { data, response } = await sent.withResponse();
    const completion = await ChatCompletionStream.fromReadableStream(data.toReadableStream()).finalChatCompletion();
    return { completion, response };
  }

  return {
    say: (text) => turn([{ role: "user", content: text }]),
    give: (results) => turn(results.map(({ id, result }) => ({ role: "tool", tool_call_id: id, content: result }))),
  };
}

describe("a conversation with the SDK of OpenAI over chat survives", () => {
  test.each(DEATHS)("%s", async (death) => {
    world = await startConversationWorld({ first: "chat", second: "anthropic" });
    const isError = (thrown: unknown): boolean => thrown instanceof OpenAI.APIError;
    await talkThrough(world, talkOf(death !== "errors of 500"), { death, isError });
  });

  test("the first coming back between a call and its result", async () => {
    world = await startConversationWorld({ first: "chat", second: "anthropic" });
    await talkAcrossCall(world, talkOf(false));
  });
});
