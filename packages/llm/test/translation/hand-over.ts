/** A conversation begun with one maker and gone on with another: a turn with reasoning and a tool call, then its result. */
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { type Completion, type Message, type Provider, Secret, toolCallsOf, toolResult, userMessage } from "../../src/index.ts";
import { EGRESS, type Egress } from "./egress.ts";

const TOOLS = [
  {
    name: "get_weather",
    description: "The weather of a city.",
    inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
];

export interface Makers {
  readonly all: readonly Maker[];
  close(): Promise<void>;
}

export interface Maker extends Egress {
  readonly provider: Provider;
  readonly model: string;
}

/** One provider a wire, each over its fake vendor. */
export async function startMakers(): Promise<Makers> {
  const vendors: FakeVendor[] = [];
  const all: Maker[] = [];
  for (const egress of EGRESS) {
    const { vendor: subject } = egress;
    const vendor = await startFakeVendor(subject.vendor);
    vendors.push(vendor);
    const options = { baseUrl: vendor.baseUrl, key: new Secret("sk-hand-over"), id: egress.wire };
    const { reasoning, tools, text } = subject.models;
    all.push({ ...egress, provider: subject.create(options), model: reasoning ?? tools ?? text });
  }
  return { all, close: async () => void (await Promise.all(vendors.map((vendor) => vendor.close()))) };
}

/** The first turn of the conversation, up to the tool's result. */
export async function begin({ provider, model }: Maker): Promise<readonly Message[]> {
  const opening = [userMessage("Weather in Zürich?")];
  const { message } = await provider.complete({ model, messages: opening, tools: TOOLS, reasoning: { effort: "low" } });
  const [call] = toolCallsOf(message);
  if (call === undefined) throw new Error(`${provider.id} called no tool`);
  return [...opening, message, toolResult(call, "18 °C, result-sentinel")];
}

/** The next maker's answer to what the first one began. */
export function goOn({ provider, model }: Maker, messages: readonly Message[]): Promise<Completion> {
  return provider.complete({ model, messages, tools: TOOLS });
}

/** What the handoff reported, without the ids that differ from run to run. */
export function reportOf({ warnings }: Completion): readonly string[] {
  const told = warnings.filter(({ type }) => type === "handoff").map(({ detail }) => detail.replace(/\S+ became \S+/, "its id"));
  return [...new Set(told)];
}
