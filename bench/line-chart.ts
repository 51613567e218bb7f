/**
 * A chart as SVG: no script, no font of its own, readable on a light and on a dark page by the reader's preference. Each line
 * has its name at its end rather than in a legend; a line that leaves the plot at the top has it above the plot.
 */
import type { Axis, Chart, Point, Series } from "./chart.ts";

const WIDTH = 920;
const HEIGHT = 540;
/** Of the plot; above it is room for the names of lines that leave it there. */
const PLOT = { left: 76, right: 724, top: 148, bottom: 472 } as const;
const LINE_HEIGHT = 18;
/** From the top of the picture to the foot of the title, and from there to the names or the plot. */
const TITLE_HEIGHT = 34;

/** Light, dark: of Okabe and Ito's colours, which the colour-blind tell apart, in two strengths. */
const COLOURS: readonly (readonly [string, string])[] = [
  ["#5f6773", "#a9b2bf"],
  ["#0072b2", "#56b4e9"],
  ["#b34a00", "#ff9d4d"],
  ["#007d5b", "#2fd3a5"],
  ["#a3457b", "#e39ac4"],
];

interface Placed {
  readonly name: string;
  readonly index: number;
  /** Where the line ends within the plot. */
  readonly end: Point;
  /** Where its name begins. */
  readonly at: Point;
}

export function renderLineChart(chart: Chart): string {
  const { title, x, y, series } = chart;
  const lines = series.map(
    ({ name, points }): Series => ({
      name,
      points: points.map((point) => ({ x: placeX(x, point.x), y: placeY(y, point.y) })),
    }),
  );
  const names = placeNames(lines);
  const top = Math.min(PLOT.top, ...names.map(({ at }) => at.y - LINE_HEIGHT)) - 2 * TITLE_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 ${top} ${WIDTH} ${HEIGHT - top}" role="img" aria-label="${escapeXml(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="page" y="${top}" width="${WIDTH}" height="${HEIGHT - top}" rx="8"/>`,
    `<clipPath id="plot"><rect x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.right - PLOT.left}" height="${PLOT.bottom - PLOT.top}"/></clipPath>`,
    text("title", { x: PLOT.left, y: top + TITLE_HEIGHT }, title),
    ...ticksOf(y).flatMap((value) => renderTickY(y, value)),
    ...ticksOf(x).flatMap((value) => renderTickX(x, value)),
    `<path class="axis" d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}"/>`,
    text("label middle", { x: (PLOT.left + PLOT.right) / 2, y: PLOT.bottom + 46 }, x.label),
    `<text class="label middle" transform="translate(22 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)">${escapeXml(y.label)}</text>`,
    ...lines.map(renderLine),
    ...names.flatMap(renderName),
    "</svg>",
    "",
  ].join("\n");
}

const STYLE = [
  ":root{color-scheme:light dark}",
  ".page{fill:#fff}.grid{stroke:#e3e6ea}.axis{stroke:#5f6773;fill:none}.tick,.label{fill:#4a515c}.title{fill:#16191d}",
  "text{font:13px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}",
  ".title{font-size:16px;font-weight:600}.name{font-weight:600}.middle{text-anchor:middle}.end{text-anchor:end}",
  ".line{fill:none;stroke-width:2.25;stroke-linejoin:round}.lead{stroke-width:1;stroke-dasharray:2 3}",
  ...COLOURS.map(([light], index) => colourRules(index, light)),
  "@media(prefers-color-scheme:dark){",
  ".page{fill:#14171b}text{stroke:#14171b}.grid{stroke:#2b3037}.axis{stroke:#a9b2bf}.tick,.label{fill:#b6bec9}.title{fill:#eef1f4}",
  ...COLOURS.map(([, dark], index) => colourRules(index, dark)),
  "}",
].join("");

function colourRules(index: number, colour: string): string {
  return `.s${index}{stroke:${colour}}.d${index},.n${index}{fill:${colour}}`;
}

function renderTickY(axis: Axis, value: number): readonly string[] {
  const at = placeY(axis, value);
  return [
    `<path class="grid" d="M${PLOT.left} ${round(at)}H${PLOT.right}"/>`,
    text("tick end", { x: PLOT.left - 8, y: at + 4 }, renderValue(value)),
  ];
}

function renderTickX(axis: Axis, value: number): readonly string[] {
  const at = placeX(axis, value);
  return [
    `<path class="axis" d="M${round(at)} ${PLOT.bottom}v5"/>`,
    text("tick middle", { x: at, y: PLOT.bottom + 21 }, renderValue(value)),
  ];
}

function renderLine({ points }: Series, index: number): string {
  const path = points.map(({ x, y }) => `${round(x)} ${round(y)}`).join("L");
  const dots = points.map(({ x, y }) => `<circle class="d${colourOf(index)}" cx="${round(x)}" cy="${round(y)}" r="2.6"/>`);
  return `<g clip-path="url(#plot)"><path class="line s${colourOf(index)}" d="M${path}"/>${dots.join("")}</g>`;
}

function renderName({ name, index, end, at }: Placed): readonly string[] {
  const colour = colourOf(index);
  const isLed = Math.abs(at.y - end.y) > LINE_HEIGHT;
  return [
    ...(isLed ? [`<path class="lead s${colour}" d="M${round(end.x)} ${round(end.y)}V${round(at.y + 4)}"/>`] : []),
    text(`name n${colour}`, at, name),
  ];
}

/** Names of lines that end at the top stand in rows above the plot, the rightmost lowest, so that no lead crosses a name. */
function placeNames(lines: readonly Series[]): readonly Placed[] {
  const ends = lines.flatMap(({ name, points }, index) => {
    const end = endWithin(points);
    return end === undefined ? [] : [{ name, index, end }];
  });
  const above = ends.filter(({ end }) => end.y <= PLOT.top).sort((a, b) => b.end.x - a.end.x);
  const beside = ends.filter(({ end }) => end.y > PLOT.top).sort((a, b) => a.end.y - b.end.y);
  const rows = above.map((label, row) => ({ ...label, at: { x: label.end.x + 4, y: PLOT.top - 8 - row * LINE_HEIGHT } }));
  let free = -Infinity;
  const spread = beside.map((label) => {
    const y = Math.max(label.end.y + 4, free);
    free = y + LINE_HEIGHT;
    return { ...label, at: { x: label.end.x + 8, y } };
  });
  return [...rows, ...spread];
}

/** The last point, or where the line crosses the top of the plot for the first time. */
function endWithin(points: readonly Point[]): Point | undefined {
  const over = points.findIndex(({ y }) => y < PLOT.top);
  const outer = points[over];
  const inner = points[over - 1];
  if (outer === undefined) return points.at(-1);
  if (inner === undefined) return { x: outer.x, y: PLOT.top };
  const share = (inner.y - PLOT.top) / (inner.y - outer.y);
  return { x: inner.x + share * (outer.x - inner.x), y: PLOT.top };
}

function placeX(axis: Axis, value: number): number {
  return PLOT.left + share(axis, value) * (PLOT.right - PLOT.left);
}

function placeY(axis: Axis, value: number): number {
  return PLOT.bottom - share(axis, value) * (PLOT.bottom - PLOT.top);
}

function share({ scale, from, to }: Axis, value: number): number {
  if (scale === "linear") return (value - from) / (to - from);
  return Math.log(Math.max(value, from) / from) / Math.log(to / from);
}

const STEPS = [1, 2, 5, 10];
/** On a linear axis. */
const TICKS_MAX = 8;

function ticksOf({ ticks, scale, from, to }: Axis): readonly number[] {
  return ticks ?? (scale === "linear" ? linearTicks(from, to) : decadeTicks(from, to));
}

function linearTicks(from: number, to: number): readonly number[] {
  const least = (to - from) / TICKS_MAX;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * (STEPS.find((factor) => factor * power >= least) ?? 10);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
}

function decadeTicks(from: number, to: number): readonly number[] {
  const first = Math.floor(Math.log10(from));
  const decades = Array.from({ length: Math.ceil(Math.log10(to)) - first + 1 }, (_, index) => 10 ** (first + index));
  return decades.flatMap((decade) => [1, 2, 5].map((factor) => factor * decade)).filter((value) => value >= from && value <= to);
}

/** The grey is of the first line, which is what the others are held against. */
function colourOf(index: number): number {
  return index % COLOURS.length;
}

function text(className: string, { x, y }: Point, content: string): string {
  return `<text class="${className}" x="${round(x)}" y="${round(y)}">${escapeXml(content)}</text>`;
}

function renderValue(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en", { useGrouping: value >= 10_000 });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
