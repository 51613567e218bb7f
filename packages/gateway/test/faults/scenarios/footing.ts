/** What fails beside vendors: what the gateway stands on, and who calls it. Data: the tests bear its names, docs/faults.md is written from it. */

export interface FootingFault {
  /** Also the name of its test. */
  readonly name: string;
  /** What becomes of calls meanwhile. */
  readonly calls: string;
  /** Of limits, money and the ledger. */
  readonly accounts: string;
  /** Once it is over. */
  readonly afterwards: string;
  /** The file of this folder where it is tested. */
  readonly test: string;
}

export const FOOTING_FAULTS = [
  {
    name: "the disk is full",
    calls: "those that run end well; others are refused with 503 before anything is sent",
    accounts: "all that was sent is accounted for; nothing stays set aside",
    afterwards: "calls go on once there is room (`test/ledger/sqlite-durability.test.ts`)",
    test: "stores.test.ts",
  },
  {
    name: "PostgreSQL is slow",
    calls: "those that have room notice nothing; one whose limit this node has no room of is refused with 429",
    accounts: "no limit is exceeded; calls are settled in the node's file at once",
    afterwards: "all calls are in PostgreSQL, each once",
    test: "shared-store.test.ts",
  },
  {
    name: "PostgreSQL is there and never answers",
    calls: "as when it is slow",
    accounts: "no limit is exceeded; calls are settled in the node's file at once",
    afterwards: "all calls are in PostgreSQL, each once",
    test: "shared-store.test.ts",
  },
  {
    name: "PostgreSQL is gone",
    calls: "go on with what this node has leased, without the shared cache, then 429",
    accounts: "no budget is exceeded; the ledger answers of this node alone, and says so",
    afterwards: "all calls are in PostgreSQL, each once, with what they cost; the rest of the budget can be used",
    test: "shared-store.test.ts",
  },
  {
    name: "PostgreSQL is gone when a node starts",
    calls: "it does not start, and says why",
    accounts: "none",
    afterwards: "it starts",
    test: "shared-store.test.ts",
  },
  {
    name: "the cache's Redis never answers",
    calls: "go on; at most three waits of 250 ms in all, then none for 10 s",
    accounts: "each call is asked of the vendor, and paid",
    afterwards: "it is asked again",
    test: "stores.test.ts",
  },
  {
    name: "the cache's Redis is gone",
    calls: "go on without it; none waits; after three failures it is not asked for 10 s, which is told once",
    accounts: "each call is asked of the vendor, and paid",
    afterwards: "it is asked again",
    test: "stores.test.ts",
  },
  {
    name: "the clock is set back or forward",
    calls: "go on",
    accounts: "no record has a length below nothing",
    afterwards: "nobody is left alone for longer than was meant",
    test: "flapping.test.ts",
  },
  {
    name: "a client leaves",
    calls: "the vendor's connection is closed, nobody else is asked",
    accounts: "aborted; what had come is paid, as an estimate",
    afterwards: "nothing stays set aside, and no breaker counts it",
    test: "leaving.test.ts",
  },
  {
    name: "a client reads nothing of its stream for a while",
    calls: "the vendor's stream waits, beyond its own deadline, and holds no more than sockets do",
    accounts: "answered, by the vendor's own figures",
    afterwards: "the rest comes whole",
    test: "slow-clients.test.ts",
  },
  {
    name: "a client never reads its stream",
    calls: "its connection is ended, and the vendor's with it",
    accounts: "aborted; what had come is paid, as an estimate",
    afterwards: "nothing stays set aside, and no breaker counts it",
    test: "slow-clients.test.ts",
  },
  {
    name: "a client never reads its whole answer",
    calls: "the call is over; the connection is ended",
    accounts: "answered, by the vendor's own figures",
    afterwards: "nothing is left of it",
    test: "slow-clients.test.ts",
  },
  {
    name: "one of two clients that share a stream reads nothing",
    calls: "the other has all of it",
    accounts: "asked and paid once",
    afterwards: "the first is ended as any other",
    test: "slow-clients.test.ts",
  },
  {
    name: "the gateway is stopped",
    calls: "those that run may end within `server.drain`, then they are aborted; no others are taken",
    accounts: "all are settled",
    afterwards: "nothing runs on",
    test: "changing.test.ts",
  },
] as const satisfies readonly FootingFault[];

/** Of these rows, and no other. */
export function footing(name: (typeof FOOTING_FAULTS)[number]["name"]): string {
  return name;
}
