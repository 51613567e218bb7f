import { reasoningOf, systemMessage, textOf, userMessage } from "../../message.ts";
import type { ConformanceCase, ProviderSubject } from "./conformance-case.ts";
import { expectGoodCompletion, expectTrue } from "./expect.ts";
import { withProvider } from "./with-provider.ts";

/** Text with characters of one to four bytes, a combined emoji, quotes and line ends. */
export const AWKWARD_TEXT = 'Grüße – 世界 👩‍🚀 "quoted" \\ back\nnew line';

/** One transparent pixel, as PNG. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

export const PERSON_SCHEMA = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer" }, tags: { type: "array", items: { type: "string" } } },
  required: ["name", "age", "tags"],
  additionalProperties: false,
} as const;

export function answerCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const { models } = subject;
  return [
    {
      name: "answers a question",
      run: withProvider(subject, async ({ provider }) => {
        const completion = await provider.complete({ model: models.text, messages: [userMessage("Say hello.")] });
        expectGoodCompletion(completion, provider.id);
        expectTrue(textOf(completion.message) !== "", "the answer has no text");
        expectTrue(completion.finish.reason === "stop", `it finished with ${completion.finish.reason}`);
        expectTrue(completion.usage.inputTokens !== undefined && completion.usage.outputTokens !== undefined, "usage is unknown");
      }),
    },
    {
      name: "carries any Unicode both ways",
      run: withProvider(subject, async ({ provider }) => {
        const completion = await provider.complete({ model: models.text, messages: [userMessage(`Repeat: ${AWKWARD_TEXT}`)] });
        expectTrue(
          textOf(completion.message).includes(AWKWARD_TEXT),
          `the text came back as ${JSON.stringify(textOf(completion.message))}`,
        );
      }),
    },
    {
      name: "takes a system message and a longer conversation",
      run: withProvider(subject, async ({ provider }) => {
        const messages = [
          systemMessage("Be brief."),
          userMessage("One."),
          { role: "assistant" as const, parts: [{ type: "text" as const, text: "Two." }] },
          userMessage("Three."),
        ];
        const completion = await provider.complete({ model: models.text, messages });
        expectTrue(textOf(completion.message) !== "", "the answer has no text");
      }),
    },
    {
      name: "finishes with length at the output limit",
      run: withProvider(subject, async ({ provider }) => {
        const messages = [
          userMessage(
            "Repeat: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty",
          ),
        ];
        const completion = await provider.complete({ model: models.text, messages, maxOutputTokens: 16 });
        expectTrue(completion.finish.reason === "length", `it finished with ${completion.finish.reason}`);
      }),
    },
    {
      name: "stops at a stop sequence",
      ...(subject.lacks?.stopSequences === undefined ? {} : { unavailable: subject.lacks.stopSequences }),
      run: withProvider(subject, async ({ provider }) => {
        const completion = await provider.complete({
          model: models.text,
          messages: [userMessage("Repeat: alpha beta gamma")],
          stopSequences: ["beta"],
        });
        expectTrue(completion.finish.reason === "stop", `it finished with ${completion.finish.reason}`);
        expectTrue(!textOf(completion.message).includes("beta"), "the text goes on past the stop sequence");
      }),
    },
    {
      name: "sees an image",
      ...(models.images === undefined ? { unavailable: "no model takes images" } : {}),
      run: withProvider(subject, async ({ provider }) => {
        const image = { type: "image" as const, mediaType: "image/png", source: { type: "data" as const, data: PIXEL } };
        const completion = await provider.complete({
          model: models.images ?? "",
          messages: [userMessage([image, { type: "text", text: "What is it?" }])],
        });
        expectTrue(/image|png/i.test(textOf(completion.message)), `it says nothing of an image: ${textOf(completion.message)}`);
      }),
    },
    {
      name: "answers in JSON of a schema",
      ...(models.json === undefined ? { unavailable: "no model follows a schema" } : {}),
      run: withProvider(subject, async ({ provider }) => {
        const output = { type: "json" as const, schema: PERSON_SCHEMA, name: "person" };
        const completion = await provider.complete({
          model: models.json ?? "",
          messages: [userMessage("Describe a person as JSON.")],
          output,
        });
        const person: unknown = JSON.parse(textOf(completion.message));
        expectTrue(
          typeof person === "object" && person !== null && "name" in person && "age" in person && "tags" in person,
          `it answered ${textOf(completion.message)}`,
        );
      }),
    },
    {
      name: "thinks before it answers",
      ...(models.reasoning === undefined ? { unavailable: "no model shows reasoning" } : {}),
      run: withProvider(subject, async ({ provider }) => {
        const completion = await provider.complete({
          model: models.reasoning ?? "",
          messages: [userMessage("Why?")],
          reasoning: { effort: "low", summary: "auto" },
        });
        expectTrue(completion.message.parts[0]?.type === "reasoning", "the first part is not reasoning");
        expectTrue(reasoningOf(completion.message) !== "", "the reasoning has no text");
        expectTrue(textOf(completion.message) !== "", "no text follows the reasoning");
      }),
    },
    {
      name: "warns of a setting that it cannot take",
      run: withProvider(subject, async ({ provider }) => {
        const options = { nowhere: { imaginary: true } };
        const { warnings } = await provider.complete({
          model: models.text,
          messages: [userMessage("Hi.")],
          vendorOptions: options,
        });
        expectTrue(
          warnings.some((warning) => JSON.stringify(warning).includes("nowhere")),
          "options of another dialect were left out without a warning",
        );
      }),
    },
  ];
}
