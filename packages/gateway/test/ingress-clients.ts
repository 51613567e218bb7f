/** A client of each served wire, in raw HTTP: how it asks, and how an answer or an error looks to it. */
import { isJsonObject, type JsonObject } from "@dragoman/llm";

export interface Ask {
  readonly model: string;
  readonly text?: string;
  readonly system?: string;
  readonly stream?: boolean;
  readonly tools?: readonly { readonly name: string; readonly description: string; readonly schema: JsonObject }[];
  readonly image?: { readonly data: string; readonly mediaType: string } | { readonly url: string };
  readonly schema?: JsonObject;
  /** A turn of the past: the calls that the model made, and what came of them. */
  readonly history?: readonly ToolTurn[];
}

export interface ToolTurn {
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
  readonly result: string;
}

export interface SeenCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

export interface SeenAnswer {
  readonly text: string;
  readonly calls: readonly SeenCall[];
  readonly finish: unknown;
}

export interface IngressClient {
  readonly name: string;
  /** Where the model stands in the path, it does not stand in the body. */
  readonly modelInPath?: true;
  path(ask: { readonly model: string; readonly stream?: boolean }): string;
  body(ask: Ask): Record<string, unknown>;
  /** The field that holds the conversation. */
  readonly conversation: string;
  /** A body whose history has a result but not the call. Undefined where the wire has no such thing. */
  strayResult?(model: string): Record<string, unknown>;
  readonly lacks: readonly ("tools" | "url-images" | "history" | "image-types")[];
  readAnswer(body: JsonObject): SeenAnswer;
  /** The events of a stream, in order, and the answer that they make. */
  readStream(text: string): SeenAnswer & { readonly events: readonly JsonObject[]; readonly isComplete: boolean };
  /** The message of an error, undefined when the body is not this wire's error. */
  errorMessage(body: unknown): string | undefined;
}

// Reading

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function sseEvents(text: string): readonly JsonObject[] {
  const data = [...text.matchAll(/^data: (.*)$/gm)].map(([, payload = ""]) => payload).filter((payload) => payload !== "[DONE]");
  return data.map((payload) => objectOf(JSON.parse(payload)));
}

/** Joins the pieces of each call's arguments. */
class CallPieces {
  readonly #calls = new Map<unknown, { id: string; name: string; json: string }>();

  add(key: unknown, piece: { readonly id?: unknown; readonly name?: unknown; readonly json?: unknown }): void {
    const call = this.#calls.get(key) ?? { id: "", name: "", json: "" };
    call.id += textOf(piece.id);
    call.name += textOf(piece.name);
    call.json += textOf(piece.json);
    this.#calls.set(key, call);
  }

  all(): readonly SeenCall[] {
    return [...this.#calls.values()].map(({ id, name, json }) => ({ id, name, input: JSON.parse(json || "{}") }));
  }
}

function openaiError(body: unknown): string | undefined {
  const error = objectOf(objectOf(body).error);
  return typeof error.message === "string" && typeof error.type === "string" && "param" in error && "code" in error
    ? error.message
    : undefined;
}

// OpenAI chat

const chat: IngressClient = {
  name: "openai-chat",
  conversation: "messages",
  lacks: [],
  path: () => "/v1/chat/completions",
  body: ({ model, text = "hello", system, stream, tools, image, schema, history }) => ({
    model,
    messages: [
      ...(system === undefined ? [] : [{ role: "system", content: system }]),
      {
        role: "user",
        content:
          image === undefined
            ? text
            : [
                { type: "text", text },
                {
                  type: "image_url",
                  image_url: { url: "url" in image ? image.url : `data:${image.mediaType};base64,${image.data}` },
                },
              ],
      },
      ...(history === undefined
        ? []
        : [
            {
              role: "assistant",
              content: null,
              tool_calls: history.map(({ id, name, input }) => ({
                id,
                type: "function",
                function: { name, arguments: JSON.stringify(input) },
              })),
            },
            ...history.map(({ id, result }) => ({ role: "tool", tool_call_id: id, content: result })),
          ]),
    ],
    ...(stream === true ? { stream } : {}),
    ...(tools && {
      tools: tools.map(({ name, description, schema: parameters }) => ({
        type: "function",
        function: { name, description, parameters },
      })),
    }),
    ...(schema && { response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: true } } }),
  }),
  strayResult: (model) => ({
    model,
    messages: [
      { role: "user", content: "hi" },
      { role: "tool", tool_call_id: "call_none", content: "stray-result" },
    ],
  }),
  readAnswer(body) {
    const [choice] = listOf(body.choices);
    const message = objectOf(choice?.message);
    const calls = listOf(message.tool_calls).map((call) => {
      const { name, arguments: json } = objectOf(call.function);
      return { id: textOf(call.id), name: textOf(name), input: JSON.parse(textOf(json)) as unknown };
    });
    return { text: textOf(message.content), calls, finish: choice?.finish_reason };
  },
  readStream(text) {
    const events = sseEvents(text);
    const pieces = new CallPieces();
    const deltas = events.flatMap((event) => listOf(event.choices)).map((choice) => objectOf(choice.delta));
    for (const call of deltas.flatMap((delta) => listOf(delta.tool_calls))) {
      const { name, arguments: json } = objectOf(call.function);
      pieces.add(call.index, { id: call.id, name, json });
    }
    const finish = events.flatMap((event) => listOf(event.choices)).findLast((choice) => choice.finish_reason)?.finish_reason;
    const said = deltas.map((delta) => textOf(delta.content)).join("");
    return { text: said, calls: pieces.all(), finish, events, isComplete: text.endsWith("data: [DONE]\n\n") };
  },
  errorMessage: openaiError,
};

// OpenAI responses

const responses: IngressClient = {
  name: "openai-responses",
  conversation: "input",
  lacks: [],
  path: () => "/v1/responses",
  body: ({ model, text = "hello", system, stream, tools, image, schema, history }) => ({
    model,
    ...(system === undefined ? {} : { instructions: system }),
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text },
          ...(image === undefined
            ? []
            : [
                {
                  type: "input_image",
                  image_url: "url" in image ? image.url : `data:${image.mediaType};base64,${image.data}`,
                },
              ]),
        ],
      },
      ...(history ?? []).map(({ id, name, input }) => ({
        type: "function_call",
        call_id: id,
        name,
        arguments: JSON.stringify(input),
      })),
      ...(history ?? []).map(({ id, result }) => ({ type: "function_call_output", call_id: id, output: result })),
    ],
    ...(stream === true ? { stream } : {}),
    ...(tools && {
      tools: tools.map(({ name, description, schema: parameters }) => ({
        type: "function",
        name,
        description,
        parameters,
        strict: false,
      })),
    }),
    ...(schema && { text: { format: { type: "json_schema", name: "answer", schema, strict: true } } }),
  }),
  strayResult: (model) => ({
    model,
    input: [
      { role: "user", content: "hi" },
      { type: "function_call_output", call_id: "call_none", output: "stray-result" },
    ],
  }),
  readAnswer(body) {
    const items = listOf(body.output);
    const said = items.flatMap((item) => listOf(item.content)).map((part) => textOf(part.text));
    const calls = items.filter((item) => item.type === "function_call").map(responsesCall);
    return { text: said.join(""), calls, finish: body.status };
  },
  readStream(text) {
    const events = sseEvents(text);
    const said = events.filter((event) => event.type === "response.output_text.delta").map((event) => textOf(event.delta));
    const done = events.filter((event) => event.type === "response.output_item.done").map((event) => objectOf(event.item));
    const calls = done.filter((item) => item.type === "function_call").map(responsesCall);
    const last = events.at(-1);
    const isComplete = last?.type === "response.completed";
    return { text: said.join(""), calls, finish: objectOf(last?.response).status, events, isComplete };
  },
  errorMessage: openaiError,
};

function responsesCall(item: JsonObject): SeenCall {
  return { id: textOf(item.call_id), name: textOf(item.name), input: JSON.parse(textOf(item.arguments)) };
}

// Anthropic

const anthropic: IngressClient = {
  name: "anthropic-messages",
  conversation: "messages",
  lacks: [],
  path: () => "/v1/messages",
  body: ({ model, text = "hello", system, stream, tools, image, schema, history }) => ({
    model,
    max_tokens: 1000,
    ...(system === undefined ? {} : { system }),
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text },
          ...(image === undefined
            ? []
            : [
                {
                  type: "image",
                  source:
                    "url" in image
                      ? { type: "url", url: image.url }
                      : { type: "base64", media_type: image.mediaType, data: image.data },
                },
              ]),
        ],
      },
      ...(history === undefined
        ? []
        : [
            { role: "assistant", content: history.map(({ id, name, input }) => ({ type: "tool_use", id, name, input })) },
            {
              role: "user",
              content: history.map(({ id, result }) => ({ type: "tool_result", tool_use_id: id, content: result })),
            },
          ]),
    ],
    ...(stream === true ? { stream } : {}),
    ...(tools && {
      tools: tools.map(({ name, description, schema: input_schema }) => ({ name, description, input_schema })),
    }),
    ...(schema && { output_config: { format: { type: "json_schema", schema } } }),
  }),
  strayResult: (model) => ({
    model,
    max_tokens: 1000,
    messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_none", content: "stray-result" }] }],
  }),
  readAnswer(body) {
    const blocks = listOf(body.content);
    const calls = blocks.filter((block) => block.type === "tool_use");
    return {
      text: blocks.map((block) => textOf(block.text)).join(""),
      calls: calls.map(({ id, name, input }) => ({ id: textOf(id), name: textOf(name), input })),
      finish: body.stop_reason,
    };
  },
  readStream(text) {
    const events = sseEvents(text);
    const pieces = new CallPieces();
    let said = "";
    let finish: unknown;
    for (const event of events) {
      const block = objectOf(event.content_block);
      const delta = objectOf(event.delta);
      if (block.type === "tool_use") pieces.add(event.index, { id: block.id, name: block.name });
      if (delta.type === "input_json_delta") pieces.add(event.index, { json: delta.partial_json });
      if (delta.type === "text_delta") said += textOf(delta.text);
      finish = delta.stop_reason ?? finish;
    }
    return { text: said, calls: pieces.all(), finish, events, isComplete: events.at(-1)?.type === "message_stop" };
  },
  errorMessage(body) {
    const { type, error } = objectOf(body);
    const { message, type: kind } = objectOf(error);
    return type === "error" && typeof kind === "string" && typeof message === "string" ? message : undefined;
  },
};

// Gemini

const gemini: IngressClient = {
  name: "gemini",
  modelInPath: true,
  conversation: "contents",
  lacks: [],
  path: ({ model, stream }) => `/v1beta/models/${model}:${stream === true ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  body: ({ text = "hello", system, tools, image, schema, history }) => ({
    ...(system === undefined ? {} : { systemInstruction: { parts: [{ text: system }] } }),
    contents: [
      {
        role: "user",
        parts: [
          { text },
          ...(image === undefined
            ? []
            : [
                "url" in image
                  ? { fileData: { fileUri: image.url, mimeType: "image/png" } }
                  : { inlineData: { mimeType: image.mediaType, data: image.data } },
              ]),
        ],
      },
      ...(history === undefined
        ? []
        : [
            { role: "model", parts: history.map(({ id, name, input }) => ({ functionCall: { id, name, args: input } })) },
            {
              role: "user",
              parts: history.map(({ id, name, result }) => ({ functionResponse: { id, name, response: { output: result } } })),
            },
          ]),
    ],
    ...(tools && {
      tools: [
        {
          functionDeclarations: tools.map(({ name, description, schema: parametersJsonSchema }) => ({
            name,
            description,
            parametersJsonSchema,
          })),
        },
      ],
    }),
    ...(schema && { generationConfig: { responseMimeType: "application/json", responseJsonSchema: schema } }),
  }),
  strayResult: () => ({
    contents: [
      { role: "user", parts: [{ text: "hi" }] },
      { role: "user", parts: [{ functionResponse: { name: "nobody", response: { output: "stray-result" } } }] },
    ],
  }),
  readAnswer(body) {
    return geminiAnswer([body]);
  },
  readStream(text) {
    const events = sseEvents(text);
    const answer = geminiAnswer(events);
    return { ...answer, events, isComplete: answer.finish !== undefined };
  },
  errorMessage(body) {
    const { code, message, status } = objectOf(objectOf(body).error);
    return typeof code === "number" && typeof status === "string" && typeof message === "string" ? message : undefined;
  },
};

function geminiAnswer(bodies: readonly JsonObject[]): SeenAnswer {
  const candidates = bodies.flatMap((body) => listOf(body.candidates));
  const parts = candidates.flatMap((candidate) => listOf(objectOf(candidate.content).parts));
  const calls = parts.filter((part) => part.functionCall !== undefined).map((part) => objectOf(part.functionCall));
  return {
    text: parts.map((part) => (part.thought === true ? "" : textOf(part.text))).join(""),
    calls: calls.map(({ id, name, args }) => ({ id: textOf(id), name: textOf(name), input: args })),
    finish: candidates.findLast((candidate) => candidate.finishReason)?.finishReason,
  };
}

// Ollama

const ollama: IngressClient = {
  name: "ollama",
  conversation: "messages",
  lacks: ["url-images", "image-types"],
  path: () => "/api/chat",
  body: ({ model, text = "hello", system, stream, tools, image, schema, history }) => ({
    model,
    stream: stream === true,
    messages: [
      ...(system === undefined ? [] : [{ role: "system", content: system }]),
      { role: "user", content: text, ...(image !== undefined && "data" in image ? { images: [image.data] } : {}) },
      ...(history === undefined
        ? []
        : [
            {
              role: "assistant",
              content: "",
              tool_calls: history.map(({ name, input }) => ({ function: { name, arguments: input } })),
            },
            ...history.map(({ name, result }) => ({ role: "tool", tool_name: name, content: result })),
          ]),
    ],
    ...(tools && {
      tools: tools.map(({ name, description, schema: parameters }) => ({
        type: "function",
        function: { name, description, parameters },
      })),
    }),
    ...(schema && { format: schema }),
  }),
  strayResult: (model) => ({
    model,
    stream: false,
    messages: [
      { role: "user", content: "hi" },
      { role: "tool", tool_name: "nobody", content: "stray-result" },
    ],
  }),
  readAnswer: (body) => ollamaAnswer([body]),
  readStream: readOllamaStream,
  errorMessage: ollamaErrorMessage,
};

const generate: IngressClient = {
  name: "ollama-generate",
  conversation: "prompt",
  lacks: ["tools", "url-images", "history", "image-types"],
  path: () => "/api/generate",
  body: ({ model, text = "hello", system, stream, image, schema }) => ({
    model,
    prompt: text,
    stream: stream === true,
    ...(system === undefined ? {} : { system }),
    ...(image !== undefined && "data" in image ? { images: [image.data] } : {}),
    ...(schema && { format: schema }),
  }),
  readAnswer: (body) => ollamaAnswer([body]),
  readStream: readOllamaStream,
  errorMessage: ollamaErrorMessage,
};

function ollamaAnswer(lines: readonly JsonObject[]): SeenAnswer {
  const messages = lines.map((line) => objectOf(line.message));
  const calls = messages.flatMap((message) => listOf(message.tool_calls)).map((call) => objectOf(call.function));
  return {
    text: lines.map((line) => textOf(line.response) + textOf(objectOf(line.message).content)).join(""),
    calls: calls.map(({ name, arguments: input }, index) => ({ id: `call_${index}`, name: textOf(name), input })),
    finish: lines.at(-1)?.done_reason,
  };
}

function readOllamaStream(text: string): ReturnType<IngressClient["readStream"]> {
  const events = text
    .split("\n")
    .filter(Boolean)
    .map((line) => objectOf(JSON.parse(line)));
  return { ...ollamaAnswer(events), events, isComplete: events.at(-1)?.done === true };
}

function ollamaErrorMessage(body: unknown): string | undefined {
  const { error } = objectOf(body);
  return typeof error === "string" ? error : undefined;
}

export const INGRESS_CLIENTS: readonly IngressClient[] = [chat, responses, anthropic, gemini, ollama, generate];

/** Sends one request as the client would. */
export function post(url: string, client: IngressClient, ask: Ask, headers: Readonly<Record<string, string>> = {}) {
  return postRaw(url, client, ask, JSON.stringify(client.body(ask)), headers);
}

/** The same with a body of any bytes. */
export function postRaw(
  url: string,
  client: IngressClient,
  to: { readonly model: string; readonly stream?: boolean },
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}${client.path(to)}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  });
}
