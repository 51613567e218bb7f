import { type AssistantMessage, type Message, textOf, toolCallsOf, toolResult, userMessage } from "../../message.ts";
import type { ConformanceCase, ProviderSubject } from "./conformance-case.ts";
import { expectTrue } from "./expect.ts";
import { WEATHER_TOOL } from "./tool-cases.ts";
import { withProvider } from "./with-provider.ts";

/** What another maker left behind: an id that few accept, reasoning with a signature that nobody here can check. */
const FOREIGN_TURN: AssistantMessage = {
  role: "assistant",
  origin: { dialect: "elsewhere", provider: "elsewhere", model: "elsewhere-1" },
  parts: [
    { type: "reasoning", text: "I should look it up.", vendor: { elsewhere: { signature: "c2lnbmF0dXJl" } } },
    { type: "text", text: "One moment." },
    {
      type: "tool-call",
      id: "call|with:odd/characters/and/a/length/that/goes/beyond/sixty-four/characters/in/all",
      name: "get_weather",
      arguments: { city: "Oslo" },
    },
  ],
};

export function historyCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const model = subject.models.tools ?? "";
  const noTools = subject.models.tools === undefined ? { unavailable: "no model calls tools" } : {};
  const thinker = subject.models.reasoning ?? "";
  const noReasoning = subject.models.reasoning === undefined ? { unavailable: "no model shows reasoning" } : {};
  return [
    {
      name: "goes on from another maker's turn and reports what could not travel",
      ...noTools,
      run: withProvider(subject, async ({ provider }) => {
        const [call] = toolCallsOf(FOREIGN_TURN);
        expectTrue(call !== undefined, "the sample has no call");
        const messages: Message[] = [userMessage("What is the weather?"), FOREIGN_TURN, toolResult(call, "sunny-in-Oslo")];
        const completion = await provider.complete({ model, messages, tools: [WEATHER_TOOL] });
        expectTrue(
          textOf(completion.message).includes("sunny-in-Oslo"),
          `the result did not arrive: ${textOf(completion.message)}`,
        );
        expectTrue(
          completion.warnings.some((warning) => warning.type === "handoff"),
          "nothing was reported",
        );
      }),
    },
    {
      name: "repairs a call without its result",
      ...noTools,
      run: withProvider(subject, async ({ provider }) => {
        const messages: Message[] = [userMessage("What is the weather?"), FOREIGN_TURN, userMessage("Never mind. Hello?")];
        const completion = await provider.complete({ model, messages, tools: [WEATHER_TOOL] });
        expectTrue(
          completion.warnings.some((warning) => warning.type === "handoff" && /result/.test(warning.detail)),
          "the repair was not reported",
        );
      }),
    },
    {
      name: "repairs a result without its call",
      ...noTools,
      run: withProvider(subject, async ({ provider }) => {
        const orphan = toolResult({ id: "call_gone", name: "get_weather" }, "a-lost-result");
        const completion = await provider.complete({
          model,
          messages: [userMessage("Hello."), orphan, userMessage("And?")],
          tools: [WEATHER_TOOL],
        });
        expectTrue(
          completion.warnings.some((warning) => warning.type === "handoff"),
          "the repair was not reported",
        );
      }),
    },
    {
      name: "takes its own reasoning back",
      ...noReasoning,
      run: withProvider(subject, async ({ provider }) => {
        const messages: Message[] = [userMessage("What is the weather?")];
        const reasoning = { effort: "low" as const, summary: "auto" as const };
        const tools = [WEATHER_TOOL];
        const first = await provider.complete({ model: thinker, messages, tools, reasoning });
        const calls = toolCallsOf(first.message);
        messages.push(
          first.message,
          ...calls.map((call) => toolResult(call, "sunny")),
          ...(calls.length === 0 ? [userMessage("Go on.")] : []),
        );
        const second = await provider.complete({ model: thinker, messages, tools, reasoning });
        expectTrue(textOf(second.message) !== "", "no answer followed");
        expectTrue(
          !second.warnings.some((warning) => warning.type === "handoff"),
          `its own turn was handed off: ${JSON.stringify(second.warnings)}`,
        );
      }),
    },
    {
      name: "takes a conversation that went through JSON",
      ...noReasoning,
      run: withProvider(subject, async ({ provider }) => {
        const first = await provider.complete({
          model: thinker,
          messages: [userMessage("Why?")],
          reasoning: { effort: "low", summary: "auto" },
        });
        const stored: AssistantMessage = JSON.parse(JSON.stringify(first.message));
        const second = await provider.complete({
          model: thinker,
          messages: [userMessage("Why?"), stored, userMessage("And then?")],
          reasoning: { effort: "low", summary: "auto" },
        });
        expectTrue(textOf(second.message) !== "", "no answer followed");
      }),
    },
  ];
}
