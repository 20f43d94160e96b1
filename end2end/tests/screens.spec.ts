// Pictures of every page for a person to look at: SCREENS=dir cargo xtask test, or against a running demo
// SCREENS=dir npx playwright test screens; PAGES=policy|data takes only pages with such names. Proves nothing, so it only runs when asked for.
import type { Browser, Page } from "@playwright/test";
import { alive, enrolKey, hears, test } from "../support/test";

const dir = process.env.SCREENS;
const chosen = new RegExp(process.env.PAGES ?? "");
const THEMES = ["light", "dark"] as const;
const WIDTHS = [390, 1280, 1920];

test.skip(dir === undefined, "set SCREENS=dir to take pictures");
test.setTimeout(600_000);

test("every page in both themes and three widths", async ({ browser, baseURL, enter }) => {
  const asha = await enter("Asha Rao");
  await asha.page.goto("/keys");
  // After the promotion story she has one already.
  if ((await asha.page.getByText("No key is enrolled.").count()) > 0) await enrolKey(asha);
  const leela = await enter("Leela Menon");
  const meera = await enter("Meera Nair");
  const kavita = await enter("Kavita Reddy");
  const storageState = await asha.page.context().storageState();
  const dpo = await meera.page.context().storageState();
  const lead = await kavita.page.context().storageState();
  const author = await leela.page.context().storageState();
  await asha.page.goto("/changes");
  const rows = asha.page.getByRole("row");
  const link = async (text: RegExp) => {
    const found = rows.filter({ hasText: text }).getByRole("link").first();
    return (await found.count()) > 0 ? await found.getAttribute("href") : null;
  };
  // The demo's second run is held and written by Leela; its first is released once the story ran.
  const held = await link(/consent-service/);
  const released = await link(/score-api/);

  // What a change does to people's data, where the demo has such a change.
  const data = await link(/erp-ingestion.*phone|phone.*erp-ingestion/i);

  type State = typeof storageState | undefined;
  const pages: [name: string, path: string, state: State][] = [
    ["signed-out", "/", undefined],
    ["home", "/", storageState],
    ["changes", "/changes", storageState],
    ["freezes", "/changes/freezes", storageState],
    ["habits", "/changes/habits", lead],
    ["services", "/services", storageState],
    ["service", "/services/score-api", storageState],
    ["environments", "/environments", storageState],
    ["environment", "/environments/staging", storageState],
    ["rails", "/environments/staging/rails", storageState],
    ["parity", "/environments/staging/parity", storageState],
    ["pipelines", "/pipelines", storageState],
    ["dora", "/pipelines/dora", storageState],
    ["releases", "/pipelines/releases", storageState],
    ["alerts", "/alerts", storageState],
    ["policy", "/policy", storageState],
    ["keys", "/keys", storageState],
    ["people", "/people", storageState],
    ["sessions", "/sessions", storageState],
    ["tokens", "/keys/tokens", storageState],
    ["api-docs", "/api/docs", storageState],
    ["audit", "/audit", storageState],
    ["audit-filtered", "/audit?act=changes.opened&actor=github", storageState],
    ["audit-nothing", "/audit?act=changes.expired&actor=E-1001&until=2020-01-01", storageState],
    ["signin-refused", "/auth/callback?state=forged&code=forged", undefined],
    ["not-found", "/changes/CHG-2026-999999", storageState],
  ];
  if (held !== null) pages.push(["change-held", held, storageState], ["change-refused", held, author]);
  if (data !== null) pages.push(["change-data", `${data.replace(/\/data$/, "")}/data`, dpo]);
  const infrastructure = await link(/mail relay/);
  if (infrastructure !== null) pages.push(["change-infrastructure", infrastructure, storageState]);
  await asha.page.goto("/pipelines");
  const run = await asha.page.locator("a[data-row]").first().getAttribute("href");
  if (run !== null) pages.push(["run", run, storageState]);
  if (released !== null) pages.push(["change-released", released, storageState]);
  for (const colorScheme of THEMES) {
    for (const width of WIDTHS) {
      const viewport = { width, height: width < 500 ? 844 : 900 };
      for (const [name, path, state] of pages.filter(([name]) => chosen.test(name))) {
        const context = await (browser as Browser).newContext({ baseURL, colorScheme, viewport, reducedMotion: "reduce", ...(state === undefined ? {} : { storageState: state }) });
        const page = await context.newPage();
        await page.goto(path);
        if (name === "api-docs") {
          await page.getByRole("heading", { name: "changes" }).waitFor();
        } else {
          // A page that listens is never idle; it is whole when it hears, and its letters are there.
          await alive(page);
          if (state !== undefined) await hears(page);
        }
        await page.evaluate(() => document.fonts.ready.then(() => undefined));
        await picture(page, `${name}-${colorScheme}-${width}`);
        await context.close();
      }
    }
  }
});

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${dir}/${name}.png`, fullPage: true });
}
