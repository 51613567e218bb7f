/** What the benchmark's vendor answers: the same bytes every time, in the wires of OpenAI chat and Anthropic messages. */

export const MODELS = { openai: "gpt-4.1-mini", anthropic: "claude-sonnet-5" } as const;

export type Wire = keyof typeof MODELS;

/** Pieces of text in one stream. */
export const STREAM_CHUNKS = 200;

const SENTENCE = "A dragoman interpreted between courts and merchants that had no language in common. ";

/** The text of a whole answer: about 250 tokens. */
export const ANSWER_TEXT = SENTENCE.repeat(12);

const PIECES = Array.from({ length: STREAM_CHUNKS }, (_, index) => (index % 12 === 0 ? "dragoman\n" : " word"));

export const STREAM_TEXT = PIECES.join("");

const CREATED = 1_760_000_000;

const OPENAI_USAGE = {
  prompt_tokens: 19,
  completion_tokens: 250,
  total_tokens: 269,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};

const ANTHROPIC_USAGE = {
  input_tokens: 19,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  output_tokens: 250,
  service_tier: "standard",
};

/** The body of a whole answer, as JSON text. */
export const WHOLE_ANSWERS: Readonly<Record<Wire, string>> = {
  openai: JSON.stringify({
    id: "chatcmpl-CQ3zyExampleExampleExample",
    object: "chat.completion",
    created: CREATED,
    model: MODELS.openai,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: ANSWER_TEXT, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: OPENAI_USAGE,
    service_tier: "default",
    system_fingerprint: "fp_0123456789",
  }),
  anthropic: JSON.stringify({
    id: "msg_01ExampleExampleExample",
    type: "message",
    role: "assistant",
    model: MODELS.anthropic,
    content: [{ type: "text", text: ANSWER_TEXT }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: ANTHROPIC_USAGE,
  }),
};

/** The events of a streamed answer, each as it stands on the wire. */
export const STREAMED_ANSWERS: Readonly<Record<Wire, readonly string[]>> = {
  openai: [
    chatChunk({ role: "assistant", content: "", refusal: null }, null),
    ...PIECES.map((content) => chatChunk({ content }, null)),
    chatChunk({}, "stop"),
    `data: ${JSON.stringify({ ...chatBase(), choices: [], usage: OPENAI_USAGE })}\n\n`,
    "data: [DONE]\n\n",
  ],
  anthropic: [
    named("message_start", {
      message: {
        id: "msg_01ExampleExampleExample",
        type: "message",
        role: "assistant",
        model: MODELS.anthropic,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...ANTHROPIC_USAGE, output_tokens: 1 },
      },
    }),
    named("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    named("ping", {}),
    ...PIECES.map((text) => named("content_block_delta", { index: 0, delta: { type: "text_delta", text } })),
    named("content_block_stop", { index: 0 }),
    named("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 250 } }),
    named("message_stop", {}),
  ],
};

function chatBase() {
  return {
    id: "chatcmpl-CQ3zyExampleExampleExample",
    object: "chat.completion.chunk",
    created: CREATED,
    model: MODELS.openai,
    service_tier: "default",
    system_fingerprint: "fp_0123456789",
  };
}

function chatChunk(delta: object, finishReason: string | null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ ...chatBase(), choices, usage: null, obfuscation: "Zk3Qp8" })}\n\n`;
}

function named(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
