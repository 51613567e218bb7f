/** A conversation over Gemini's wire, with `@google/genai`: Gemini thinks, dies, Claude takes over, Gemini comes back. */
import { ApiError, type Content, type GenerateContentResponse, GoogleGenAI, type Part } from "@google/genai";
import { afterEach, describe, test } from "vitest";
import { type ConversationWorld, DEATHS, ROUTE, startConversationWorld, VIRTUAL_KEY } from "./conversation-world.ts";
import { type SaidTurn, type Talk, TOOL, talkAcrossCall, talkThrough } from "./talk.ts";

let world: ConversationWorld;
afterEach(() => world.close());

function talkOf(streamed: boolean): Talk {
  const client = new GoogleGenAI({ apiKey: VIRTUAL_KEY, httpOptions: { baseUrl: world.url } });
  const { name, description, input } = TOOL;
  const config = {
    tools: [{ functionDeclarations: [{ name, description, parametersJsonSchema: input }] }],
    thinkingConfig: { includeThoughts: true },
  };
  const history: Content[] = [];

  async function turn(said: Content): Promise<SaidTurn> {
    const asked = { model: ROUTE, config, contents: [...history, said] };
    const pieces = streamed ? await collect(asked) : [await client.models.generateContent(asked)];
    const parts = pieces.flatMap((piece) => piece.candidates?.[0]?.content?.parts ?? []);
    history.push(said, { role: "model", parts });
    return {
      text: parts.map((part) => (part.thought === true ? "" : (part.text ?? ""))).join(""),
      calls: parts.flatMap(({ functionCall }) =>
        functionCall?.name === undefined ? [] : [{ id: functionCall.id ?? "", name: functionCall.name }],
      ),
      model: pieces.at(-1)?.modelVersion,
      answeredBy: pieces[0]?.sdkHttpResponse?.headers?.["x-dragoman-model"],
    };
  }

  async function collect(asked: Parameters<typeof client.models.generateContentStream>[0]) {
    const pieces: GenerateContentResponse[] = [];
    for await (const piece of await client.models.generateContentStream(asked)) pieces.push(piece);
    return pieces;
  }

  const resultOf = ({ id, name: of, result }: { readonly id: string; readonly name: string; readonly result: string }): Part => ({
    functionResponse: { ...(id === "" ? {} : { id }), name: of, response: { output: result } },
  });

  return {
    say: (text) => turn({ role: "user", parts: [{ text }] }),
    give: (results) => turn({ role: "user", parts: results.map(resultOf) }),
  };
}

describe("a conversation with the SDK of Google survives", () => {
  test.each(DEATHS)("%s", async (death) => {
    world = await startConversationWorld({ first: "gemini", second: "anthropic" });
    const isError = (thrown: unknown): boolean => thrown instanceof ApiError;
    await talkThrough(world, talkOf(death !== "errors of 500"), { death, isError });
  });

  test("the first coming back between a call and its result", async () => {
    world = await startConversationWorld({ first: "gemini", second: "anthropic" });
    await talkAcrossCall(world, talkOf(false));
  });
});
