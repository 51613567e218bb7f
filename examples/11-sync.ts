/** One answer without `await`, for a script. The thread stands still meanwhile, so the simulator's server has its own. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { DISCOVERY_VARIABLES } from "@dragoman/gateway";
import { textOf } from "@dragoman/llm";
import { completeSync } from "@dragoman/llm/sync";

const model = process.env.DRAGOMAN_MODEL || undefined;
const simulator = model === undefined ? new Worker(new URL("./simulator-server.ts", import.meta.url)) : undefined;
const [simulatorUrl] = simulator === undefined ? [] : await once(simulator, "message");

// Keys come from the environment, other base URLs from here. Any server of OpenAI's wire can stand in for llama.cpp.
const moved = DISCOVERY_VARIABLES.map(({ provider, urlVariable }) => [provider, process.env[urlVariable]] as const);
const baseUrls = Object.fromEntries(moved.flatMap(([id, url]) => (url ? [[id, url]] : [])));
const completion = completeSync({
  model: model ?? "llamacpp:sim:echo",
  prompt: "Hello from a script",
  baseUrls: simulatorUrl === undefined ? baseUrls : { llamacpp: `${simulatorUrl}/v1` },
});
console.log(textOf(completion.message));
await simulator?.terminate();
