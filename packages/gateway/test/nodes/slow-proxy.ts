/** A wire to a server that can be made slow, on loopback. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface SlowProxy {
  /** The address of the server, by way of this. */
  readonly url: string;
  delayMs: number;
  close(): Promise<void>;
}

export async function startSlowProxy(url: string): Promise<SlowProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const proxy = { url: "", delayMs: 0, close };

  function pass(from: Socket, to: Socket): void {
    let last: Promise<void> = Promise.resolve();
    from.on("data", (chunk) => {
      const { delayMs } = proxy;
      const due = delayMs === 0 ? Promise.resolve() : new Promise<void>((resolve) => setTimeout(resolve, delayMs));
      last = last.then(() => due).then(() => void to.write(chunk));
    });
    from.on("close", () => void last.then(() => to.destroy()));
    from.on("error", () => {});
    sockets.add(from);
  }

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    pass(client, upstream);
    pass(upstream, client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const own = new URL(url);
  own.hostname = "127.0.0.1";
  own.port = String(address.port);
  proxy.url = own.href;

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }

  return proxy;
}
