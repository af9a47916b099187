// The items of a dashboard: images of them, and maps.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { button, openFrom, shows, signIn } from "./support/app.mjs";
import { accessibleEverywhere } from "./support/axe.mjs";
import { suite } from "./support/journey.mjs";

const journey = suite({ demo: true });
const item = (page, name) => page.getByRole("article", { name, exact: true });

/** Returns the number of colors and the size of a saved image. */
async function pictureSaved(page, saved) {
  const data = readFileSync(await (await saved).path()).toString("base64");
  return page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), {
      width: image.width,
      height: image.height,
    });
    const pen = canvas.getContext("2d");
    pen.drawImage(image, 0, 0);
    const pixels = new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
    const ground = pixels[0];
    return {
      width: image.width,
      height: image.height,
      inked: pixels.filter((pixel) => pixel !== ground).length / pixels.length,
    };
  }, data);
}

journey("numbers, tables, lists and texts are downloaded as images", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Widget gallery");
  await shows(item(page, "Best customers").getByRole("option").first());
  await shows(item(page, "Orders found").getByRole("row").nth(3));
  await shows(item(page, "Monthly revenue").getByText(/^Previous:/));
  for (const [name, least] of [
    ["Best customers", 0.02],
    ["Orders found", 0.02],
    ["Monthly revenue", 0.01],
  ]) {
    const frame = await item(page, name).boundingBox();
    const saved = page.waitForEvent("download");
    await item(page, name).hover();
    await button(page, `Actions of ${name}`).click();
    await page.getByRole("menuitem", { name: "Download as PNG" }).click();
    const picture = await pictureSaved(page, saved);
    assert.ok(
      Math.abs(picture.width - 2 * (frame.width + 32)) <= 4,
      `${name}: ${picture.width} px for ${frame.width} px`,
    );
    assert.ok(picture.inked > least && picture.inked < 0.9, `${name}: ${picture.inked} of it is drawn on`);
  }
  await item(page, "Delivery note").hover();
  await button(page, "Actions of Delivery note").click();
  await shows(page.getByRole("menuitem", { name: "Download as CSV" }));
  assert.equal(
    await page.getByRole("menuitem", { name: "Download as PNG" }).count(),
    0,
    "a frame cannot be drawn",
  );
});

journey("a map is zoomed, panned and reset by buttons, keys and mouse", async (page) => {
  await signIn(page);
  await openFrom(page, "Dashboards", "Widget gallery");
  const map = item(page, "Revenue by city");
  const canvas = map.locator("canvas").first();
  await shows(canvas);
  await canvas.scrollIntoViewIfNeeded();
  const seen = () => canvas.evaluate((element) => element.toDataURL());
  const changes = async (act) => {
    const before = await seen();
    await act();
    await page.waitForFunction(
      ([element, old]) => element.toDataURL() !== old,
      [await canvas.elementHandle(), before],
    );
  };
  const whole = await seen();
  const [nearer, farther, all] = ["Zoom in", "Zoom out", "Show entire map"].map((name) =>
    map.getByRole("button", { name }),
  );
  assert.deepEqual([await farther.isDisabled(), await all.isDisabled()], [true, true]);
  await changes(() => nearer.click());
  await changes(() => farther.click());
  await changes(() => nearer.click());
  await accessibleEverywhere(page, "a map");
  const area = map.getByRole("group", { name: /^Map / });
  await changes(() => area.press("ArrowLeft"));
  await changes(() => area.press("+"));
  const { x, y, width, height } = await canvas.boundingBox();
  await changes(async () => {
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 - 60, y + height / 2 - 20, {
      steps: 4,
    });
    await page.mouse.up();
  });
  await changes(() => page.mouse.wheel(0, -240));
  await area.press("0");
  await page.mouse.move(x + width / 2, y - 40);
  await page.waitForFunction(
    ([element, old]) => element.toDataURL() === old,
    [await canvas.elementHandle(), whole],
  );
  assert.equal(await all.isDisabled(), true);
  for (let press = 0; press < 12; press += 1) await area.press("+");
  assert.equal(await nearer.isDisabled(), true, "there is an end to it");
});
