/** `docs/spec/wires.md`: the same conversation and the same answer on every wire, as examples that the tests run. */
import type { Completion, StreamEvent } from "@dragoman/llm";
import { streamFromCompletion } from "@dragoman/llm";
import { DIALECT_SUBJECTS } from "../../packages/llm/test/subjects/dialects.ts";
import { page } from "./markdown.ts";

const CALL = { type: "tool-call", id: "callabc12", name: "get_weather", arguments: { city: "Zürich" } } as const;

const REQUEST = {
  model: "example-model",
  messages: [
    { role: "system", parts: [{ type: "text", text: "Be brief." }] },
    {
      role: "user",
      parts: [
        { type: "image", mediaType: "image/png", source: { type: "data", data: "iVBORw0KGgo=" } },
        { type: "text", text: "Weather there?" },
      ],
    },
    { role: "assistant", parts: [CALL] },
    {
      role: "tool",
      parts: [
        {
          type: "tool-result",
          toolCallId: CALL.id,
          toolName: CALL.name,
          content: [{ type: "text", text: "18 °C" }],
        },
      ],
    },
  ],
  tools: [
    {
      name: "get_weather",
      description: "The weather of a city.",
      inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  ],
  maxOutputTokens: 500,
  stopSequences: ["END"],
  reasoning: { effort: "low" },
};

function completionOf(dialect: string): Completion {
  const origin = { dialect, provider: "example", model: "example-model" };
  return {
    id: "answer_1",
    origin,
    message: { role: "assistant", origin, parts: [{ type: "text", text: "I look." }, CALL] },
    finish: { reason: "tool-calls" },
    usage: { inputTokens: 120, cacheReadTokens: 100, outputTokens: 20 },
    warnings: [],
    createdAt: 1_767_225_600,
  };
}

export function wiresPage(): string {
  return page(
    "# Wires",
    "The same request, the same answer and the same stream on every wire of this library. Each answer and stream is read back " +
      "by its dialect; what a wire cannot say stands among the warnings.",
    ...DIALECT_SUBJECTS.flatMap(({ name, dialect }) => {
      const completion = completionOf(name);
      const client = { model: "example-model", echo: {} };
      const { body } = dialect.renderResponse(completion, client);
      const renderer = dialect.renderStream(client);
      const text = events(completion)
        .map((event) => renderer.push(event))
        .join("");
      const stream =
        dialect.framing === "aws-event-stream"
          ? ["Its stream is AWS's binary frames, which a page cannot show."]
          : ["Streamed:", example(`text stream ${name}`, `${text.replaceAll("\r\n", "\n").trimEnd()}\n\n`)];
      return [
        `## ${name}`,
        "A request:",
        example(`json render ${name}`, REQUEST),
        "An answer for a client:",
        example(`json reply ${name}`, completion),
        "Read as a vendor's answer:",
        example(`json answer ${name}`, body),
        ...stream,
      ];
    }),
  );
}

function events(completion: Completion): readonly StreamEvent[] {
  return streamFromCompletion(completion).filter((event) => event.type !== "warning");
}

function example(info: string, input: unknown): string {
  const text = typeof input === "string" ? input : `${JSON.stringify(input, null, 2)}\n`;
  return `\`\`\`${info}\n${text}\`\`\`\n\n\`\`\`json gives\n{}\n\`\`\``;
}
