/** One gateway in a process of its own, which makes the calls of a schedule and tells of each, until it is told to stop, or killed. */

import { type FromMoneyProcess, HELD, heldCall, LEASE_LOST, type MoneyOrder } from "../money-process.ts";
import { sampleOf } from "../seed.ts";
import { drive, functionDoor, holdStream } from "../wire-driver.ts";
import { openWireGateway } from "../wire-gateway.ts";
import { wireCall } from "../wire-plan.ts";

const order: MoneyOrder = JSON.parse(process.argv[2] ?? "");
const { DATABASE_URL = "", DRAGOMAN_PEPPER = "" } = process.env;
const gateway = await openWireGateway({
  ...order,
  environment: { DATABASE_URL, DRAGOMAN_PEPPER },
  observers: [
    {
      noticed: ({ event }) => {
        if (event === LEASE_LOST) tell({ leaseLost: true });
      },
    },
  ],
});

function tell(told: FromMoneyProcess): void {
  process.send?.(told);
}

process.on("message", async (told: "go" | "stop") => {
  if (told === "stop") {
    await gateway.close();
    process.disconnect();
    return;
  }
  const door = functionDoor(gateway);
  // Whenever the process is killed, this one is under way.
  const held = { id: heldCall(order.letter), plan: HELD, seen: undefined };
  tell({ begun: held.id });
  await holdStream(gateway, held);
  await drive({
    letter: order.letter,
    // Without a second, dearer vendor it is known what each call holds.
    plans: sampleOf(wireCall, order.count, order.seed).map((plan) => ({ ...plan, fallsBack: false })),
    doorOf: () => door,
    onBegin: ({ id }) => tell({ begun: id }),
    onEnd: ({ id, seen }) => tell({ ended: id, answered: seen?.type === "answered" }),
  });
  tell({ done: true });
});
tell({ ready: true });
