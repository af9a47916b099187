import { t } from "@lingui/core/macro";

const SVG = "http://www.w3.org/2000/svg";
const XHTML = "http://www.w3.org/1999/xhtml";

/** Elements that cannot be captured: frames, and images from other servers. */
const CLOSED = "iframe, img[src^='http']";

/** Whether `pictureOf` can capture everything in an element. */
export const mayPicture = (frame: HTMLElement | null): frame is HTMLElement =>
  frame !== null && frame.querySelector(CLOSED) === null;

/** At least two image pixels per CSS pixel. */
const scaleOf = () => Math.max(2, window.devicePixelRatio);

/** Animations and elements that are only shown on hover do not belong in an image. */
const STILL =
  "*, ::before, ::after { animation: none !important; transition: none !important; scrollbar-width: none !important } button[aria-haspopup] { visibility: hidden !important }";

/**
 * Renders text, tables and other markup as an image: the browser draws a copy of it inside an SVG image, which carries
 * the page's styles and fonts, because such an image may not load anything. Content that is scrolled out of view stays
 * out of view.
 */
export async function markupPicture(element: HTMLElement, padding: number): Promise<HTMLCanvasElement> {
  const { width, height } = element.getBoundingClientRect();
  const [outerWidth, outerHeight] = [width + 2 * padding, height + 2 * padding];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("width", String(outerWidth));
  svg.setAttribute("height", String(outerHeight));
  // Copies the attributes of the page’s root to the root of the image, because themes depend on them.
  for (const { name, value } of document.documentElement.attributes)
    if (name.startsWith("data-") || name === "lang" || name === "style") svg.setAttribute(name, value);
  const style = document.createElementNS(SVG, "style");
  style.textContent = `${await stylesOf(document)}\n${STILL}`;
  const foreign = document.createElementNS(SVG, "foreignObject");
  foreign.setAttribute("width", "100%");
  foreign.setAttribute("height", "100%");
  const body = document.createElementNS(XHTML, "body");
  body.setAttribute(
    "style",
    `margin: 0; padding: ${padding}px; box-sizing: border-box; width: ${outerWidth}px; height: ${outerHeight}px`,
  );
  const copy = await copyOf(element);
  copy.setAttribute("style", `width: ${width}px; height: ${height}px`);
  body.append(copy);
  foreign.append(body);
  svg.append(style, foreign);
  return drawn(svg, outerWidth, outerHeight);
}

/** Creates a canvas filled with the page's background. */
export function blank(
  width: number,
  height: number,
): [canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D] {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error(t`This browser cannot create images.`);
  pen.fillStyle = getComputedStyle(document.body).backgroundColor;
  pen.fillRect(0, 0, width, height);
  return [canvas, pen];
}

async function drawn(svg: SVGSVGElement, width: number, height: number): Promise<HTMLCanvasElement> {
  const image = new Image();
  // A blob URL would taint the canvas.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  const scale = scaleOf();
  const [canvas, pen] = blank(Math.round(width * scale), Math.round(height * scale));
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Returns a copy that looks the same: same scroll position, same input values, images inlined. */
async function copyOf(element: HTMLElement): Promise<HTMLElement> {
  const copy = element.cloneNode(true) as HTMLElement;
  const copies = [...copy.querySelectorAll<HTMLElement>("*")];
  const waiting: Promise<void>[] = [];
  for (const [index, original] of [...element.querySelectorAll<HTMLElement>("*")].entries()) {
    const twin = copies[index];
    if (!twin) continue;
    if (original.scrollTop || original.scrollLeft) scrollTo(twin, original);
    if (original instanceof HTMLInputElement) enter(twin, original);
    if (original instanceof HTMLImageElement && twin instanceof HTMLImageElement)
      waiting.push(
        dataAddress(original.currentSrc || original.src).then((address) => void (twin.src = address)),
      );
  }
  await Promise.all(waiting);
  return copy;
}

function enter(twin: HTMLElement, { type, value, checked }: HTMLInputElement) {
  if (type === "checkbox" || type === "radio") twin.toggleAttribute("checked", checked);
  else twin.setAttribute("value", value);
}

function scrollTo(twin: HTMLElement, { scrollTop, scrollLeft }: HTMLElement) {
  const first = twin.firstElementChild;
  if (first instanceof HTMLElement)
    Object.assign(first.style, { marginTop: `${-scrollTop}px`, marginLeft: `${-scrollLeft}px` });
}

/** Returns the CSS rules that apply at the current page size, with the used fonts inlined. */
async function stylesOf({ styleSheets, fonts }: Document): Promise<string> {
  const used = [...fonts].filter(({ status }) => status === "loaded");
  const isUsed = (rule: CSSFontFaceRule) =>
    used.some(
      ({ family, unicodeRange }) =>
        unquoted(family) === unquoted(rule.style.getPropertyValue("font-family")) &&
        sameRange(unicodeRange, rule.style.getPropertyValue("unicode-range")),
    );
  const texts = [...styleSheets].flatMap(({ cssRules, href }) =>
    [...cssRules].map((rule) => textOf(rule, href ?? document.baseURI, isUsed)),
  );
  return (await Promise.all(texts)).join("\n");
}

async function textOf(
  rule: CSSRule,
  base: string,
  isUsed: (rule: CSSFontFaceRule) => boolean,
): Promise<string> {
  if (rule instanceof CSSFontFaceRule) return isUsed(rule) ? withFont(rule, base) : "";
  // The image is as wide as the item, not as the page.
  if (rule instanceof CSSMediaRule)
    return window.matchMedia(rule.conditionText).matches
      ? (await Promise.all([...rule.cssRules].map((inner) => textOf(inner, base, isUsed)))).join("\n")
      : "";
  return rule.cssText;
}

async function withFont(rule: CSSFontFaceRule, base: string): Promise<string> {
  const [, file] = /url\("?([^")]+)"?\)/.exec(rule.cssText) ?? [];
  return file ? rule.cssText.replace(file, await dataAddress(new URL(file, base).href)) : rule.cssText;
}

const unquoted = (family: string) => family.replace(/["']/g, "").trim().toLowerCase();
const sameRange = (one: string, other: string) =>
  one.replace(/\s/g, "").toLowerCase() === (other || "U+0-10FFFF").replace(/\s/g, "").toLowerCase();

/** Loads a URL and returns its content as a data URL. */
async function dataAddress(address: string): Promise<string> {
  if (address.startsWith("data:") || address === "") return address;
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(t`Part of the image could not be read.`);
  const reader = new FileReader();
  const read = new Promise<string>((resolve, reject) => {
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error(t`Part of the image could not be read.`));
  });
  reader.readAsDataURL(await answer.blob());
  return read;
}
