/**
 * `npm run build`: builds every package into its `dist/`, from which it is published, and checks the result. The sources
 * stay what development uses.
 *
 *     npm run build                 build, then publint and attw
 *     npm run build -- --verify     also install the packed packages elsewhere and use them
 *     npm publish packages/llm/dist
 */
import { buildPackage } from "./publishing/build-package.ts";
import { checkPackage } from "./publishing/check-package.ts";
import { verifyPackages } from "./publishing/verify-packages.ts";
import { type WorkspacePackage, workspacePackages } from "./publishing/workspace.ts";

const unknown = process.argv.slice(2).filter((argument) => argument !== "--verify");
if (unknown.length > 0) {
  console.error(`unknown argument ${unknown.join(" ")}; the only one is --verify`);
  process.exit(2);
}

try {
  const packages = workspacePackages();
  const built: WorkspacePackage[] = [];
  for (const target of packages) {
    await buildPackage(target, built);
    built.push(target);
    console.log(`✓ built ${target.manifest.name} ${target.manifest.version}`);
  }
  await Promise.all(packages.map(checkPackage));
  console.log("✓ publint and attw");
  if (process.argv.includes("--verify")) {
    await verifyPackages(packages);
    console.log("✓ installed from tarballs, every entry point imported, types checked, commands run");
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
