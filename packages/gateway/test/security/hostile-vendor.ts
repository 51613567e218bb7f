/** A vendor that speaks OpenAI's chat wire and repeats the key that it was sent, wherever the model's name tells it to. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HostileVendor {
  readonly baseUrl: string;
  readonly requests: readonly { readonly path: string; readonly headers: IncomingMessage["headers"] }[];
  close(): Promise<void>;
}

type Trick = (key: string, response: ServerResponse, stream: boolean) => void;

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
};
const chunk = (text: string): string =>
  `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`;

/** By the model's name. */
export const TRICKS: Readonly<Record<string, Trick>> = {
  "echo-401": (key, response) =>
    json(response, 401, {
      error: {
        message: `Incorrect API key provided: ${key}. (Authorization: Bearer ${key})`,
        type: "invalid_request_error",
        code: "invalid_api_key",
      },
    }),
  "echo-400-code": (key, response) => json(response, 400, { error: { message: "no", type: key, param: key, code: key } }),
  "echo-429-headers": (key, response) =>
    json(
      response,
      429,
      { error: { message: `slow down ${key}` } },
      { "x-request-id": key, "request-id": key, "retry-after": "0", "set-cookie": `k=${key}`, "x-ratelimit-reset": key },
    ),
  "echo-500-html": (key, response) =>
    response.writeHead(500, { "content-type": "text/html", "x-echo": key }).end(`<h1>${key}</h1>`),
  "echo-503-text": (key, response) =>
    response.writeHead(503, { "content-type": "text/plain" }).end(`authorization: Bearer ${key}\nx-api-key: ${key}`),
  "echo-redirect": (key, response) => response.writeHead(307, { location: `/v1/elsewhere?key=${key}` }).end(key),
  "echo-malformed": (key, response) => response.writeHead(200, { "content-type": "application/json" }).end(`{"${key}": ${key}`),
  "echo-status-line": (key, response) => {
    response.statusMessage = `No ${key}`;
    json(response, 403, { message: key, detail: [{ msg: key }] });
  },
  "echo-error-in-200": (key, response) => json(response, 200, { error: { message: `bad ${key}`, code: 401 } }),
  "echo-in-stream": (key, response, stream) => {
    if (!stream) return json(response, 502, { error: key });
    response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": key });
    response.write(chunk("so far "));
    response.end(`data: ${JSON.stringify({ error: { message: `the key ${key} is used up`, code: key } })}\n\n`);
  },
  "echo-garbage-stream": (key, response, stream) => {
    if (!stream) return json(response, 500, [key]);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`${chunk("so ")}data: {"${key}\n\ndata: ${key}\n\n`);
  },
  "echo-model-field": (key, response, stream) =>
    stream
      ? void response
          .writeHead(400, { "content-type": "application/json" })
          .end(JSON.stringify({ error: { message: `key ${key}`, model: key } }))
      : json(response, 404, { error: { message: `The model for ${key} does not exist`, code: "model_not_found" } }),
};

/** What a vendor says beside its answer, none of which concerns a client. */
export const VENDOR_HEADERS = {
  "set-cookie": "__cf_bm=tracked; Path=/",
  server: "vendor-edge",
  "x-powered-by": "vendor",
  "openai-organization": "our-organisation",
  "openai-project": "our-project",
  "anthropic-organization-id": "our-organisation",
  "cf-ray": "ray-1",
  "x-ratelimit-remaining-tokens": "149984",
  "access-control-allow-origin": "*",
  "strict-transport-security": "max-age=1",
  link: "<https://vendor.example>; rel=preload",
  "x-dragoman-model": "forged",
  "x-dragoman-cost-usd": "-1",
  "x-accel-redirect": "/etc/passwd",
} as const;

function answerWell(response: ServerResponse, stream: boolean): void {
  const choice = { index: 0, message: { role: "assistant", content: "well" }, finish_reason: "stop" };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const answer = {
    id: "c\r\nx-injected: 1",
    object: "chat.completion",
    created: 1,
    model: "m\r\nx-injected: 1",
    choices: [choice],
    usage,
  };
  if (!stream) {
    json(response, 200, answer, VENDOR_HEADERS);
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", ...VENDOR_HEADERS });
  const end = JSON.stringify({
    id: "c",
    object: "chat.completion.chunk",
    created: 1,
    model: "m\r\nx-injected: 1",
    choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
  });
  response.end(`${chunk("well")}data: ${end}\n\ndata: [DONE]\n\n`);
}

/** Goes on until nobody takes more. */
function answerWithoutEnd(response: ServerResponse): void {
  const much = chunk("x".repeat(100_000));
  response.writeHead(200, { "content-type": "text/event-stream" });
  const more = (): void => {
    while (!response.destroyed && response.write(much));
  };
  response.on("drain", more);
  more();
}

export async function startHostileVendor(): Promise<HostileVendor> {
  const requests: { path: string; headers: IncomingMessage["headers"] }[] = [];
  const server = createServer(async (incoming, response) => {
    requests.push({ path: incoming.url ?? "", headers: incoming.headers });
    const chunks: Buffer[] = [];
    for await (const one of incoming) chunks.push(one);
    const asked: unknown = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const { model, stream } = asked as { model?: string; stream?: boolean };
    const key = (incoming.headers.authorization ?? "").replace(/^Bearer /, "");
    const trick = TRICKS[model ?? ""];
    if (model === "endless") answerWithoutEnd(response);
    else if (model?.startsWith("good") === true) answerWell(response, stream === true);
    else if (trick === undefined) json(response, 404, { error: { message: `no such model; your key is ${key}` } });
    else trick(key, response, stream === true);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
