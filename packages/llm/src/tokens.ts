/** How many tokens a request is: from the vendor's endpoint, a local tokenizer, or an estimate that says so. */
export interface TokenCount {
  readonly tokens: number;
  /** True only for the vendor's own count. */
  readonly exact: boolean;
  readonly method: "endpoint" | "tokenizer" | "estimate";
}
