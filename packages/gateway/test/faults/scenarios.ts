/** Every fault that a vendor was made to have, and what must come of it. */
import type { FaultScenario } from "./scenario.ts";
import { CONNECTIONS } from "./scenarios/connections.ts";
import { REQUESTS } from "./scenarios/requests.ts";
import { STATUSES } from "./scenarios/statuses.ts";
import { STREAMS } from "./scenarios/streams.ts";
import { WAITS } from "./scenarios/waits.ts";

export const FAULT_SCENARIOS: readonly FaultScenario[] = [...STATUSES, ...WAITS, ...CONNECTIONS, ...STREAMS, ...REQUESTS];
