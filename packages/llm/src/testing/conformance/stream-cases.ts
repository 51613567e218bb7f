import { userMessage } from "../../message.ts";
import type { CompletionCall } from "../../provider.ts";
import { compareCompletions, foldEvents } from "../laws.ts";
import { AWKWARD_TEXT } from "./answer-cases.ts";
import type { ConformanceCase, OpenedProvider, ProviderSubject } from "./conformance-case.ts";
import { collect, expectGoodCompletion, expectGoodStream, expectNone, expectTrue } from "./expect.ts";
import { WEATHER_TOOL } from "./tool-cases.ts";
import { withProvider } from "./with-provider.ts";

export function streamCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const { models } = subject;
  const alike = (name: string, model: string | undefined, call: Omit<CompletionCall, "model">): ConformanceCase => ({
    name,
    ...(model === undefined ? { unavailable: "no model of this kind" } : {}),
    run: withProvider(subject, (opened) => expectSameAnswer(opened, { ...call, model: model ?? "" })),
  });
  return [
    alike("streams what it would have answered", models.text, { messages: [userMessage(`Repeat: ${AWKWARD_TEXT}`)] }),
    alike("streams tool calls as it would have answered them", models.tools, {
      messages: [userMessage("What is the weather?")],
      tools: [WEATHER_TOOL],
    }),
    alike("streams reasoning as it would have answered it", models.reasoning, {
      messages: [userMessage("Why?")],
      reasoning: { effort: "low", summary: "auto" },
    }),
    {
      name: "streams in pieces, with the time of the first",
      run: withProvider(subject, async ({ provider }) => {
        const events = await collect(
          provider.stream({ model: models.text, messages: [userMessage("Repeat: one two three four five six")] }),
        );
        expectGoodStream(events);
        expectTrue(events.filter((event) => event.type === "text-delta").length > 1, "the text came in one piece");
        const finish = events.at(-1);
        expectTrue(finish?.type === "finish" && finish.timing?.firstTokenMs !== undefined, "timing.firstTokenMs is missing");
        expectTrue(
          finish.usage.inputTokens !== undefined && finish.usage.outputTokens !== undefined,
          "the stream's usage is unknown",
        );
      }),
    },
  ];
}

/** Law 1. The two calls are two requests; what a prompt cache did in between is not compared. */
async function expectSameAnswer({ provider }: OpenedProvider, call: CompletionCall): Promise<void> {
  const completion = await provider.complete(call);
  const events = await collect(provider.stream(call));
  expectGoodStream(events);
  const streamed = foldEvents(events);
  expectGoodCompletion(streamed, provider.id);
  expectNone(
    compareCompletions(withoutMaking(completion), withoutMaking(streamed)),
    "the stream folds to something else than the completion",
  );
}

/** Ids and signatures that a vendor makes anew, and figures of its cache. */
function withoutMaking(completion: ReturnType<typeof foldEvents>): ReturnType<typeof foldEvents> {
  const { inputTokens, outputTokens, reasoningTokens } = completion.usage;
  // A signature may come on a part without text, in a stream more often than in a whole answer.
  const spoken = completion.message.parts.filter((part) => part.type !== "text" || part.text !== "");
  const parts = spoken.map((part) => {
    if (part.type === "opaque") return part;
    const { vendor: _vendor, ...rest } = part;
    return rest.type === "tool-call" ? { ...rest, id: "same" } : rest;
  });
  const { cost: _cost, ...others } = completion;
  const usage = {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
  return { ...others, usage, message: { ...completion.message, parts } };
}
