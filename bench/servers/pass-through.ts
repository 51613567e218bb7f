/** The bare limit of any gateway in Node: `node:http` in front, undici behind, bytes handed through unread. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Pool } from "undici";
import { addressOf, serveParent } from "./serve-child.ts";

const vendor = new URL(process.argv[2] ?? "");
const pool = new Pool(vendor.origin, { connections: 1_024 });

async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const answer = await pool.request({
    path: vendor.pathname.replace(/\/$/, "") + (request.url ?? ""),
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer key" },
    body: Buffer.concat(pieces),
  });
  response.writeHead(answer.statusCode, { "content-type": String(answer.headers["content-type"]) });
  for await (const piece of answer.body) response.write(piece);
  response.end();
}

serveParent(
  await addressOf(
    createServer((request, response) => {
      pass(request, response).catch((error: Error) => response.destroy(error));
    }),
  ),
);
