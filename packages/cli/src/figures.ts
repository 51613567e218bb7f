/** Numbers for people. */

/** `$0.0042`: at least two digits that say something, at most six after the point. */
export function usd(amount: number): string {
  if (amount === 0) return "$0";
  if (amount >= 1) return `$${amount.toFixed(2)}`;
  if (amount < 0.000_001) return "<$0.000001";
  const places = Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(amount))));
  return `$${amount.toFixed(places).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

/** A price per million tokens: `$3`, `$0.15`. */
export function price(perMillionUsd: number): string {
  return `$${Number(perMillionUsd.toFixed(4))}`;
}

/** `850 ms`, `1.2 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A window of tokens: `200k`, `1M`, `40960`. */
export function tokenWindow(tokens: number): string {
  if (tokens >= 1_000_000 && tokens % 10_000 === 0) return `${tokens / 1_000_000}M`;
  return tokens >= 1_000 && tokens % 1_000 === 0 ? `${tokens / 1_000}k` : String(tokens);
}
