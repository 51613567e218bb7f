/** `npm run check`: format and lint, types, layers, cycles, generated docs. Runs all of them and fails if any does. */
import { spawn } from "node:child_process";

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const CHECKS: readonly Check[] = [
  { name: "format and lint", command: ["biome", "check", "--error-on-warnings"] },
  { name: "types", command: ["tsc", "-p", "."] },
  { name: "layers and cycles", command: ["node", "scripts/check-imports.ts"] },
  { name: "generated docs", command: ["node", "scripts/generate-docs.ts", "--check"] },
];

function run({ name, command: [program, ...args] }: Check): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { shell: process.platform === "win32", env: process.env });
    let output = "";
    child.stdout.on("data", (text) => {
      output += text;
    });
    child.stderr.on("data", (text) => {
      output += text;
    });
    child.on("error", (error) => {
      console.error(`✗ ${name}: ${error.message}`);
      resolve(false);
    });
    child.on("close", (code) => {
      console.log(`${code === 0 ? "✓" : "✗"} ${name}`);
      if (code !== 0) console.log(output);
      resolve(code === 0);
    });
  });
}

const results = await Promise.all(CHECKS.map(run));
if (!results.every(Boolean)) process.exit(1);
