/**
 * Lying bars, for names: the name, the bar, the value in words. From right to left where the page is read so. What is below
 * nothing reaches from the common line of all bars to the other side.
 */
import { clip, least, mark, most, s } from "./svg.js";

const ROW = 30;

export function bars({ points, series }, width) {
  const [low, high] = [least({ points }), most({ points })];
  const span = high - low || 1;
  const count = Math.max(1, series.length);
  const nameWidth = Math.min(150, width * 0.34);
  const longest = Math.max(...points.flatMap(({ texts }) => texts.map((text) => text.length)));
  const valueWidth = Math.min(width * 0.42, longest * 6.8 + 14);
  const plot = Math.max(20, width - nameWidth - valueWidth);
  const row = ROW * (0.55 + 0.45 * count);
  const height = points.length * row + 4;
  const svg = s("svg", { class: "chart", width, height, viewBox: `0 0 ${width} ${height}` });
  const isRtl = document.documentElement.dir === "rtl";
  const at = (x, long = 0) => (isRtl ? width - x - long : x);
  const nothing = nameWidth + (-low / span) * plot;
  points.forEach((point, i) => {
    const y = i * row;
    const thick = (row - 10) / count;
    const parts = point.values.flatMap((value, j) => {
      const long = Math.max(value ? 2 : 0, (Math.abs(value) / span) * plot);
      const begin = value < 0 ? nothing - long : nothing;
      const from = y + 5 + j * thick;
      return [
        s("rect", { class: `chart-mark chart-${j}`, x: at(begin, long), y: from, width: long, height: Math.max(6, thick - 2), rx: 3 }),
        s("text", { class: "chart-value", x: at(nothing + (value > 0 ? long : 0) + 8), y: from + thick / 2, "dominant-baseline": "central" }, clip(point.texts[j], valueWidth - 8)),
      ];
    });
    svg.append(mark(point.href, `${point.name}: ${point.texts.join(", ")}`,
      s("rect", { class: "chart-hit", x: 0, y, width, height: row }),
      s("text", { class: "chart-name", x: at(0), y: y + row / 2, "dominant-baseline": "central" }, clip(point.name, nameWidth - 10)), ...parts));
  });
  return svg;
}
