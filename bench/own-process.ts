/** The clients of one wire as subjects to be measured, each in a process of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { CLIENTS } from "./clients.ts";
import type { Block, Subject } from "./measure.ts";
import type { Wire } from "./vendor-answers.ts";

export interface OwnProcesses extends AsyncDisposable {
  readonly subjects: readonly Subject[];
}

/** The client that is ours, and what it is called where an earlier checkout's runs beside it. */
const OURS = "@dragoman/llm";
const EARLIER = `${OURS}, earlier`;

export async function inOwnProcesses(
  wire: Wire,
  operation: "complete" | "stream",
  origin: string,
  against?: string,
): Promise<OwnProcesses> {
  const children: ChildProcess[] = [];
  const subjects: Subject[] = [];
  const clients = Object.keys(CLIENTS[wire]).map((name) => ({ name, title: name, bench: import.meta.dirname }));
  const place = clients.findIndex(({ name }) => name === OURS) + 1;
  if (against !== undefined) clients.splice(place, 0, { name: OURS, title: EARLIER, bench: join(resolve(against), "bench") });
  for (const { name, title, bench } of clients) {
    const child = fork(join(bench, "client-process.ts"), [wire, name, operation, origin]);
    children.push(child);
    await answer(child);
    subjects.push({
      name: title,
      measure: async (calls, concurrency) => {
        child.send({ calls, concurrency });
        return (await answer(child)) as Block;
      },
    });
  }
  return {
    subjects,
    async [Symbol.asyncDispose]() {
      for (const child of children) {
        const gone = once(child, "exit");
        child.disconnect();
        await gone;
      }
    },
  };
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error("a client of the benchmark ended"));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}
