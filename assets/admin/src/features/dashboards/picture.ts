import { t } from "@lingui/core/macro";
const PADDING = 16;
const TITLE = 28;

/** A chart as a PNG picture, under its title, on the page's own background. */
export async function pictureOf(frame: HTMLElement, title: string): Promise<Blob> {
  const drawn = frame.querySelector("canvas");
  if (!drawn) throw new Error(t`There is no chart to take a picture of.`);
  const scale = drawn.width / drawn.clientWidth || 1;
  const style = getComputedStyle(frame);
  const picture = Object.assign(document.createElement("canvas"), { width: drawn.width + 2 * PADDING * scale, height: drawn.height + (2 * PADDING + TITLE) * scale });
  const pen = picture.getContext("2d");
  if (!pen) throw new Error(t`This browser cannot make pictures.`);
  pen.fillStyle = getComputedStyle(document.body).backgroundColor;
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.fillStyle = style.color;
  pen.font = `600 ${14 * scale}px ${style.fontFamily}`;
  pen.textBaseline = "middle";
  pen.fillText(title, PADDING * scale, (PADDING + TITLE / 2 - 4) * scale, drawn.width);
  pen.drawImage(drawn, PADDING * scale, (PADDING + TITLE) * scale);
  const blob = await new Promise<Blob | null>((made) => picture.toBlob(made, "image/png"));
  if (!blob) throw new Error(t`The picture could not be made.`);
  return blob;
}
