/** What a server of the benchmark says to the process that started it. See `child-server.ts` for the other side. */
import { once } from "node:events";

export type ChildMessage =
  | { readonly type: "listening"; readonly url: string }
  | { readonly type: "usage"; readonly cpuMs: number; readonly rssBytes: number; readonly pid: number };

/** Tells where the server listens, answers each message with what the process has used, and ends with its parent. */
export function serveParent(url: string): void {
  tell({ type: "listening", url });
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    tell({ type: "usage", cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss(), pid: process.pid });
  });
  // Left by its parent or told to go, it ends as a process does that has done its work: what it made for itself is removed.
  for (const event of ["disconnect", "SIGTERM", "SIGINT"]) process.on(event, () => process.exit(0));
}

function tell(message: ChildMessage): void {
  process.send?.(message);
}

/** The address of a server that listens on a free port of loopback. */
export async function addressOf(server: import("node:net").Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}
