/** Lines over two axes, as plain data: what `line-chart.ts` draws. */

export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Axis {
  /** With its unit. */
  readonly label: string;
  readonly scale: "linear" | "log";
  /** The ends of the axis; what lies beyond is cut off. Above 0 on a logarithmic one. */
  readonly from: number;
  readonly to: number;
  /** Values that are written at the axis. Default: round ones, 1, 2 and 5 times a power of ten. */
  readonly ticks?: readonly number[];
}

export interface Series {
  /** Stands at the end of its line. */
  readonly name: string;
  /** In the order in which they are joined. */
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}
