// Pictures of every page for a person to look at: SCREENS=dir cargo xtask test, or against a running demo
// SCREENS=dir npx playwright test screens. Proves nothing, so it only runs when asked for.
import type { Browser, Page } from "@playwright/test";
import { enrolKey, test } from "../support/test";

const dir = process.env.SCREENS;
const THEMES = ["light", "dark"] as const;
const WIDTHS = [390, 1280, 1920];

test.skip(dir === undefined, "set SCREENS=dir to take pictures");
test.setTimeout(600_000);

test("every page in both themes and three widths", async ({ browser, baseURL, enter }) => {
  const asha = await enter("Asha Rao");
  await enrolKey(asha);
  await asha.page.goto("/changes");
  const link = asha.page.getByRole("main").getByRole("link").filter({ hasText: /CHG-/ }).first();
  const change = (await link.count()) > 0 ? await link.getAttribute("href") : null;
  const storageState = await asha.page.context().storageState();

  const pages: [name: string, path: string, signedIn: boolean][] = [
    ["signed-out", "/", false],
    ["home", "/", true],
    ["changes", "/changes", true],
    ...(change === null ? [] : [["change", change, true] as [string, string, boolean]]),
    ["keys", "/keys", true],
    ["audit", "/audit", true],
    ["not-found", "/changes/CHG-2026-999999", true],
  ];
  for (const colorScheme of THEMES) {
    for (const width of WIDTHS) {
      const viewport = { width, height: width < 500 ? 844 : 900 };
      for (const [name, path, signedIn] of pages) {
        const context = await (browser as Browser).newContext({ baseURL, colorScheme, viewport, reducedMotion: "reduce", ...(signedIn ? { storageState } : {}) });
        const page = await context.newPage();
        await page.goto(path);
        await page.waitForLoadState("networkidle");
        await picture(page, `${name}-${colorScheme}-${width}`);
        await context.close();
      }
    }
  }
});

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${dir}/${name}.png`, fullPage: true });
}
