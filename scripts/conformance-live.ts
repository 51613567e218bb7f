/**
 * `npm run conformance -- PROVIDER --model MODEL`: the suite that every provider passes offline, against the vendor itself.
 * It makes some forty small calls with your key, which costs a few cents at most models; what it cost is told at the end.
 */
import { parseArgs } from "node:util";
import { BUILT_IN_PROVIDERS, createSessionUsage, DEFAULT_SESSION, DragomanError, type Provider, trackUsage } from "@dragoman/llm";
import { type ConformanceCase, conformanceCases, type ProviderSubject } from "@dragoman/llm/testing";

const HELP = `Usage: npm run conformance -- PROVIDER --model MODEL [--tools M] [--reasoning M] [--images M] [--json M] [--only TEXT]

Runs the conformance suite against the vendor itself, with the key from the environment. MODEL answers everything for
which no model of its own is named; "none" leaves a kind out, as in --images none. Exit 1 when a case fails.
Providers: ${BUILT_IN_PROVIDERS.map(({ id }) => id).join(", ")}
`;

const KINDS = ["tools", "reasoning", "images", "json"] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: "boolean", default: false },
    model: { type: "string" },
    tools: { type: "string" },
    reasoning: { type: "string" },
    images: { type: "string" },
    json: { type: "string" },
    only: { type: "string" },
  },
});

/** Each case waits for a model. Milliseconds. */
const CASE_MS_MAX = 120_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const known = BUILT_IN_PROVIDERS.find(({ id }) => id === positionals[0]);
  const model = values.model ?? known?.smallModel;
  if (values.help || known === undefined || model === undefined) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  const baseUrl = process.env[known.urlVariable]?.trim();
  const usage = createSessionUsage();
  const open = (): Provider => trackUsage(known.create(baseUrl ? { baseUrl } : {}), usage);
  const available = await open().availability();
  if (!available.available) {
    console.error(`${known.id} cannot be used: ${available.detail}. Next: ${available.nextStep}`);
    return 2;
  }
  const failed = await runCases(casesFor(known.id, model, open));
  const { costUsd = 0, callsWithUnknownCost = 0 } = usage.of(DEFAULT_SESSION) ?? {};
  const unknown = callsWithUnknownCost === 0 ? "" : `, and ${callsWithUnknownCost} calls of unknown cost`;
  console.log(`it cost ${costUsd.toFixed(4)} USD${unknown}`);
  return failed === 0 ? 0 : 1;
}

function casesFor(name: string, model: string, open: () => Provider): readonly ConformanceCase[] {
  const models = Object.fromEntries(
    KINDS.map((kind) => [kind, values[kind] ?? model] as const).filter(([, chosen]) => chosen !== "none"),
  );
  const subject: ProviderSubject = {
    name,
    models: { text: model, ...models },
    open: async () => ({ provider: open(), close: async () => undefined }),
    lacks: { keys: "your own key is not put at risk" },
  };
  return conformanceCases(subject).filter((one) => values.only === undefined || one.name.includes(values.only));
}

async function runCases(cases: readonly ConformanceCase[]): Promise<number> {
  let failed = 0;
  let passed = 0;
  for (const { name, run, unavailable } of cases) {
    if (unavailable !== undefined) continue;
    const failure = await outcomeOf(run);
    if (failure === undefined) passed += 1;
    else failed += 1;
    console.log(failure === undefined ? `ok      ${name}` : `FAILED  ${name}: ${failure}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed;
}

async function outcomeOf(run: () => Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`it took more than ${CASE_MS_MAX} ms`), CASE_MS_MAX);
  });
  const outcome = run().then(
    () => undefined,
    (error: unknown) => (DragomanError.is(error) || error instanceof Error ? error.message : String(error)),
  );
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}
