// The same story with and without JavaScript: every page, filter and form works in both, with the same words.
import type { Browser, Page } from "@playwright/test";
import { enrolKey, expect, issueToken, signIn, test } from "../support/test";
import { watch } from "../support/watch";
import { words } from "../support/words";

/** What was seen, step by step. */
type Seen = Record<string, string>;

test.setTimeout(300_000);

test("every page says the same with and without JavaScript", async ({ browser, baseURL, enter }) => {
  const ishaan = await enter("Ishaan Kulkarni");
  await enrolKey(ishaan);
  await issueToken(ishaan, "dashboard");
  const plain = await story(browser, baseURL ?? "", false);
  await issueToken(ishaan, "dashboard");
  const live = await story(browser, baseURL ?? "", true, plain);
  expect(live).toEqual(plain);
});

/** Tells it; with `like`, what is seen at each step must come to be what was seen there before. */
async function story(browser: Browser, baseURL: string, javaScriptEnabled: boolean, like?: Seen): Promise<Seen> {
  const seen: Seen = {};
  const context = await browser.newContext({ baseURL, javaScriptEnabled });
  const page = await context.newPage();
  // Two addresses lead nowhere on purpose; and without JavaScript the browser refuses the script itself.
  const expected = [/404 \(Not Found\) .*(CHG-2026-999999|requests\/none|request\?id=none)/, /\/pkg\/gatehouse\.js: csp$/];
  const complaints = watch(page, javaScriptEnabled ? "with JavaScript" : "without JavaScript", javaScriptEnabled ? expected.slice(0, 1) : expected);
  const see = async (step: string) => {
    if (javaScriptEnabled) await expect(page.locator("html")).toHaveAttribute("data-alive", "true");
    const now = async () => `${new URL(page.url()).pathname}${new URL(page.url()).search}\n${await words(page)}`;
    if (like !== undefined) await expect.poll(now, { message: step }).toBe(like[step]);
    seen[step] = await now();
  };

  await page.goto("/audit?act=people.met");
  await see("signed out, any page is the sign-in page");
  await signIn(page, "Farah Khan");
  await see("home");

  await page.getByRole("link", { name: "Changes", exact: true }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Changes" })).toBeVisible();
  await see("the list of changes");
  await page.getByRole("combobox", { name: "State" }).selectOption("held");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/\/changes\?state=held$/);
  await see("filtered, and the address says only what was chosen");
  await page.getByRole("row").getByRole("link").first().click();
  await expect(page.getByRole("region", { name: "Who must sign" })).toBeVisible();
  await see("one change");
  await page.getByRole("link", { name: "Its entries in the log" }).click();
  await expect(page).toHaveURL(/\/audit\?about=CHG-/);
  await see("its entries");

  await page.getByRole("link", { name: "Show everything" }).first().click();
  await expect(page).toHaveURL(/\/audit$/);
  await page.getByRole("combobox", { name: "Act" }).selectOption("changes.opened");
  await page.getByRole("combobox", { name: "By" }).fill("github");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/\/audit\?act=changes\.opened&actor=github$/);
  await see("the log, filtered");
  await page.getByLabel("Until (UTC)").fill("2020-01-01T00:00");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByText("No entry is all of this:")).toBeVisible();
  await see("nothing is found, and which filter left nothing");
  await page.getByRole("link", { name: "leave out until 2020-01-01T00:00" }).click();
  await expect(page).toHaveURL(/\/audit\?act=changes\.opened&actor=github$/);
  await page.goto("/audit?since=yesterday");
  await see("a filter that cannot be understood");

  await page.getByRole("link", { name: "Keys", exact: true }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/key/);
  await see("keys");
  await page.goto("/people");
  await see("people");
  await page.goto("/people/requests/none");
  await see("a request that is not there");
  await page.goto("/keys/tokens");
  await see("tokens, for security");
  await page.getByRole("button", { name: "Revoke dashboard" }).click();
  await expect(page.getByRole("button", { name: "Revoke dashboard" })).toHaveCount(0);
  await expect(page).toHaveURL(/\/keys\/tokens$/);
  await see("a token is revoked without a key");

  const elsewhere = [await another(browser, baseURL ?? "")];
  await page.goto("/sessions");
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(heading(page)).toHaveText("You are signed in here only");
  elsewhere.push(await another(browser, baseURL ?? ""), await another(browser, baseURL ?? ""));
  await page.goto("/sessions");
  await expect(heading(page)).toHaveText("You are signed in three times");
  const stale = await context.newPage();
  await stale.goto("/sessions");
  const others = (at: Page) => at.getByRole("row").filter({ hasText: "Signed in" }).getByRole("button", { name: "This was not me" });
  await expect(others(page)).toHaveCount(2);
  await others(page).first().click();
  await expect(heading(page)).toHaveText("You are signed in twice");
  await expect(page.getByText("Reported stolen").first()).toBeVisible();
  if (!javaScriptEnabled) {
    // A page of before asks for it once more, and says on its own place, once, that it cannot be.
    await others(stale).first().click();
    await expect(stale).toHaveURL(/\/sessions$/);
    await expect(stale.getByRole("alert")).toBeVisible();
    await stale.reload();
    await expect(stale.getByRole("alert")).toHaveCount(0);
  }
  await stale.close();
  await others(page).first().click();
  await expect(heading(page)).toHaveText("You are signed in here only");
  for (const one of elsewhere) await one.close();
  await page.goto("/sessions?person=E-1001");
  await see("somebody else's sessions, for security");
  await page.getByRole("textbox", { name: "Employee id" }).fill("E-9999");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(/\/sessions\?person=E-9999$/);
  await see("the sessions of nobody");

  await page.goto("/keys");
  await page.getByRole("button", { name: "Dark theme" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html"), "the theme is remembered").toHaveAttribute("data-theme", "dark");
  await see("still keys, in the dark");
  await page.goto("/changes/CHG-2026-999999");
  await see("what is not there");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/signin$/);
  await see("signed out");
  // Refused on the way in: a page says why, and says it once.
  await page.goto("/auth/callback?state=forged&code=forged");
  await expect(page.getByRole("alert")).toBeVisible();
  await see("refused on the way in");
  await page.goto("/signin");
  await expect(page.getByRole("alert")).toHaveCount(0);
  await context.close();
  expect(complaints).toEqual([]);
  return seen;
}

function heading(page: Page) {
  return page.getByRole("heading", { level: 1 });
}

/** The same person at another browser. */
async function another(browser: Browser, baseURL: string) {
  const context = await browser.newContext({ baseURL });
  await signIn(await context.newPage(), "Farah Khan");
  return context;
}
