import { createServer, type ServerResponse } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { expect, it } from "vitest";
import { createClientWriter } from "../src/http/client-writer.ts";

/** What a client receives from `answer`, and the pieces in which it was written. */
async function written(answer: (response: ServerResponse) => Promise<void>) {
  const pieces: string[] = [];
  const server = createServer((_request, response) => {
    const write = response.write.bind(response);
    response.write = (chunk: string) => {
      pieces.push(chunk);
      return write(chunk);
    };
    void answer(response).then(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    return { pieces, received: response.body === null ? "" : await textOf(response.body) };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it("writes what comes in one turn as one piece, and what comes later as another", async () => {
  const { pieces, received } = await written(async (response) => {
    const writer = createClientWriter(response);
    await new Promise(setImmediate);
    for (const piece of ["a", "", "b"]) writer.write(piece);
    // Microtasks belong to the turn that they were made in.
    await Promise.resolve();
    writer.write("c");
    await new Promise(setImmediate);
    writer.write("d");
    writer.flush();
  });
  expect(pieces).toEqual(["abc", "d"]);
  expect(received).toBe("abcd");
});

it("sends at once what it is told to, in the middle of a turn", async () => {
  let sent = 0;
  const { pieces, received } = await written(async (response) => {
    const writer = createClientWriter(response);
    await new Promise(setImmediate);
    writer.write("a");
    expect(response.socket?.bytesWritten).toBe(0);
    writer.sendNow();
    sent = (response.socket?.bytesWritten ?? 0) - (response.socket?.writableLength ?? 0);
    writer.write("b");
    await new Promise(setImmediate);
  });
  expect(sent).toBeGreaterThan(0);
  expect(pieces).toEqual(["a", "b"]);
  expect(received).toBe("ab");
});

it("does not gather without end", async () => {
  const { pieces } = await written(async (response) => {
    const writer = createClientWriter(response);
    for (let count = 0; count < 100; count++) writer.write("x".repeat(1_000));
    writer.flush();
  });
  expect(pieces.length).toBeGreaterThan(1);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(20_000);
});

it("tells of a backlog until the client has taken it", async () => {
  const { received } = await written(async (response) => {
    const writer = createClientWriter(response);
    expect(writer.backlog()).toBeUndefined();
    writer.write("x".repeat(4_000_000));
    const backlog = writer.backlog();
    expect(backlog).toBeInstanceOf(Promise);
    await backlog;
    expect(writer.backlog()).toBeUndefined();
  });
  expect(received.length).toBe(4_000_000);
});

it("does not wait for a client that has gone, and writes nothing to it", async () => {
  const { pieces } = await written(async (response) => {
    const writer = createClientWriter(response);
    writer.write("x".repeat(4_000_000));
    const backlog = writer.backlog();
    response.destroy();
    await backlog;
    writer.write("late");
    writer.flush();
  }).catch(() => ({ pieces: ["gone"] }));
  expect(pieces).toEqual(["gone"]);
});
