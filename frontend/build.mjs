/**
 * Builds what the browser loads, from src/ and the npm packages, into crm/static/dist.
 *
 *   src/app.js   ─┐                       app-HASH.js, chunk-HASH.js   (+ .br, .gz)
 *   src/theme.js  ├─ esbuild ─▶ dist/ ─▶  app-HASH.css, rtl-HASH.css, inter-*.woff2
 *   src/app.css  ─┘                       icons-HASH.svg
 *   src/icons.txt ── sprite ──▶           manifest.json: logical name → file
 *   dejavu-fonts-ttf ─ copied ─▶          DejaVuSans-HASH.ttf, for PDF files that the server writes
 *
 * Names carry a content hash, so the server may let browsers keep the files for ever. New files are written before the
 * manifest, and old ones removed after it: a server that reads the folder during a build always finds what it names.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import * as esbuild from "esbuild";
import { trimTabler } from "./trim-tabler.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(here, "../crm/static/dist");
const watching = process.argv.includes("--watch");

const common = {
  absWorkingDir: here,
  outdir: dist,
  bundle: true,
  write: false,
  metafile: true,
  minify: true,
  legalComments: "none",
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file" },
  target: ["chrome123", "firefox125", "safari17.5"], // the first with light-dark(), which Tabler needs, and popovers
  logLevel: "warning",
};

/** `import css from "./x.css?text"`: a style sheet that comes with the script that adopts it, and only then. */
function sheetAsText() {
  return {
    name: "sheet-as-text",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.css\?text$/ }, ({ path, resolveDir }) => ({ path: resolve(resolveDir, path.replace("?text", "")), namespace: "sheet" }));
      onLoad({ filter: /.*/, namespace: "sheet" }, async ({ path }) => {
        const { code } = await esbuild.transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: common.target });
        return { contents: code, loader: "text", watchFiles: [path] };
      });
    },
  };
}

/** Every bundle: two formats, because theme.js must run before the first paint and so cannot be a module. */
const bundles = [
  { ...common, entryPoints: ["src/app.js"], format: "esm", splitting: true, plugins: [sheetAsText()] },
  { ...common, entryPoints: ["src/theme.js"], format: "iife" },
  { ...common, entryPoints: ["src/app.css", "src/rtl.css"], plugins: [trimTabler()] },
];
const entries = new Set(bundles.flatMap((options) => options.entryPoints)); // metafiles list lazily loaded pages too

async function build() {
  const started = performance.now();
  const files = new Map(); // file name in dist → bytes
  const manifest = {}; // logical name → file name in dist
  for (const result of await Promise.all(bundles.map((options) => esbuild.build(options)))) {
    for (const file of result.outputFiles) files.set(relative(dist, file.path), Buffer.from(file.contents));
    for (const [path, output] of Object.entries(result.metafile.outputs)) {
      const name = relative(dist, resolve(here, path));
      if (entries.has(output.entryPoint)) manifest[output.entryPoint.replace(/^src\//, "")] = name;
      else if (name.startsWith("inter-latin-wght")) manifest["inter.woff2"] = name;
    }
  }
  const sprite = Buffer.from(await buildSprite());
  const spriteName = `icons-${hashOf(sprite)}.svg`;
  files.set(spriteName, sprite);
  manifest["icons.svg"] = spriteName;
  await addFonts(files, manifest);
  await addCompressed(files);
  await publish(files, manifest);
  report(files, manifest, performance.now() - started);
}

/** The fonts that documents embed; no page of ours loads them. */
async function addFonts(files, manifest) {
  for (const name of ["DejaVuSans", "DejaVuSans-Bold"]) {
    const bytes = await readFile(join(here, `node_modules/dejavu-fonts-ttf/ttf/${name}.ttf`));
    manifest[`${name}.ttf`] = `${name}-${hashOf(bytes)}.ttf`;
    files.set(manifest[`${name}.ttf`], bytes);
  }
}

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();

/** One SVG file of <symbol>s. Pages draw an icon with <use href="icons-HASH.svg#name">. */
async function buildSprite() {
  const list = await readFile(join(here, "src/icons.txt"), "utf8");
  const names = list.split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean);
  const folder = join(here, "node_modules/@tabler/icons/icons/outline");
  const symbols = await Promise.all(
    [...new Set(names)].sort().map(async (name) => {
      const svg = await readFile(join(folder, `${name}.svg`), "utf8");
      const shapes = svg
        .slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"))
        .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" ?\/>/, "")
        .replace(/\s*\n\s*/g, "");
      return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

/** Adds a .br and a .gz beside each text file, so that no request ever pays for compression. */
async function addCompressed(files) {
  const texts = [...files].filter(([name]) => /\.(js|css|svg)$/.test(name));
  await Promise.all(
    texts.map(async ([name, bytes]) => {
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: watching ? 4 : 11 } };
      files.set(`${name}.br`, await promisify(brotliCompress)(bytes, quality));
      files.set(`${name}.gz`, await promisify(gzip)(bytes, { level: 9 }));
    }),
  );
}

async function publish(files, manifest) {
  await mkdir(dist, { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(dist, name), bytes);
  const draft = join(dist, ".manifest.json");
  await writeFile(draft, `${JSON.stringify(manifest, Object.keys(manifest).sort(), 2)}\n`);
  await rename(draft, join(dist, "manifest.json"));
  for (const name of await readdir(dist)) {
    if (name !== "manifest.json" && !files.has(name)) await rm(join(dist, name), { recursive: true });
  }
}

function report(files, manifest, ms) {
  const kb = (name) => (files.has(name) ? (files.get(name).length / 1024).toFixed(1).padStart(7) : "      -");
  console.log(`   raw KB    gz KB    br KB   (${Math.round(ms)} ms)`);
  for (const name of Object.values(manifest)) console.log(` ${kb(name)}  ${kb(`${name}.gz`)}  ${kb(`${name}.br`)}   ${name}`);
}

await build();
if (watching) {
  const { watch } = await import("node:fs");
  let timer;
  watch(join(here, "src"), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => build().catch((error) => console.error(error.message)), 80);
  });
}
