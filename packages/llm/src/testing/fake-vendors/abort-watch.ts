/** Tells those who wait that a client has given up, or that none ever will. */
export class AbortWatch {
  readonly #waiting: { readonly resolve: () => void; readonly reject: (reason: Error) => void }[] = [];
  #happened = false;
  #closed = false;

  happened(): void {
    this.#happened = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error("the fake vendor was closed before a client gave up"));
  }

  wait(): Promise<void> {
    if (this.#happened) return Promise.resolve();
    if (this.#closed) return Promise.reject(new Error("the fake vendor is closed and no client gave up"));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}
