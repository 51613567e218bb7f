// Runs before `npm start` and `npm test`, on whatever Node the host has (18 or later): installs what a bare checkout
// lacks. `runtime` leaves out what only development needs, so that a first start is quick; `all` brings everything.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const wanted = process.argv[2] === "all" ? "all" : "runtime";

/** The packages that have to be there, from the manifests themselves. */
function missingPackages() {
  const manifests = ["package.json", "packages/llm/package.json", "packages/gateway/package.json", "packages/cli/package.json"];
  const names = new Set();
  for (const file of manifests) {
    const manifest = JSON.parse(readFileSync(join(root, file), "utf8"));
    for (const name of Object.keys(manifest.dependencies ?? {})) names.add(name);
    if (wanted === "all") for (const name of Object.keys(manifest.devDependencies ?? {})) names.add(name);
  }
  return [...names].filter((name) => !existsSync(join(root, "node_modules", name)));
}

function hasRecentNode() {
  return (
    Number(process.versions.node.split(".")[0]) >= 24 ||
    existsSync(join(root, "node_modules/.bin/node")) ||
    existsSync(join(root, "node_modules/.bin/node.cmd"))
  );
}

const missing = missingPackages();
if (missing.length > 0 || !hasRecentNode()) {
  const omit = wanted === "runtime" ? ["--omit=dev"] : [];
  console.log(`Installing ${wanted === "runtime" ? "what it takes to run" : "everything for development"} (once) …`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["ci", ...omit, "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error } = spawnSync(npm, args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (error !== undefined || status !== 0) {
    console.error(
      `npm ${args.join(" ")} failed${error === undefined ? "" : `: ${error.message}`}. Check the network and the npm registry, then try again.`,
    );
    process.exit(status ?? 1);
  }
  if (!hasRecentNode()) {
    console.error(
      `Dragoman needs Node 24 or later; this is ${process.version}, and npm has no Node package for ${process.platform}-${process.arch}. Install Node 24 and try again.`,
    );
    process.exit(1);
  }
}
