/** A fake vendor in a thread of its own, for tests whose own thread blocks. */
import { parentPort, workerData } from "node:worker_threads";
import { startFakeVendor } from "@dragoman/llm/testing";

const fake = await startFakeVendor(workerData.vendor, workerData.options);
parentPort?.postMessage({ url: fake.url, baseUrl: fake.baseUrl });
