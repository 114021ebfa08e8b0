import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin, Rolldown } from "vite";

/** What the page needs from `public/` to open. */
const ICONS = ["/icon.svg", "/manifest.webmanifest"];

/**
 * Tells the service worker what the patient's page consists of: `SHELL`, the addresses to keep for when there is no
 * network, and `RELEASE`, which changes whenever one of them does.
 */
export function shell(worker: string, page: string): Plugin {
  let publicDir = "public";
  return {
    name: "bedside:shell",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const script = bundle[worker];
        const html = bundle[page];
        if (script?.type !== "chunk" || html?.type !== "asset") throw new Error(`no ${worker} or ${page} was built`);
        const addresses = ["/", ...ICONS, ...[...parts(bundle, page)].sort().map((name) => `/${name}`)];
        // Names in `assets/` change with their content; those of the page and the worker do not.
        const hash = createHash("sha256").update(JSON.stringify(addresses)).update(html.source).update(script.code);
        for (const icon of ICONS) hash.update(readFileSync(join(publicDir, icon)));
        const release = hash.digest("hex").slice(0, 16);
        script.code = `const SHELL=${JSON.stringify(addresses)},RELEASE="${release}";${script.code}`;
      },
    },
  };
}

/** The files a page loads at once or later, except the page itself. */
function parts(bundle: Rolldown.OutputBundle, page: string): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    const file = bundle[name];
    if (file === undefined || found.has(name)) return;
    found.add(name);
    const text = file.type === "chunk" ? file.code : String(file.source);
    // Scripts, styles, worklets and pictures are all named where they are used; the names are unmistakable.
    for (const other of Object.keys(bundle)) {
      if (other.startsWith("assets/") && text.includes(other.slice("assets/".length))) visit(other);
    }
  };
  visit(page);
  found.delete(page);
  return found;
}
