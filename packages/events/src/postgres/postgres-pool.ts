/** What a log asks of a pool of `pg`; spelt out here, so that who uses the log needs no types of the driver. */

/** As `pg.Pool` is. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  /** What its connections are made with. A tail listens on a connection of its own, made alike. */
  readonly options: object;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** As `pg.PoolClient` is. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<PostgresResult>;
  /** With an error: the connection is not used again. */
  release(error?: Error | boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

export interface PostgresResult {
  // biome-ignore lint/suspicious/noExplicitAny: the driver's own type; whoever asked knows the columns
  readonly rows: any[];
  readonly rowCount: number | null;
}
