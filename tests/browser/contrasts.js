// Text elements whose contrast is below that of WCAG 2 AA: 4.5, and 3 for large letters; the body of a function.
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const parsed = new Map();
const rgba = text => {
  if (!parsed.has(text)) {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    parsed.set(text, [r, g, b, a / 255]);
  }
  return parsed.get(text);
};
const over = (top, below) => [0, 1, 2].map(k => top[k] * top[3] + below[k] * (1 - top[3]));
const ground = element => {
  const layers = [];
  for (let e = element; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
  return layers.reverse().reduce((below, top) => over(top, below), rgba("Canvas"));
};
const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
const found = [];
for (const element of document.body.querySelectorAll("*")) {
  const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  if (!own || ["SCRIPT", "STYLE", "NOSCRIPT", "TITLE"].includes(element.tagName.toUpperCase())) continue;
  if (!element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) || element.disabled) continue;
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  if (box.width < 2 || box.height < 2) continue;
  const below = ground(element);
  let opacity = 1;
  for (let e = element; e; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
  const ink = [...rgba(element.closest("svg") ? style.fill : style.color)];
  ink[3] *= opacity;
  const [a, b] = [light(over(ink, below)), light(below)].sort((x, y) => y - x);
  const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const ratio = (a + 0.05) / (b + 0.05);
  const named = `${element.tagName}.${element.getAttribute("class")} ${element.textContent.slice(0, 40)}`;
  if (ratio < (large ? 3 : 4.5) - 0.005) found.push(`${ratio.toFixed(2)} ${named}`);
}
return [...new Set(found)];
