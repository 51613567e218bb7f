/** The least that a client over undici can do: send the body, parse the answer, look at the text. No errors, no limits. */
import { Pool } from "undici";
import { type BenchClient, PROMPT } from "./clients.ts";
import { MODELS, type Wire } from "./vendor-answers.ts";

interface BareWire {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  textOfAnswer(body: BareAnswer): string;
  textOfEvent(event: BareEvent): string;
}

interface BareAnswer {
  readonly choices?: readonly { readonly message: { readonly content: string } }[];
  readonly content?: readonly { readonly text: string }[];
}

interface BareEvent {
  readonly choices?: readonly { readonly delta: { readonly content?: string } }[];
  readonly delta?: { readonly text?: string };
}

const WIRES: Readonly<Record<Wire, BareWire>> = {
  openai: {
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json", authorization: "Bearer key-of-the-benchmark" },
    textOfAnswer: (body) => body.choices?.[0]?.message.content ?? "",
    textOfEvent: (event) => event.choices?.[0]?.delta.content ?? "",
  },
  anthropic: {
    path: "/v1/messages",
    headers: { "content-type": "application/json", "x-api-key": "key-of-the-benchmark", "anthropic-version": "2023-06-01" },
    textOfAnswer: (body) => body.content?.[0]?.text ?? "",
    textOfEvent: (event) => event.delta?.text ?? "",
  },
};

export function bareClient(wire: Wire, address: string): BenchClient {
  const url = new URL(address);
  const prefix = url.pathname.replace(/\/$/, "");
  const pool = new Pool(url.origin);
  const { path, headers, textOfAnswer, textOfEvent } = WIRES[wire];

  function send(stream: boolean) {
    const body = { model: MODELS[wire], max_tokens: 1024, messages: [{ role: "user", content: PROMPT }] };
    return pool.request({
      path: prefix + path,
      method: "POST",
      headers,
      body: JSON.stringify(stream ? { ...body, stream } : body),
    });
  }

  return {
    name: "bare undici.request + JSON.parse",
    async complete() {
      const answer = await send(false);
      return textOfAnswer((await answer.body.json()) as BareAnswer).length;
    },
    async stream() {
      const answer = await send(true);
      const decoder = new TextDecoder();
      let characters = 0;
      let rest = "";
      for await (const bytes of answer.body) {
        const events = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
        rest = events.pop() ?? "";
        for (const event of events) {
          const data = event.slice(event.indexOf("data: ") + "data: ".length);
          if (data !== "[DONE]") characters += textOfEvent(JSON.parse(data) as BareEvent).length;
        }
      }
      return characters;
    },
  };
}
