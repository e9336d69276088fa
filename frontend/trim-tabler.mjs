/**
 * Leaves out the parts of Tabler that Afterword never uses: brand colours, its own navigation bars, and widgets that need
 * Bootstrap's JavaScript or a third-party script.
 *
 * The list names whole families of classes on purpose. Purging by what the templates mention would shrink the file
 * further, but then a class used for the first time would work only after the next build.
 */
import { readFile } from "node:fs/promises";
import postcss from "postcss";

const FAMILIES = [
  "accordion", "apexcharts", "calendar", "carousel", "chart", "chat", "fc", "flag", "flatpickr", "form-colorinput", "form-imagecheck",
  "fslightbox", "img-responsive", "jvm", "layout", "legend", "litepicker", "modal", "navbar", "noUi", "offcanvas", "otp", "page",
  "payment", "plyr", "popover", "ribbon", "scrollspy", "signal", "signature", "social", "sparkline", "star-rating", "switch-icon",
  "theme", "tinymce", "toast", "tooltip", "tox", "tracking", "ts", "turbo", "wizard", "bs-popover", "bs-tooltip", "dropend", "dropstart",
  "dropup", "sidebar", "countup", "mention", "strength", "object", "offset",
];
const BRANDS =
  "facebook|twitter|linkedin|google|youtube|vimeo|dribbble|github|instagram|pinterest|vk|rss|flickr|bitbucket|tabler|x";
const unusedFamily = new RegExp(`\\.(${FAMILIES.join("|")})(?![a-zA-Z0-9])`);
const unusedBrand = new RegExp(`\\.(bg|text|btn|btn-outline|btn-ghost|border|link|badge|status|alert|steps|card|progress|ribbon|nav|form|tag|list-group-item|table)-(${BRANDS})(?![a-zA-Z0-9])`);
const brandVariable = new RegExp(`^--tblr-(${BRANDS})(-fg|-darken|-lt|-200)?$`);

export function trimTabler() {
  return {
    name: "trim-tabler",
    setup(build) {
      build.onLoad({ filter: /tabler(\.rtl)?\.min\.css$/ }, async ({ path }) => {
        const root = postcss.parse(await readFile(path, "utf8"), { from: path });
        root.walkRules(trimRule);
        root.walkDecls(brandVariable, (declaration) => declaration.remove());
        root.walkAtRules((rule) => rule.nodes?.length === 0 && rule.remove());
        return { contents: root.toString(), loader: "css" };
      });
    },
  };
}

function trimRule(rule) {
  if (rule.parent.type === "atrule" && rule.parent.name.endsWith("keyframes")) return;
  const kept = rule.selectors.filter((selector) => {
    const positive = selector.replace(/:not\([^)]*\)/g, ""); // what a rule excludes says nothing about what it is for
    return !unusedFamily.test(positive) && !unusedBrand.test(positive);
  });
  if (kept.length === 0) rule.remove();
  else if (kept.length < rule.selectors.length) rule.selectors = kept;
}
