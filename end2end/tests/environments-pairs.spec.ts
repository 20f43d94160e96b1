// What runs where, and what went there: every page of it says the same with and without JavaScript, and its forms lead to
// the same addresses. Nothing is changed here, so what is read twice is the same.
import type { Browser, Page } from "@playwright/test";
import { expect, signIn, test } from "../support/test";
import { watch } from "../support/watch";
import { words } from "../support/words";

/** What was seen, step by step. */
type Seen = Record<string, string>;

test.setTimeout(300_000);

test("environments, services and pipelines say the same with and without JavaScript", async ({ browser, baseURL }) => {
  const plain = await story(browser, baseURL ?? "", false);
  const live = await story(browser, baseURL ?? "", true, plain);
  expect(live).toEqual(plain);
});

/** Tells it; with `like`, what is seen at each step must come to be what was seen there before. */
async function story(browser: Browser, baseURL: string, javaScriptEnabled: boolean, like?: Seen): Promise<Seen> {
  const seen: Seen = {};
  const context = await browser.newContext({ baseURL, javaScriptEnabled });
  const page = await context.newPage();
  const complaints = watch(page, javaScriptEnabled ? "with JavaScript" : "without JavaScript", javaScriptEnabled ? [] : [/\/pkg\/gatehouse\.js: csp$/]);
  const see = async (step: string, region?: string) => {
    if (javaScriptEnabled) await expect(page.locator("html")).toHaveAttribute("data-alive", "true");
    if (region !== undefined) await expect(page.getByRole("region", { name: region, exact: true })).toBeVisible();
    const now = async () => `${new URL(page.url()).pathname}${new URL(page.url()).search}\n${await words(page)}`;
    // A portal that has just started has not heard every cluster.
    if (like !== undefined) await expect.poll(now, { message: step, timeout: 30_000 }).toBe(like[step]);
    seen[step] = await now();
  };
  await signIn(page, "Farah Khan");
  // The first reading waits until every watch has listed and GitHub and the registry were read, which they are each
  // minute; from there on what is said stays.
  if (like === undefined) {
    await expect(async () => {
      await page.goto("/environments/production/rails");
      await expect(heading(page)).toHaveText("Production keeps every rail", { timeout: 2_000 });
      await page.goto("/environments/staging/parity");
      await expect(page.getByText("Could not tell")).toHaveCount(0, { timeout: 2_000 });
      await page.goto("/pipelines?service=audit-service&state=success");
      await expect(page.getByRole("row").getByRole("link").first()).toBeVisible({ timeout: 2_000 });
      await expect(page.getByText("not read yet")).toHaveCount(0, { timeout: 2_000 });
      await page.goto("/pipelines/releases?service=audit-service");
      await expect(page.getByRole("row").getByText("Scanned").first()).toBeVisible({ timeout: 2_000 });
      await expect(page.getByText("not read yet")).toHaveCount(0, { timeout: 2_000 });
    }).toPass({ timeout: 150_000 });
  }

  await page.goto("/environments");
  await see("environments");
  await page.getByRole("main").getByRole("link", { name: "staging", exact: true }).click();
  await expect(page).toHaveURL(/\/environments\/staging$/);
  await see("one environment", "Workloads");
  await page.getByRole("link", { name: "Guard rails" }).click();
  await expect(page).toHaveURL(/\/environments\/staging\/rails$/);
  await see("its guard rails", "Not judged");
  await page.goto("/environments/staging");
  await page.getByRole("link", { name: "Parity" }).click();
  await expect(page).toHaveURL(/\/environments\/staging\/parity$/);
  await see("what it mirrors", "Differences");

  await page.getByRole("link", { name: "Services", exact: true }).first().click();
  await expect(heading(page)).toHaveText("Services");
  await see("the matrix");
  await page.getByRole("combobox", { name: "Team" }).selectOption("scoring");
  await page.getByRole("combobox", { name: "Order" }).selectOption("trouble");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/\/services\?team=scoring&sort=trouble$/);
  await see("the matrix, filtered and ordered");
  await page.getByRole("link", { name: "scoring-engine" }).click();
  await see("one service", "What happened");

  await page.getByRole("link", { name: "Pipelines", exact: true }).first().click();
  await expect(heading(page)).toHaveText("Pipelines");
  await page.getByRole("combobox", { name: "Service" }).selectOption("audit-service");
  await page.getByRole("combobox", { name: "State" }).selectOption("success");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/\/pipelines\?state=success&service=audit-service$|\/pipelines\?service=audit-service&state=success$/);
  await see("runs, filtered");
  await page.getByRole("row").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/pipelines\/\d+$/);
  await see("one run");
  await page.goto("/pipelines/releases");
  await page.getByRole("combobox", { name: "Service" }).selectOption("audit-service");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/\/pipelines\/releases\?service=audit-service$/);
  await see("images, filtered");
  await page.goto("/pipelines/dora");
  await page.getByRole("combobox", { name: "Over" }).selectOption("90");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page).toHaveURL(/\/pipelines\/dora\?days=90$/);
  await see("how releases go", "Releases behind the figures");
  await context.close();
  expect(complaints).toEqual([]);
  return seen;
}

function heading(page: Page) {
  return page.getByRole("heading", { level: 1 });
}
