import { t } from "@lingui/core/macro";
import { blank, markupPicture } from "./markup-picture";

const PADDING = 16;
const TITLE = 28;

/** Renders an item as a PNG image, below its title, on the page's background. */
export async function pictureOf(frame: HTMLElement, title: string): Promise<Blob> {
  const chart = frame.querySelector("canvas");
  const picture = chart ? chartPicture(frame, chart, title) : await markupPicture(frame, PADDING);
  const blob = await new Promise<Blob | null>((made) => picture.toBlob(made, "image/png"));
  if (!blob) throw new Error(t`Could not create the image.`);
  return blob;
}

function chartPicture(frame: HTMLElement, drawn: HTMLCanvasElement, title: string): HTMLCanvasElement {
  const scale = drawn.width / drawn.clientWidth || 1;
  const style = getComputedStyle(frame);
  const [picture, pen] = blank(
    drawn.width + 2 * PADDING * scale,
    drawn.height + (2 * PADDING + TITLE) * scale,
  );
  pen.fillStyle = style.color;
  pen.font = `600 ${14 * scale}px ${style.fontFamily}`;
  pen.textBaseline = "middle";
  pen.fillText(title, PADDING * scale, (PADDING + TITLE / 2 - 4) * scale, drawn.width);
  pen.drawImage(drawn, PADDING * scale, (PADDING + TITLE) * scale);
  return picture;
}
