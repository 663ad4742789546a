// Builds the front end into dist: purges Tabler to the rules that templates use,
// bundles styles and scripts, gathers the icons, hashes names, compresses, and fails
// when the first page grows beyond its budget.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const target = ["chrome87", "firefox91", "safari15"]; // browsers of offices are not new
const budget = 110 * 1024; // of app.css, app.js, icons and brand; the rest of 150 KB is HTML

// Names that are ours alone: Tabler's rules for them would only be in the way.
const ours = ["tag", "lead", "progress", "timeline", "steps", "brand", "page", "main", "search", "menu", "only", "number"];

const read = (...path) => readFileSync(join(here, ...path), "utf8");

function templates() {
  const root = join(here, "..", "internal");
  return readdirSync(root, { recursive: true })
    .filter((name) => /(^|[\\/])(templates|layout|components)[\\/][^\\/]+\.html$/.test(name) && !name.includes("testdata"))
    .map((name) => join(root, name));
}

// followSystem repeats the rules of the dark theme for pages that follow the system.
const followSystem = {
  postcssPlugin: "follow-system",
  OnceExit(sheet, { AtRule }) {
    sheet.walkRules((rule) => {
      const dark = rule.selectors.filter((s) => /\[data-bs-theme="?dark"?\]/.test(s));
      if (dark.length === 0 || rule.parent.params?.includes("prefers-color-scheme")) return;
      const copy = rule.clone({ selectors: dark.map((s) => s.replace(/\[data-bs-theme="?dark"?\]/g, "[data-bs-theme=auto]")) });
      const media = new AtRule({ name: "media", params: "(prefers-color-scheme: dark)" });
      media.append(copy);
      rule.after(media);
    });
  },
};

// dropOverridden takes away Tabler's tokens that app.css sets itself: theirs are
// written with colour functions that browsers of 2023 do not know.
function dropOverridden(css, own) {
  const set = new Set();
  postcss.parse(own).walkDecls(/^--tblr-/, (token) => set.add(token.prop));
  const sheet = postcss.parse(css);
  sheet.walkDecls(/^--tblr-/, (token) => {
    if (set.has(token.prop) && token.parent.selectors?.every((s) => s.startsWith(":root") || s.includes("data-bs-theme"))) token.remove();
  });
  return sheet.toString();
}

async function styles() {
  const own = read("src", "app.css");
  const [purged] = await new PurgeCSS().purge({
    content: [...templates(), join(here, "src", "app.ts")],
    css: [{ raw: read("node_modules", "@tabler", "core", "dist", "css", "tabler.css") }],
    blocklist: ours,
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  const sheet = await postcss([followSystem]).process(dropOverridden(purged.css, own) + own, { from: undefined });
  const { code } = await transform(sheet.css, { loader: "css", minify: true, target, legalComments: "none" });
  return code;
}

async function script(name) {
  const { outputFiles } = await build({
    entryPoints: [join(here, "src", name + ".ts")],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target,
    legalComments: "none",
  });
  return outputFiles[0].text;
}

function icons(names) {
  const symbols = names.map((name) => {
    const svg = read("node_modules", "@tabler", "icons", "icons", "outline", name + ".svg");
    const shapes = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>")).replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${shapes.replace(/\s+/g, " ").trim()}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

// licences are served with what they cover.
function licences() {
  const used = ["@tabler/core", "@tabler/icons", "htmx.org", "echarts", "zrender", "tslib"];
  return used.map((name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)(\.\w+)?$/i.test(file));
    return [`${name} ${version} (${license})`, ...files.map((file) => readFileSync(join(folder, file), "utf8"))].join("\n\n");
  }).join("\n\n----\n\n");
}

function compress(text) {
  const br = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } });
  return { br, gz: gzipSync(text, { level: 9 }) };
}

const names = JSON.parse(read("icons.json"));
const outputs = {
  "app.css": await styles(),
  "app.js": await script("app"),
  "charts.js": await script("charts"),
  "icons.svg": icons(names),
  "brand.svg": read("src", "brand.svg"),
  "licences.txt": licences(),
};

mkdirSync(dist, { recursive: true });
for (const old of readdirSync(dist)) if (old !== ".keep") rmSync(join(dist, old));
if (!existsSync(join(dist, ".keep"))) writeFileSync(join(dist, ".keep"), "");

const files = {};
let first = 0;
for (const [logical, text] of Object.entries(outputs)) {
  const content = Buffer.from(text);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const name = logical.replace(extname(logical), `-${hash}${extname(logical)}`);
  const { br, gz } = compress(content);
  writeFileSync(join(dist, name), content);
  writeFileSync(join(dist, name + ".br"), br);
  writeFileSync(join(dist, name + ".gz"), gz);
  files[logical] = name;
  if (logical !== "charts.js" && logical !== "licences.txt") first += gz.length;
  console.log(`${logical.padEnd(12)} ${String(content.length).padStart(8)} B, gzip ${String(gz.length).padStart(7)}, brotli ${String(br.length).padStart(7)}`);
}
writeFileSync(join(dist, "manifest.json"), JSON.stringify({ files, icons: names }, null, 1));
console.log(`first page ${first} B of ${budget} (gzip, without HTML)`);
if (first > budget) throw new Error("the first page is too heavy: see what was added");
