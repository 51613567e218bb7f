/** A real Redis on a free port of loopback, where this machine has one: `redis-server` or `valkey-server` on the path. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RedisServer {
  /** As `redis://127.0.0.1:40123`. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Undefined: there is none here. */
export function redisProgram(): string | undefined {
  return ["redis-server", "valkey-server"].find((name) => spawnSync(name, ["--version"]).status === 0);
}

export async function startRedis(program: string): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "dragoman-redis-"));
  const port = await freePort();
  const words = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const child: ChildProcess = spawn(program, words, { stdio: ["ignore", "pipe", "ignore"] });
  // A test that fails half-way must not leave it behind.
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  await ready(child, port);
  return {
    address: `redis://127.0.0.1:${port}`,
    stop: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
      process.off("exit", kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** It says so itself; it has to be there as well. */
async function ready(child: ChildProcess, port: number): Promise<void> {
  let said = "";
  for await (const text of child.stdout ?? []) {
    said += String(text);
    if (/ready to accept connections/i.test(said)) break;
  }
  const socket = createConnection({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  socket.destroy();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
