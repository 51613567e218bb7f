/** A table that fits its terminal: it gives up its least important columns first, then cuts the widest cells. */
import { displayWidth, pad, truncate } from "./display-width.ts";
import { printable } from "./printable.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Left out when the table is too wide, the highest number first. Absent: always shown. */
  readonly expendable?: number;
  /** True for names that are of no use when cut: the expendable columns go first. */
  readonly whole?: boolean;
}

const GAP = "  ";
/** No column is cut below this. */
const COLUMNS_MIN = 8;

/** Lines without a newline at the end, the titles first. `width` is the terminal's; undefined is no limit. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] {
  const cells = [columns.map((column) => column.title), ...rows].map((row) => row.map(printable));
  const natural = columns.map((_, index) => Math.max(...cells.map((row) => displayWidth(row[index] ?? ""))));
  const shown = columnsThatFit(columns, natural, width);
  const widths = cutToFit(
    shown.map((index) => natural[index] ?? 0),
    shown.map((index) => columns[index]?.whole === true),
    width,
  );
  return cells.map((row) =>
    shown
      .map((index, place) => {
        const columnWidth = widths[place] ?? 0;
        return pad(truncate(row[index] ?? "", columnWidth), columnWidth, columns[index]?.align);
      })
      .join(GAP)
      .trimEnd(),
  );
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
}

function columnsThatFit(columns: readonly Column[], natural: readonly number[], width: number | undefined): readonly number[] {
  let shown = columns.map((_, index) => index);
  if (width === undefined) return shown;
  const expendable = shown
    .filter((index) => columns[index]?.expendable !== undefined)
    .sort((left, right) => (columns[right]?.expendable ?? 0) - (columns[left]?.expendable ?? 0));
  for (const candidate of expendable) {
    // A column that only has to be cut is better than one that is gone.
    const least = shown.map((index) =>
      Math.min(natural[index] ?? 0, columns[index]?.whole ? Number.POSITIVE_INFINITY : COLUMNS_MIN * 2),
    );
    if (total(least) <= width) break;
    shown = shown.filter((index) => index !== candidate);
  }
  return shown;
}

/** Columns that should stay whole are cut only when all others are as narrow as they get. */
function cutToFit(natural: readonly number[], whole: readonly boolean[], width: number | undefined): readonly number[] {
  const widths = [...natural];
  if (width === undefined) return widths;
  for (let excess = total(widths) - width; excess > 0; excess--) {
    const cuttable = widths.map((columnWidth, index) => (whole[index] === true ? 0 : columnWidth));
    const candidates = Math.max(...cuttable) > COLUMNS_MIN ? cuttable : widths;
    const widest = candidates.indexOf(Math.max(...candidates));
    if ((widths[widest] ?? 0) <= COLUMNS_MIN) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
