/**
 * Where nodes that share limits lease their slices. Of each counter it knows how much each node holds, and how much of that each said to
 * be in use; never what a window is: what is in use stands in the node's own tally, and is given back when it has left it.
 *
 * So one sum is kept: what is held of a counter, over all nodes, is never more than its amount. PostgreSQL keeps it
 * (`postgres-lease-store.ts`); the tests also run over a model in memory.
 */

export interface LeaseStore {
  /**
   * Takes the node's name, with a number that no earlier holder had: what an earlier one sends from then on is refused. `takeOver`: also from one whose
   * lease still holds, as a process does that starts again. Undefined: another process has the name, and renews it.
   */
  register(takeOver: boolean): Promise<{ readonly epoch: number; readonly nodes: number } | undefined>;
  /** Renews the node's lease, and those of some counters. One statement, all or nothing; sent twice it comes to the same. */
  renew(renewal: Renewal): Promise<Renewed>;
  /** What the node's name stands with, by whatever process, after a counter in their order. Takes no name: whoever reads changes nothing. */
  left(after: string, countMax: number): Promise<readonly LeftLease[]>;
  /** Takes back what nodes hold that have not renewed in time, and lets go of what has left its window. Resolves with how many leases. */
  sweep(): Promise<number>;
  /** The node gives up its lease: what it still holds may be taken back at once. */
  leave(epoch: number): Promise<void>;
}

export interface Renewal {
  readonly epoch: number;
  /** Grows with each renewal: one that was delayed on its way is not to undo a later one. */
  readonly turn: number;
  /** Nodes among which what is free is shared out, this one included. */
  readonly nodes: number;
  /** Whether the nodes are to be counted anew. */
  readonly countNodes: boolean;
  readonly leases: readonly LeaseAsked[];
  /** Counters of which only what others say to have in use is asked. None of those of `leases`. */
  readonly looks: readonly string[];
}

export interface LeftLease {
  readonly counter: string;
  /** As `LeaseAsked.name`. Undefined: nobody has told it. */
  readonly name: string | undefined;
  readonly used: number;
}

/** What a node says and wants of one counter. All in units of the rule. */
export interface LeaseAsked {
  /** Which counter: a hash, so that a name's length costs nothing. */
  readonly counter: string;
  /** For whoever looks at the table. */
  readonly label: string;
  /** What the hash was made of, from which a later process knows the counter again. Undefined: told before, or too long to be kept. */
  readonly name: string | undefined;
  /** What the rule allows in all. */
  readonly amount: number;
  /** In use now: a fact, which is written down even where it is more than may be had. */
  readonly used: number;
  /** What is in use and what one call waits for: less is of no help. */
  readonly need: number;
  /** What is in use and what all calls wait for. It counts as used from now on, should the node die. */
  readonly demand: number;
  /** All of this, and what is to be spared for the next calls. Less than what is held gives the rest back. */
  readonly wanted: number;
  /** When all that is in use now will have left its window. Milliseconds from now; 0: with the node. */
  readonly leavesInMs: number;
  /** The counter is forgotten here: what is in use stays counted until it has left. */
  readonly released: boolean;
}

export interface LeaseAnswer {
  /** What the node holds now. */
  readonly units: number;
  /** What others say to have in use. */
  readonly elsewhere: number;
  /** What nobody holds. Below nothing where more is in use than may be. */
  readonly free: number;
}

export type Renewed =
  | {
      readonly fenced: false;
      readonly leases: readonly LeaseAnswer[];
      readonly nodes: number | undefined;
      readonly looks: readonly number[];
    }
  /** Another process has the name, or the lease was taken back: nothing was changed, and nothing is held any more. */
  | { readonly fenced: true };
