import type { Pool } from "pg";
import type { LeaseAsked, LeaseStore, Renewed } from "./lease-store.ts";

export interface PostgresLeaseStoreOptions {
  readonly pool: Pool;
  readonly node: string;
  readonly leaseMs: number;
}

/** Of `renew_leases`, for a node whose number is no longer the one that holds. */
const FENCED = "DRG01";
/** Leases that one sweep takes back at most, so that it holds nobody up. */
const SWEPT_MAX = 1_000;

const REGISTER = `select dragoman.register_node($1, $2::integer, $3::boolean) as epoch,
  (select count(*) from dragoman.nodes where node <> $1 and not gone and expires_at > clock_timestamp()) as others`;

const RENEW = `select nodes, units, elsewhere, free, looks from dragoman.renew_and_look(
  $1, $2::bigint, $3::bigint, $4::integer, $5::integer, $6::boolean,
  $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::boolean[],
  $16::text[], $17::text[])`;

const LEFT = `select l.counter, c.name, l.used from dragoman.leases l join dragoman.counters c on c.counter = l.counter
  where l.node = $1 and l.counter > '' and l.counter > $2 order by l.counter limit $3`;

export function createPostgresLeaseStore({ pool, node, leaseMs }: PostgresLeaseStoreOptions): LeaseStore {
  return {
    async register(takeOver) {
      const { rows } = await pool.query(REGISTER, [node, leaseMs, takeOver]);
      const { epoch, others } = rows[0];
      return epoch === null ? undefined : { epoch: Number(epoch), nodes: Number(others) + 1 };
    },
    async renew({ epoch, turn, nodes, countNodes, leases, looks }) {
      const column = <Name extends keyof LeaseAsked>(name: Name): LeaseAsked[Name][] => leases.map((one) => one[name]);
      try {
        const { rows } = await pool.query({
          // Prepared once a connection.
          name: "renew_and_look",
          text: RENEW,
          values: [
            node,
            epoch,
            turn,
            leaseMs,
            nodes,
            countNodes,
            column("counter"),
            column("label"),
            column("amount"),
            column("used"),
            column("need"),
            column("demand"),
            column("wanted"),
            column("leavesInMs"),
            column("released"),
            column("name"),
            looks,
          ],
        });
        return { fenced: false, ...answersOf(rows[0]) };
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === FENCED) return { fenced: true };
        throw error;
      }
    },
    async left(after, countMax) {
      const { rows } = await pool.query(LEFT, [node, after, countMax]);
      return rows.map(({ counter, name, used }) => ({ counter, name: name ?? undefined, used: Number(used) }));
    },
    async sweep() {
      const reclaimed = await pool.query("select dragoman.reclaim_leases($1::integer, $2::integer) as rows", [
        leaseMs,
        SWEPT_MAX,
      ]);
      const released = await pool.query("select dragoman.release_leases($1::integer) as rows", [SWEPT_MAX]);
      return Number(reclaimed.rows[0]?.rows ?? 0) + Number(released.rows[0]?.rows ?? 0);
    },
    async leave(epoch) {
      await pool.query("select dragoman.leave_node($1, $2::bigint)", [node, epoch]);
    },
  };
}

interface RenewedRow {
  readonly nodes: number | null;
  /** Of `bigint`, which the driver gives as text. */
  readonly units: readonly string[];
  readonly elsewhere: readonly string[];
  readonly free: readonly string[];
  readonly looks: readonly string[];
}

function answersOf(row: RenewedRow): Omit<Extract<Renewed, { fenced: false }>, "fenced"> {
  const { units, elsewhere, free, looks, nodes } = row;
  const leases = units.map((held, index) => ({
    units: Number(held),
    elsewhere: Number(elsewhere[index]),
    free: Number(free[index]),
  }));
  return { leases, nodes: nodes ?? undefined, looks: looks.map(Number) };
}
