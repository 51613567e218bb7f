import { UNKNOWN_CAPABILITIES } from "../../capabilities.ts";
import type { Dialect } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import type { ConformanceCase, DialectSubject } from "./conformance-case.ts";
import { expectTrue } from "./expect.ts";
import { asClientRequest } from "./round-trip-cases.ts";
import { SAMPLE_REQUESTS } from "./samples.ts";

/** What a client may send in place of any value. */
const WRONG_VALUES: readonly unknown[] = [
  null,
  true,
  7,
  -1.5,
  "text",
  [],
  [null],
  [[]],
  {},
  { type: "unheard-of" },
  [{ type: "unheard-of" }],
  { role: 7 },
  "\ud800",
];

export function badRequestCases({ dialect }: DialectSubject): readonly ConformanceCase[] {
  return [
    {
      name: "refuses a body that is no object",
      run: async () => {
        for (const body of [undefined, null, 7, "text", [], true]) expectRefusal(dialect, body, true);
      },
    },
    ...["tools", "a tool loop", "an image by value", "sampling settings", "a schema"].map(
      (name): ConformanceCase => ({
        name: `a wrong value anywhere is refused by its name or understood, never a crash: ${name}`,
        run: async () => {
          const sample = SAMPLE_REQUESTS[name];
          expectTrue(sample !== undefined, `there is no sample ${name}`);
          const { body } = asClientRequest(dialect.renderRequest(sample, { stream: false, capabilities: UNKNOWN_CAPABILITIES }));
          for (const path of pathsOf(body))
            for (const wrong of WRONG_VALUES) expectRefusal(dialect, replaced(body, path, wrong), false);
        },
      }),
    ),
  ];
}

/** The request is refused with a field, or read; anything else that is thrown is a crash. */
function expectRefusal(dialect: Dialect, body: unknown, mustRefuse: boolean): void {
  try {
    dialect.parseRequest({ path: "/v1beta/models/sample-model:generateContent", query: {}, headers: {}, body });
  } catch (error) {
    expectTrue(DragomanError.is(error), `it crashed with ${String(error)} on ${String(JSON.stringify(body)).slice(0, 300)}`);
    expectTrue(error.code !== "internal" && error.scope !== "provider", `it blames ${error.code} for a caller's mistake`);
    return;
  }
  expectTrue(!mustRefuse, `it took ${JSON.stringify(body)} for a request`);
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  const children = Array.isArray(value)
    ? value.entries()
    : typeof value === "object" && value !== null
      ? Object.entries(value)
      : [];
  return [path, ...[...children].flatMap(([key, child]) => pathsOf(child, [...path, key]))].filter(
    (found) => found.length > 0 || path.length > 0,
  );
}

function replaced(value: unknown, [key, ...rest]: Path, wrong: unknown): unknown {
  if (key === undefined) return wrong;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === key ? replaced(item, rest, wrong) : item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, name === key ? replaced(item, rest, wrong) : item]),
  );
}
