/** A chart as a picture file: its computed style is written into a copy, which a canvas then draws at twice the size. */
const STYLES = ["fill", "stroke", "stroke-width", "font-family", "font-size", "font-weight", "opacity"];
const MARGIN = 16;
const SCALE = 2;

const HEAD = 28;

/** With what stands over it: its title and what its colours mean. */
export async function savePng(svg, figure, { savePng: file, title }) {
  const { width, height } = svg.viewBox.baseVal;
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const key of STYLES) element.style.setProperty(key, style.getPropertyValue(key));
    element.removeAttribute("href");
  });
  for (const text of copy.querySelectorAll("text")) text.remove(); // a picture has none of the page's fonts
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = (width + 2 * MARGIN) * SCALE;
  canvas.height = (height + HEAD + 2 * MARGIN) * SCALE;
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(SCALE, SCALE);
  head(context, figure, title);
  context.drawImage(image, MARGIN, MARGIN + HEAD, width, height);
  for (const text of svg.querySelectorAll("text")) label(context, svg, text);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${file}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A text of the chart in the page's own font, where it stands, whichever way it runs. */
function label(context, svg, text) {
  if (!text.getNumberOfChars()) return;
  const style = getComputedStyle(text);
  const { a, b, c, d, e, f } = svg.getScreenCTM().inverse().multiply(text.getScreenCTM());
  context.save();
  context.translate(MARGIN, MARGIN + HEAD);
  context.transform(a, b, c, d, e, f);
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.textBaseline = style.dominantBaseline === "central" ? "middle" : "alphabetic";
  context.fillStyle = style.fill;
  context.globalAlpha = Number(style.opacity);
  context.textAlign = "left";
  context.fillText(text.textContent, text.getBBox().x, text.y.baseVal[0].value);
  context.restore();
}

function head(context, figure, title) {
  const style = getComputedStyle(document.body);
  let x = MARGIN;
  const write = (text, color, weight) => {
    context.font = `${weight} 13px ${style.fontFamily}`;
    context.fillStyle = color;
    context.fillText(text, x, MARGIN + 12);
    x += context.measureText(text).width + 16;
  };
  write(title, style.color, 600);
  for (const key of figure.querySelectorAll(".figure-key")) {
    context.fillStyle = getComputedStyle(key, "::before").backgroundColor;
    context.fillRect(x, MARGIN + 3, 9, 9);
    x += 14;
    write(key.textContent, style.color, 400);
  }
}
