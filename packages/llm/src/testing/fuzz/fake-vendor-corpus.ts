/** What a vendor's server sends, captured live from a fake one: it shares no code with the dialects. */
import { UNKNOWN_CAPABILITIES } from "../../capabilities.ts";
import type { RenderedRequest } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { userMessage } from "../../message.ts";
import type { CompletionRequest } from "../../request.ts";
import { SAMPLE_REQUESTS } from "../conformance/samples.ts";
import { startFakeVendor } from "../fake-vendors/start-fake-vendor.ts";
import type { BuiltInSubject } from "./built-in-subjects.ts";
import type { FuzzCorpus } from "./fuzz-case.ts";

const KEY = "fuzz-key";
const AUTHORISATION = { authorization: `Bearer ${KEY}`, "x-api-key": KEY, "x-goog-api-key": KEY };

const PARALLEL: CompletionRequest = {
  model: "",
  messages: [userMessage("Weather and time, in parallel.")],
  tools: SAMPLE_REQUESTS.tools?.tools ?? [],
};

/** Models that bring an error about, and an error within a stream. */
const FAILING_MODELS = ["fault-429-retry-after", "fault-context-overflow", "fault-error-in-200", "no-such-model"];

export async function fakeVendorCorpus(subject: BuiltInSubject): Promise<FuzzCorpus> {
  const { dialect, vendor, models } = subject;
  const fake = await startFakeVendor(vendor);
  const corpus = {
    streams: [] as Uint8Array[],
    bodies: [] as string[],
    errors: [] as FuzzCorpus["errors"][number][],
    requests: [],
  };

  async function ask(request: CompletionRequest, stream: boolean): Promise<void> {
    const rendered = renderedOrNone({ ...request }, stream);
    if (rendered === undefined) return;
    const response = await fetch(fake.baseUrl + rendered.path, {
      method: rendered.method,
      headers: { ...AUTHORISATION, ...rendered.headers, "content-type": "application/json" },
      body: JSON.stringify(rendered.body),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    const { status } = response;
    if (status >= 400) corpus.errors.push({ status, headers: Object.fromEntries(response.headers), body: text });
    else if (stream) corpus.streams.push(bytes);
    else corpus.bodies.push(text);
  }

  function renderedOrNone(request: CompletionRequest, stream: boolean): RenderedRequest | undefined {
    try {
      return dialect.renderRequest(request, { stream, capabilities: UNKNOWN_CAPABILITIES });
    } catch (error) {
      if (DragomanError.is(error)) return undefined;
      throw error;
    }
  }

  try {
    for (const stream of [true, false]) {
      for (const model of models) {
        for (const sample of [...Object.values(SAMPLE_REQUESTS), PARALLEL]) await ask({ ...sample, model }, stream);
      }
      for (const model of FAILING_MODELS) await ask({ model, messages: [userMessage("Hello.")] }, stream);
    }
  } finally {
    await fake.close();
  }
  return corpus;
}
