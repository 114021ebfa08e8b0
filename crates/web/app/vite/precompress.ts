import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip, constants as zlib } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(html|js|css|svg|webmanifest)$/;

const FORMS = [
  { suffix: ".br", compress: promisify(brotliCompress), options: { params: { [zlib.BROTLI_PARAM_QUALITY]: 11 } } },
  { suffix: ".gz", compress: promisify(gzip), options: { level: 9 } },
] as const;

/** Leaves the compressed forms of every text beside it, so that the server never compresses. */
export function precompress(): Plugin {
  let folder = "";
  return {
    name: "bedside:precompress",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: {
      order: "post",
      sequential: true,
      async handler() {
        const entries = await readdir(folder, { recursive: true });
        await Promise.all(entries.filter((path) => TEXT.test(path)).map((path) => compressed(join(folder, path))));
      },
    },
  };
}

async function compressed(path: string): Promise<void> {
  const plain = await readFile(path);
  for (const { suffix, compress, options } of FORMS) {
    const packed = await compress(plain, options);
    if (packed.length < plain.length) await writeFile(path + suffix, packed);
  }
}
