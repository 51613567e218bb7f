import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { ROOT } from "./workspace.ts";

/** Runs a program with the repository's own tools first on its path. Rejects with everything it wrote when it fails. */
export function runCommand(command: readonly [string, ...string[]], folder: string = ROOT): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: folder,
      shell: process.platform === "win32",
      env: { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}` },
    });
    let written = "";
    let answer = "";
    child.stdout.on("data", (text) => {
      answer += text;
      written += text;
    });
    child.stderr.on("data", (text) => {
      written += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(answer);
      else reject(new Error(`${command.join(" ")} ended with ${code}:\n${written}`));
    });
  });
}
