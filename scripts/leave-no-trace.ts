/**
 * The setup of the test files that share a thread and its modules: fails a file that leaves globals behind that it faked,
 * and puts them back, so that the files after it are judged by what they do themselves. A file that fakes timers or mocks
 * modules has a thread of its own, by its name: `*.isolated.test.ts`. Timers cannot be faked here at all: sockets of the files
 * before may still be alive, and a module that sets its one timer while it is faked (undici keeps such a one) waits for ever.
 */
import { afterAll, expect, vi } from "vitest";

/** What tests like to replace. */
const WATCHED: readonly (readonly [holder: object, names: readonly string[]])[] = [
  [globalThis, ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate"]],
  [globalThis, ["queueMicrotask", "fetch", "Date", "performance", "process", "console"]],
  [performance, ["now"]],
  [Date, ["now"]],
  [Math, ["random"]],
  [crypto, ["randomUUID", "getRandomValues"]],
  [process, ["nextTick", "hrtime", "exit", "kill", "cwd", "emitWarning"]],
  [process.stdout, ["write"]],
  [process.stderr, ["write"]],
  [console, ["debug", "log", "info", "warn", "error"]],
];

const DISPATCHER = Symbol.for("undici.globalDispatcher.1");

interface Place {
  readonly holder: object;
  readonly name: string;
  readonly value: unknown;
}

vi.useFakeTimers = () => {
  throw new Error("timers are not faked where files share a thread; call this file *.isolated.test.ts");
};

const places: readonly Place[] = WATCHED.flatMap(([holder, names]) =>
  names.map((name) => ({ holder, name, value: Reflect.get(holder, name) })),
);
const environment = { ...process.env };
const dispatcher: unknown = Reflect.get(globalThis, DISPATCHER);

afterAll(() => {
  const left = [...leftEnvironment(), ...leftPlaces(), ...leftDispatcher()];
  expect(left, "this file leaves globals changed; restore them, or call it *.isolated.test.ts").toEqual([]);
});

function leftEnvironment(): readonly string[] {
  const names = new Set([...Object.keys(environment), ...Object.keys(process.env)]);
  const changed = [...names].filter((name) => process.env[name] !== environment[name]);
  for (const name of changed) {
    const before = environment[name];
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
  return changed.map((name) => `the environment variable ${name}`);
}

function leftPlaces(): readonly string[] {
  const changed = places.filter(({ holder, name, value }) => Reflect.get(holder, name) !== value);
  for (const { holder, name, value } of changed) Reflect.set(holder, name, value);
  return changed.map(({ name }) => name);
}

/** Undici sets it when it is first loaded; that is no change. */
function leftDispatcher(): readonly string[] {
  if (dispatcher === undefined || Reflect.get(globalThis, DISPATCHER) === dispatcher) return [];
  Reflect.set(globalThis, DISPATCHER, dispatcher);
  return ["the global dispatcher of undici"];
}
