/** `docs/testing.md`: what `@dragoman/llm/testing` offers, with its lists as they are. */
import type { Provider } from "@dragoman/llm";
import { createOpenAIChatDialect } from "@dragoman/llm/dialects";
import { conformanceCases, createSimulator, FAULTS, type Fault, type FaultOutcome, PERSONAS } from "@dragoman/llm/testing";
import { code, page, table } from "./markdown.ts";

export function testingPage(): string {
  return page(
    "# Testing",
    "`@dragoman/llm/testing` has four stand-ins, from the simplest to the most faithful:",
    [
      "- `createScriptedProvider([...])` answers from a list and fails when it is asked for more; for tests of your own code.",
      "- `createSimulator()` answers by rules, without a model; `sim:echo` and the others below.",
      "- `startFakeVendor(name)` is an HTTP server on loopback that behaves as a vendor does, refusals included.",
      "- `conformance(subject, { test })` runs the suite that every provider and dialect of the house passes, on yours.",
    ].join("\n"),
    "Recorded traffic of real vendors is played against the dialects by `npm run replay -- FOLDER`; `npm run conformance -- PROVIDER --model MODEL` runs the suite against a live vendor with your key. See [examples/10-testing-with-a-script.ts](../examples/10-testing-with-a-script.ts).",
    "## Models of the simulator",
    table(
      ["model", "what it does"],
      PERSONAS.map(({ id, description }) => [code(`sim:${id}`), description]),
    ),
    "## Faults",
    "At a fake vendor, a model whose name contains one of these has that fault; at the simulator, the model of that name: " +
      "`sim:fault-429-once`. A code means that the call fails with it; the other word is the reason why the answer finished. " +
      "Where two stand, the wire decides.",
    table(
      ["name", "meaning", "whole answer", "stream", "exceptions"],
      FAULTS.map((fault) => [
        code(fault.name),
        fault.meaning,
        outcome(fault.complete),
        outcome(fault.stream ?? fault.complete),
        exceptions(fault),
      ]),
    ),
    "## Conformance: a provider",
    list(providerCases()),
    "## Conformance: a dialect",
    list(conformanceCases({ name: "dialect", dialect: createOpenAIChatDialect() }).map(({ name }) => name)),
  );
}

function outcome({ errors = [], finish }: FaultOutcome): string {
  return [...errors.map(code), ...(finish === undefined ? [] : [`finish ${code(finish)}`])].join(" or ");
}

function exceptions({ vendors, byVendor = {} }: Fault): string {
  const elsewhere = Object.entries(byVendor).map(([vendor, other]) => `${vendor}: ${outcome(other)}`);
  return [...(vendors === undefined ? [] : [`only ${vendors.join(", ")}`]), ...elsewhere].join("; ");
}

/** The cases of a provider that declares everything. None of them is run. */
function providerCases(): readonly string[] {
  const model = "model";
  const open = async (): Promise<{ provider: Provider; close: () => Promise<void> }> => ({
    provider: createSimulator(),
    close: async () => undefined,
  });
  const models = { text: model, tools: model, reasoning: model, images: model, json: model };
  const faults = { vendor: "openai-compatible", model: (fault: string) => fault };
  return conformanceCases({ name: "provider", open, models, faults, secret: "secret" }).map(({ name }) => name);
}

function list(names: readonly string[]): string {
  return names.map((name) => `- ${name}`).join("\n");
}
