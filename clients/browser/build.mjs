// Builds what the console's pages load and the script for shops, into the package's static files,
// and the npm package in sdk/. `npm run build`.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../../spindel/kit/static/dist");

const TARGETS = ["chrome111", "firefox113", "safari16.4"];
const read = (name) => readFileSync(join(here, "src", name), "utf8");

/** The styles: the parts of Tabler in use, then our own layer. */
async function styles() {
  const { css } = compile(join(here, "src/console.scss"), {
    loadPaths: [join(here, "node_modules"), join(here, "node_modules/@tabler/core/scss")],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions"],
    verbose: false,
  });
  return minified(css + read("tokens.css") + read("console.css") + read("frame.css"));
}

async function minified(css) {
  const { code } = await transform(css, { loader: "css", minify: true, target: TARGETS });
  return code;
}

/** A script with all that it needs, in one file. */
async function script(name) {
  const { outputFiles } = await build({
    entryPoints: [join(here, "src", name)],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
    legalComments: "none",
  });
  return outputFiles[0].text;
}

const LARGEST_STORE = 40 * 1024; // bytes of the store tablet's script and style, gzipped

/** The store tablet's own, small as its network is slow: without Tabler. */
async function store() {
  const files = {
    "store.css": await minified(read("tokens.css") + read("store.css")),
    "store.js": await script("store.ts"),
  };
  const size = Object.values(files).reduce((sum, text) => sum + gzipSync(text).length, 0);
  console.log(`store.js, store.css: ${size} of at most ${LARGEST_STORE} bytes gzipped`);
  if (size > LARGEST_STORE) throw new Error("the store tablet's script and style are too large");
  return files;
}

const LARGEST_SHOP = 60 * 1024; // bytes of the demo shop's script and style, gzipped

/** The demo shop's script and style, which load nothing of the console's. */
async function shop() {
  const { outputFiles } = await build({
    entryPoints: [join(here, "shop/shop.ts"), join(here, "shop/shop.css")],
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2022", ...TARGETS],
    outdir: "shop",
    write: false,
    legalComments: "none",
  });
  const files = Object.fromEntries(outputFiles.map((one) => [basename(one.path), one.text]));
  const size = Object.values(files).reduce((sum, text) => sum + gzipSync(text).length, 0);
  console.log(`shop.js, shop.css: ${size} of at most ${LARGEST_SHOP} bytes gzipped`);
  if (size > LARGEST_SHOP) throw new Error("the shop's script and style are too large");
  return files;
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

const SDK = join(here, "sdk");
const LARGEST_SDK = 6 * 1024; // bytes, gzipped
const LARGEST_DECIDE = 3 * 1024; // of what pages with places load besides

/** The script for shops; fails when it has grown too large. Also the npm package's files. */
async function sdk() {
  const { version } = JSON.parse(readFileSync(join(SDK, "package.json"), "utf8"));
  const options = {
    bundle: true,
    target: "es2020",
    legalComments: "none",
    define: { VERSION: JSON.stringify(version) },
  };
  const part = await build({
    ...options,
    entryPoints: [join(SDK, "src/decide-script.ts")],
    minify: true,
    format: "iife",
    globalName: "spindelDecide",
    write: false,
  });
  const decide = part.outputFiles[0].text;
  checkSize("spindel-decide.js", decide, LARGEST_DECIDE);
  // The script names what it loads: that version, and no other bytes.
  const digest = (name, form) => createHash(name).update(decide).digest(form);
  options.define.DECIDE_VERSION = JSON.stringify(digest("sha256", "hex").slice(0, 12));
  options.define.DECIDE_INTEGRITY = JSON.stringify(`sha384-${digest("sha384", "base64")}`);
  const { outputFiles } = await build({
    ...options,
    entryPoints: [join(SDK, "src/script.ts")],
    minify: true,
    format: "iife",
    write: false,
  });
  const [{ text }] = outputFiles;
  checkSize("spindel.js", text, LARGEST_SDK);

  const dist = join(SDK, "dist");
  rmSync(dist, { recursive: true, force: true });
  execFileSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "-p", SDK], {
    stdio: "inherit",
  });
  await build({
    ...options,
    entryPoints: [join(SDK, "src/index.ts")],
    format: "esm",
    splitting: true, // what shows is loaded when it is used
    chunkNames: "[name]",
    outdir: dist,
  });
  writeFileSync(join(dist, "spindel.js"), text);
  copyFileSync(join(here, "../../LICENSE"), join(dist, "LICENSE"));
  return { "spindel.js": text, "spindel-decide.js": decide };
}

function checkSize(name, text, most) {
  const size = gzipSync(text, { level: 9 }).length;
  console.log(`${name}: ${size} of at most ${most} bytes gzipped`);
  if (size > most) throw new Error(`${name} is too large`);
}

mkdirSync(out, { recursive: true });
const forShops = await sdk();
const files = {
  ...forShops,
  "console.css": await styles(),
  "console.js": await script("console.ts"),
  "paper.css": await minified(read("tokens.css") + read("paper.css")),
  ...(await store()),
  ...(await shop()),
  "icons.svg": icons(),
  "mark.svg": readFileSync(join(here, "src/mark.svg"), "utf8"),
};
const versions = {};
for (const [name, text] of Object.entries(files)) {
  writeFileSync(join(out, name), text);
  // Packed once, here: the server hands out whichever the browser can read.
  writeFileSync(join(out, `${name}.gz`), gzipSync(text, { level: 9 }));
  writeFileSync(join(out, `${name}.br`), brotliCompressSync(text));
  versions[name] = createHash("sha256").update(text).digest("hex").slice(0, 10);
}
writeFileSync(join(out, "versions.json"), JSON.stringify(versions));
