/** A wire to a server on loopback that can be made slow, silent or dead, and well again. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface Relay {
  /** The address of the server, by way of this. */
  readonly url: string;
  /** Each piece takes so much longer, either way. Milliseconds. */
  slow(delayMs: number): void;
  /** Nothing goes through any more, and nobody is told. */
  silence(): void;
  /** Connections break, and no other is taken. */
  shut(): Promise<void>;
  /** All is well, under the same address. What was held back goes out. */
  open(): Promise<void>;
  close(): Promise<void>;
}

export async function startRelay(url: string): Promise<Relay> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let held = Promise.withResolvers<void>();
  held.resolve();

  function pass(from: Socket, to: Socket): void {
    let last: Promise<unknown> = Promise.resolve();
    from.on("data", (piece) => {
      const due = delayMs === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, delayMs));
      last = last.then(() => Promise.all([due, held.promise])).then(() => to.write(piece));
    });
    from.on("close", () => void last.then(() => to.destroy()));
    from.on("error", () => {});
    sockets.add(from);
    from.once("close", () => sockets.delete(from));
  }

  function take(client: Socket): void {
    const upstream = connect(Number(target.port), target.hostname);
    pass(client, upstream);
    pass(upstream, client);
  }

  let server: Server = createServer(take);
  await listenOn(server, 0);
  const port = portOf(server);

  function breakAll(): void {
    for (const socket of sockets) socket.destroy();
  }

  async function shut(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    breakAll();
    await closed;
  }

  const own = new URL(url);
  own.hostname = "127.0.0.1";
  own.port = String(port);
  return {
    url: own.href,
    slow: (ms) => {
      delayMs = ms;
    },
    silence: () => {
      held = Promise.withResolvers();
    },
    shut,
    open: async () => {
      delayMs = 0;
      held.resolve();
      if (server.listening) return;
      server = createServer(take);
      await listenOn(server, port);
    },
    close: async () => {
      held.resolve();
      await shut();
    },
  };
}

async function listenOn(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the relay has no port");
  return address.port;
}
