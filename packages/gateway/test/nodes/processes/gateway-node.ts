/** One gateway, which makes calls when it is told to, and tells of each that was answered. */
import { toDragomanError } from "@dragoman/llm";
import { createGateway } from "../../../src/create-gateway.ts";
import { asking, caller, nodeConfiguration } from "../gateway-nodes.ts";
import type { NodeOrder } from "../processes.ts";

const AT_ONCE = 8;
const order: NodeOrder = JSON.parse(process.argv[2] ?? "");
const gateway = await createGateway(nodeConfiguration(order, { limits: order.limits }));
const began = Date.now();
let next = 0;

async function call(count: number): Promise<void> {
  const end = next + count;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < end) {
        const id = `${order.node}-${began}-${next++}`;
        await gateway
          .as(caller(id))
          .complete(asking(id))
          .then(
            () => process.send?.({ answered: id }),
            (thrown) => process.send?.({ refused: toDragomanError(thrown).code }),
          );
      }
    }),
  );
  process.send?.({ done: true });
}

process.on("message", async (told: { call?: number; stop?: true }) => {
  if (told.call !== undefined) await call(told.call);
  if (told.stop) {
    await gateway.close();
    process.disconnect();
  }
});
process.send?.({ ready: true });
