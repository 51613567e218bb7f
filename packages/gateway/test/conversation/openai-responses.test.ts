/** A conversation over OpenAI's responses wire, with the `openai` package: GPT thinks, dies, another takes over, GPT comes back. */
import OpenAI from "openai";
import { afterEach, describe, expect, test } from "vitest";
import { type ConversationWorld, DEATHS, ROUTE, startConversationWorld, VIRTUAL_KEY } from "./conversation-world.ts";
import { type SaidTurn, type Talk, TOOL, talkAcrossCall, talkThrough } from "./talk.ts";

let world: ConversationWorld;
afterEach(() => world.close());

type Item = OpenAI.Responses.ResponseInputItem;

function talkOf(streamed: boolean): Talk & { readonly history: readonly Item[] } {
  const client = new OpenAI({ baseURL: `${world.url}/v1`, apiKey: VIRTUAL_KEY, maxRetries: 0 });
  const { name, description, input } = TOOL;
  const tools = [{ type: "function" as const, name, description, parameters: input, strict: true }];
  const history: Item[] = [];

  async function turn(said: readonly Item[]): Promise<SaidTurn> {
    const asked = {
      model: ROUTE,
      tools,
      store: false,
      reasoning: { effort: "low", summary: "auto" } as const,
      include: ["reasoning.encrypted_content" as const],
      input: [...history, ...said],
    };
    const { answer, response } = streamed ? await streamedTurn(asked) : await wholeTurn(asked);
    history.push(...said, ...answer.output.filter(isKept));
    return {
      text: answer.output_text,
      calls: answer.output.flatMap((item) => (item.type === "function_call" ? [{ id: item.call_id, name: item.name }] : [])),
      model: answer.model,
      answeredBy: response.headers.get("x-dragoman-model") ?? undefined,
    };
  }

  async function wholeTurn(asked: OpenAI.Responses.ResponseCreateParamsNonStreaming) {
    const { data, response } = await client.responses.create(asked).withResponse();
    return { answer: data, response };
  }

  async function streamedTurn(asked: OpenAI.Responses.ResponseCreateParamsNonStreaming) {
    const { data, response } = await client.responses.create({ ...asked, stream: true }).withResponse();
    let answer: OpenAI.Responses.Response | undefined;
    for await (const event of data) {
      if (event.type === "response.completed") answer = event.response;
      if (event.type === "error" || event.type === "response.failed")
        throw new OpenAI.APIError(undefined, event, "it failed", undefined);
    }
    if (answer === undefined) throw new Error("the stream ended without a word");
    const text = answer.output.flatMap((item) => (item.type === "message" ? item.content : []));
    const output_text = text.map((part) => (part.type === "output_text" ? part.text : "")).join("");
    return { answer: { ...answer, output_text }, response };
  }

  return {
    history,
    say: (text) => turn([{ role: "user", content: text }]),
    give: (results) => turn(results.map(({ id, result }) => ({ type: "function_call_output", call_id: id, output: result }))),
  };
}

/** All that this conversation has. The package's types of what comes and of what goes differ in items that it has not. */
function isKept(item: OpenAI.Responses.ResponseOutputItem) {
  return item.type === "message" || item.type === "reasoning" || item.type === "function_call";
}

const SECONDS = ["gemini without thoughts", "gemini", "anthropic"] as const;

describe.each(SECONDS)("a conversation with the SDK of OpenAI over responses, with %s beside it, survives", (second) => {
  test.each(DEATHS)("%s", async (death) => {
    world = await startConversationWorld({ first: "responses", second });
    const isError = (thrown: unknown): boolean => thrown instanceof OpenAI.APIError;
    const talk = talkOf(death !== "errors of 500");
    await talkThrough(world, talk, { death, isError });
    const prefix = second === "gemini without thoughts" ? "msg" : "rs";
    expect(JSON.stringify(talk.history)).toContain(`"id":"${prefix}_dragoman_`);
  });

  test("the first coming back between a call and its result", async () => {
    world = await startConversationWorld({ first: "responses", second });
    await talkAcrossCall(world, talkOf(false));
  });
});
