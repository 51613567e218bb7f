import { spawnSync } from "node:child_process";
import { CORES, canPin } from "../child-server.ts";

/** Keeps this process, which asks, off the core of the servers until it is disposed of. Does nothing where none can be bound. */
export function keepOffCore(core: number): Disposable {
  if (!canPin()) return { [Symbol.dispose]() {} };
  const others = Array.from({ length: CORES }, (_, index) => index).filter((index) => index !== core);
  bindTo(others.join(","));
  return { [Symbol.dispose]: () => bindTo(`0-${CORES - 1}`) };
}

function bindTo(cores: string): void {
  spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(process.pid)]);
}
