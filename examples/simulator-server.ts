/** A worker thread with Dragoman's server over the simulator; it posts its address. */
import { parentPort } from "node:worker_threads";
import { createServer } from "@dragoman/gateway";
import { createRegistry } from "@dragoman/llm";
import { createSimulator } from "@dragoman/llm/testing";

parentPort?.postMessage(await createServer({ registry: createRegistry([createSimulator()]) }).listen({ port: 0 }));
