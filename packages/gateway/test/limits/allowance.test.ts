/** Nodes that share a limit: each gives out a slice of it, and comes by more in the background. */
import { describe, expect, test } from "vitest";
import type { Allowance, AllowanceOf, AllowanceSource } from "../../src/limits/allowance.ts";
import { createMeter } from "../../src/limits/create-meter.ts";
import { createManualMeterClock } from "./manual-meter-clock.ts";
import { amounts, QUEUE, queue, refused, rule, standing, take, turn } from "./metering.ts";

/** What all nodes together may give out, handed out in slices; answers come when they are told to. */
function createPool(total: number, slice: number) {
  let left = total;
  const asked: (() => void)[] = [];

  function allowanceOf({ changed, amountUnits }: AllowanceOf): Allowance {
    let units = 0;
    let isPending = false;
    let isDenied = false;
    return {
      get units() {
        return units;
      },
      request(wanted) {
        if (isDenied || wanted > amountUnits()) return false;
        if (isPending) return true;
        isPending = true;
        asked.push(() => {
          isPending = false;
          const granted = Math.min(left, Math.max(slice, wanted - units));
          left -= granted;
          units += granted;
          isDenied = granted === 0;
          changed();
        });
        return true;
      },
      release() {
        left += units;
        units = 0;
      },
    };
  }

  const source: AllowanceSource = allowanceOf;
  return {
    source,
    get left() {
      return left;
    },
    get asked() {
      return asked.length;
    },
    answer: () => asked.shift()?.(),
  };
}

function node(source: AllowanceSource, given = rule({ amount: 10 })) {
  const clock = createManualMeterClock();
  return { clock, meter: createMeter({ rules: [given], clock, allowances: source }) };
}

describe("a limit that nodes share", () => {
  test("a call waits for the answer to a request for more, and for nothing while there is some", async () => {
    const pool = createPool(10, 4);
    const { meter, clock } = node(pool.source);
    const first = queue(meter);
    pool.answer();
    await first.over;
    expect(first.reservation?.rules).toEqual(["limit"]);
    for (let count = 0; count < 3; count += 1) take(meter);
    expect(pool.asked).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test("where there is no more to be had, those who waited are refused, and the next at once", async () => {
    const pool = createPool(2, 2);
    const { meter } = node(pool.source);
    const waiting = [queue(meter), queue(meter), queue(meter)];
    pool.answer();
    await turn();
    pool.answer();
    await Promise.all(waiting.map(({ over }) => over));
    expect(waiting.map(({ reservation, error }) => (reservation === undefined ? error?.code : "in"))).toEqual([
      "in",
      "in",
      "rate_limited",
    ]);
    expect(refused(() => take(meter)).code).toBe("rate_limited");
    expect(standing(meter)).toMatchObject({ amount: 10, reserved: 2, waiting: 0 });
  });

  test("an answer that does not come is waited for a quarter of a second, and by a rule with a line as long as that says", async () => {
    for (const [overflow, waitMs] of [
      [{ type: "refuse" }, 250],
      [QUEUE, QUEUE.waitMaxMs],
    ] as const) {
      const { meter, clock } = node(createPool(10, 4).source, rule({ amount: 10, overflow }));
      const late = queue(meter);
      clock.pass(waitMs - 1);
      await turn();
      expect(late.error).toBeUndefined();
      clock.pass(1);
      await late.over;
      expect(late.error?.code).toBe("rate_limited");
      expect(clock.timers).toBe(0);
    }
  });

  test("all nodes together never give out more than the amount", async () => {
    const pool = createPool(10, 3);
    const nodes = [node(pool.source), node(pool.source), node(pool.source)];
    let letIn = 0;
    for (let round = 0; round < 12; round += 1) {
      for (const { meter } of nodes) {
        try {
          const reservation = meter.reserve({}, "call", amounts());
          if (reservation instanceof Promise)
            void reservation.then(
              () => (letIn += 1),
              () => undefined,
            );
          else letIn += 1;
        } catch {
          // Refused, as it must be once all is given out.
        }
      }
      pool.answer();
      await turn();
    }
    while (pool.asked > 0) pool.answer();
    await turn();
    expect(letIn).toBe(10);
  });

  test("a slice is given back when the meter is closed", async () => {
    const pool = createPool(10, 4);
    const { meter } = node(pool.source);
    const first = queue(meter);
    pool.answer();
    await first.over;
    expect(pool.left).toBe(6);
    meter.close();
    expect(pool.left).toBe(10);
  });
});
