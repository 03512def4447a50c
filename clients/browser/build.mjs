// Builds what the console's pages load, into the package's static files. `npm run build`.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../../spindel/kit/static/dist");

/** The styles: the parts of Tabler in use, then our own layer. */
async function styles() {
  const { css } = compile(join(here, "src/console.scss"), {
    loadPaths: [join(here, "node_modules"), join(here, "node_modules/@tabler/core/scss")],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions"],
    verbose: false,
  });
  const own = readFileSync(join(here, "src/console.css"), "utf8");
  const { code } = await transform(css + own, {
    loader: "css",
    minify: true,
    target: ["chrome111", "firefox113", "safari16.4"],
  });
  return code;
}

/** The scripts, in one file. */
async function scripts() {
  const { outputFiles } = await build({
    entryPoints: [join(here, "src/console.ts")],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
    legalComments: "none",
  });
  return outputFiles[0].text;
}

/** One sprite with the icons named in `icons.txt`, each a symbol. */
function icons() {
  const names = readFileSync(join(here, "src/icons.txt"), "utf8").split(/\s+/).filter(Boolean);
  const symbols = names.map((name) => {
    const file = join(here, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
    const inner = readFileSync(file, "utf8")
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
      .replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

mkdirSync(out, { recursive: true });
const files = {
  "console.css": await styles(),
  "console.js": await scripts(),
  "icons.svg": icons(),
  "mark.svg": readFileSync(join(here, "src/mark.svg"), "utf8"),
};
const versions = {};
for (const [name, text] of Object.entries(files)) {
  writeFileSync(join(out, name), text);
  versions[name] = createHash("sha256").update(text).digest("hex").slice(0, 10);
}
writeFileSync(join(out, "versions.json"), JSON.stringify(versions));
