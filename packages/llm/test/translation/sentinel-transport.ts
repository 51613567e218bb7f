/** Puts a field that nobody knows into every JSON object that a vendor answers with: one that went through untranslated would show it. */
import type { Transport, TransportResponse } from "../../src/index.ts";
import { createUndiciTransport } from "../../src/index.ts";

export const ANSWER_SENTINEL = "answer-sentinel-5d1c";
const FIELD = `"sentinelField":"${ANSWER_SENTINEL}"`;

export function createSentinelTransport(): Transport {
  const inner = createUndiciTransport();
  return {
    send: async (request) => {
      const response = await inner.send(request);
      return response.status === 200 ? marked(response) : response;
    },
    close: () => inner.close(),
  };
}

/** Binary frames carry checksums, so they are left alone. */
function marked(response: TransportResponse): TransportResponse {
  if (response.headers["content-type"]?.includes("eventstream") === true) return response;
  let read: Promise<string> | undefined;
  const whole = (): Promise<string> => {
    read ??= response.text().then((text) => text.replace(/^(data: |\[|,\s*)?\{(?=")/gm, `$1{${FIELD},`));
    return read;
  };
  return {
    ...response,
    text: whole,
    body: (async function* () {
      yield new TextEncoder().encode(await whole());
    })(),
  };
}
