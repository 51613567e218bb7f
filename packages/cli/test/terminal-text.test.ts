import { describe, expect, it } from "vitest";
import { displayWidth, pad, truncate } from "../src/display-width.ts";
import { duration, price, tokenWindow, usd } from "../src/figures.ts";
import { printable } from "../src/printable.ts";
import { renderTable } from "../src/table.ts";

describe("the width of a text", () => {
  it.each([
    ["plain", 5],
    ["naïve", 5],
    ["cafe\u0301", 4],
    ["世界", 4],
    ["한국어", 6],
    ["ＡＢ", 4],
    ["👩‍🚀", 2],
    ["❤️", 2],
    ["\u001b[31mred\u001b[39m", 3],
    ["\u200b", 0],
    ["", 0],
  ])("of %j is %i columns", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it("is never exceeded by a cut text", () => {
    for (const text of ["claude-sonnet", "世界世界世界", "👩‍🚀👩‍🚀👩‍🚀"]) {
      for (let columns = 0; columns < 8; columns++) expect(displayWidth(truncate(text, columns))).toBeLessThanOrEqual(columns);
    }
    expect(truncate("claude-sonnet", 7)).toBe("claude…");
    expect(truncate("fits", 4)).toBe("fits");
  });

  it("is what a text is padded by", () => {
    expect(pad("世", 4)).toBe("世  ");
    expect(pad("7", 3, "right")).toBe("  7");
  });
});

describe("a table", () => {
  const columns = [
    { title: "NAME" },
    { title: "SIZE", align: "right", expendable: 1 },
    { title: "NOTE", expendable: 2 },
  ] as const;
  const rows = [
    ["provider:a-very-long-model-name", "128k", "tools images audio"],
    ["provider:世界", "8k", ""],
  ];

  it("lines its columns up", () => {
    expect(renderTable(columns, rows, undefined)).toEqual([
      "NAME                             SIZE  NOTE",
      "provider:a-very-long-model-name  128k  tools images audio",
      "provider:世界                      8k",
    ]);
  });

  it.each([120, 60, 50, 40, 30, 20, 12])("fits %i columns", (width) => {
    for (const line of renderTable(columns, rows, width)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  it("gives up its least important column first", () => {
    const [titles] = renderTable(columns, rows, 36);
    expect(titles).toContain("SIZE");
    expect(titles).not.toContain("NOTE");
  });
});

describe("figures", () => {
  it("shows small costs without losing them", () => {
    expect([0, 0.0000004, 0.000123, 0.0042, 0.05, 0.5, 12.345].map(usd)).toEqual([
      "$0",
      "<$0.000001",
      "$0.00012",
      "$0.0042",
      "$0.05",
      "$0.50",
      "$12.35",
    ]);
  });

  it("shows prices, durations and windows", () => {
    expect([3, 0.15, 0.075].map(price)).toEqual(["$3", "$0.15", "$0.075"]);
    expect([12.4, 999.6, 1_250, 125_000].map(duration)).toEqual(["12 ms", "1.0 s", "1.3 s", "2 min 5 s"]);
    expect([200_000, 1_000_000, 1_048_576, 40_960].map(tokenWindow)).toEqual(["200k", "1M", "1048576", "40960"]);
  });
});

describe("somebody else's text", () => {
  it("cannot steer the terminal", () => {
    expect(printable("a\u001b]52;c;Zm9v\u0007b\u009b2Jc\r\nd\te")).toBe("a]52;c;Zm9vb2Jc\nd\te");
  });
});
