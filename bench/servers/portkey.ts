/**
 * Portkey's gateway as its package starts it, without its page of logs, in a folder where it is installed. Its own start
 * listens on every interface of the machine; here it gets a free port of loopback.
 */
import { Server } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { addressOf, serveParent } from "./serve-child.ts";

const folder = process.argv[2] ?? "";
process.env.NODE_ENV = "production";
process.argv.splice(2, Infinity, "--headless");
// Its banner, and a line for each call that failed, whose answer tells that too.
process.stdout.write = () => true;
process.stderr.write = () => true;
console.clear = () => undefined;

const listen = Object.getOwnPropertyDescriptor(Server.prototype, "listen") ?? {};
Object.defineProperty(Server.prototype, "listen", {
  ...listen,
  value: function listenOnLoopback(this: Server): Server {
    Object.defineProperty(Server.prototype, "listen", listen);
    void addressOf(this).then(serveParent);
    return this;
  },
});
await import(pathToFileURL(join(folder, "build/start-server.js")).href);
