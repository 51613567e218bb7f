/** docs/observability.md and the dashboard beside it name what is really there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLog } from "../../src/telemetry/log.ts";
import { asking } from "../calls/gateway-fixture.ts";
import { CONFIGURATION, makeCalls } from "./calls-of-every-kind.ts";
import { readPrometheusText, type Sample } from "./prometheus-text.ts";
import { serveGatewayFixture } from "./served-gateway.ts";

const DOCS = join(import.meta.dirname, "../../../../docs");
const PAGE = readFileSync(join(DOCS, "observability.md"), "utf8");

interface Kind {
  readonly name: string;
  readonly kind: string;
  readonly labels: readonly string[];
}

/** Kinds of our own, as they are rendered after calls of every kind. */
let kinds: readonly Kind[] = [];
let samples: readonly Sample[] = [];
const logged: string[] = [];
let observing: Promise<void> | undefined;

/** Asked for by each test; looked at once. */
function observed(): Promise<void> {
  observing ??= observe();
  return observing;
}

/** Made by Prometheus or its client library, on every sample. */
const ADDED_LABELS = ["le", "instance"];

async function observe(): Promise<void> {
  const log = await createLog({ format: "json", logLevel: "info", write: (line) => void logged.push(line) });
  const served = await serveGatewayFixture({ ...CONFIGURATION, directModels: true }, { observers: [log] });
  await makeCalls(served);
  await served.gateway.complete(asking("openai:reasoner-without-a-price"));
  const response = await served.chat("smart", { stream: true }, { "x-dragoman-agent": "a", "x-dragoman-session": "s" });
  await response.text();
  await (await served.chat("smart", { messages: "none" })).text();
  const { text } = await served.metrics.render();
  samples = readPrometheusText(text);
  kinds = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = "", kind = ""]) => ({
    name,
    kind,
    labels: labelsOf(name),
  }));
}

function labelsOf(name: string): readonly string[] {
  const found = samples.filter((sample) => sample.name === name || sample.name.startsWith(`${name}_`));
  return [...new Set(found.flatMap(({ labels }) => Object.keys(labels)))].filter((label) => !ADDED_LABELS.includes(label)).sort();
}

function isOurs({ name }: Kind): boolean {
  return /^(dragoman|gen_ai)_/.test(name);
}

/** Names in the first column of the table under a heading. */
function tableNames(heading: string): readonly string[] {
  const section = PAGE.split(/^## /m).find((one) => one.startsWith(heading)) ?? "";
  return [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
  );
}

describe("docs/observability.md", () => {
  it("has every figure of ours, with its kind and its labels, and no other", async () => {
    await observed();
    const rows = [...PAGE.matchAll(/^\| `((?:dragoman|gen_ai)_\w+)` \| (\w+) \| ([\w, ]*?) ?\| /gm)].map(
      ([, name = "", kind = "", labels = ""]) => ({
        name,
        kind,
        labels: labels
          .split(", ")
          .filter((label) => label !== "")
          .sort(),
      }),
    );
    const byName = (left: Kind, right: Kind) => (left.name < right.name ? -1 : 1);
    expect(rows.toSorted(byName)).toEqual(kinds.filter(isOurs).toSorted(byName));
  });

  it("has every field of the log", async () => {
    await observed();
    const fields = new Set(logged.flatMap((line) => Object.keys(JSON.parse(line) as object)));
    expect(fields.size).toBeGreaterThan(20);
    expect([...fields].filter((field) => !tableNames("The log").includes(field))).toEqual([]);
  });

  it("shows alerts over figures that are there", async () => {
    await observed();
    const alerts = [...PAGE.matchAll(/^\| `(.+?)`(?: for \d+ minutes)? \| /gm)]
      .map(([, cell = ""]) => cell)
      .filter((cell) => cell.includes("("));
    expect(alerts.length).toBe(3);
    for (const expression of alerts) expectKnown(expression);
  });
});

describe("docs/grafana-dashboard.json", () => {
  interface Panel {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }
  const dashboard = JSON.parse(readFileSync(join(DOCS, "grafana-dashboard.json"), "utf8")) as {
    readonly panels: readonly Panel[];
  };

  it.each(dashboard.panels.map((panel) => [panel.title, panel] as const))(
    "%s: its figures and labels are there",
    async (_title, { targets }) => {
      await observed();
      expect(targets.length).toBeGreaterThan(0);
      for (const { expr, legendFormat } of targets) {
        expectKnown(expr);
        // A legend can only name what the expression keeps.
        const kept = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(/,\s*/);
        for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          if (kept === undefined) expect(ADDED_LABELS).toContain(label);
          else expect(kept).toContain(label);
        }
      }
    },
  );

  it("leaves out no figure of ours", async () => {
    await observed();
    const text = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join("\n");
    expect(kinds.filter(isOurs).filter(({ name }) => !text.includes(name))).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});

/** Each figure of an expression is one that is rendered, and has the labels by which it is chosen and added up. */
function expectKnown(expression: string): void {
  const names = [...expression.matchAll(/\b((?:dragoman|gen_ai|process|nodejs)_\w+)/g)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const known = kinds.find((kind) => kind.name === name || (kind.kind === "histogram" && name === `${kind.name}_bucket`));
    expect(known, name).toBeDefined();
    const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
    const chosen = [...expression.matchAll(/(\w+)!?=~?"/g)].map(([, label = ""]) => label);
    for (const label of [...grouped, ...chosen])
      expect([...(known?.labels ?? []), ...ADDED_LABELS], `${label} of ${name}`).toContain(label);
  }
}
