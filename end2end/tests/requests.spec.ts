// Where a first key needs others, as in production: what waits is read by others as it happens, and taken back with and
// without JavaScript. `cargo xtask test` runs it on a portal of its own, whose demo relaxes nothing.
import type { Browser, Page } from "@playwright/test";
import { violations } from "../support/axe";
import { alive, enrolKey, expect, hears, test, type Person } from "../support/test";

test.skip(process.env.STRICT === undefined, "needs a portal where first keys wait for others");

// Axe takes its time over every page twice.
test.setTimeout(300_000);

test("a request is read, heard of, and taken back, with and without JavaScript", async ({ browser, baseURL, enter }) => {
  const asha = await enter("Asha Rao");
  const found: string[] = [];
  for (const [name, javaScriptEnabled] of [["Ishaan Kulkarni", true], ["Tara Bose", false]] as const) {
    const asking = await enter(name);
    const request = await ask(asking);
    found.push(...(await violations(asking.page, "/keys")), ...(await violations(asking.page, request)));
    found.push(...(await violations(asha.page, "/people")));
    // She reads it while it is taken back.
    await asha.page.getByRole("link", { name: `${name} asks for a security key` }).click();
    await expect(asha.page).toHaveURL(new RegExp(`${request}$`));
    await alive(asha.page);
    await hears(asha.page);
    found.push(...(await violations(asha.page, request)));
    await hears(asha.page);

    const [page, stale] = javaScriptEnabled ? [asking.page, undefined] : await plainly(browser, baseURL ?? "", asking);
    await page.goto(javaScriptEnabled ? request : "/keys");
    await stale?.goto("/keys");
    await page.getByRole("button", { name: /^Withdraw/ }).click();
    await expect(asha.page.getByRole("main")).toContainText("withdrawn");
    await expect(asha.page.getByRole("button", { name: "Endorse" })).toBeDisabled();

    if (stale !== undefined) {
      await test.step("a page of before is refused where it stands, and says so once", async () => {
        await stale.getByRole("button", { name: "Withdraw the request" }).click();
        await expect(stale).toHaveURL(/\/keys$/);
        await expect(stale.getByRole("alert")).toBeVisible();
        await stale.reload();
        await expect(stale.getByRole("alert")).toHaveCount(0);
      });
    }
    await page.goto("/keys");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("You have no key yet");
    await expect(page.getByRole("region", { name: "Your keys" })).toContainText("Withdrawn");
    if (!javaScriptEnabled) await page.context().close();
  }
  expect(found).toEqual([]);
});

/** Enrols a key, which waits; the path of its request. */
async function ask(person: Person): Promise<string> {
  await enrolKey(person);
  await expect(person.page.getByRole("heading", { level: 1 })).toHaveText("Your key waits for others");
  return (await person.page.getByRole("link", { name: "See the request" }).getAttribute("href")) ?? "";
}

/** Two pages of the same person without JavaScript. */
async function plainly(browser: Browser, baseURL: string, person: Person): Promise<[Page, Page]> {
  const storageState = await person.page.context().storageState();
  const context = await browser.newContext({ baseURL, storageState, javaScriptEnabled: false });
  return [await context.newPage(), await context.newPage()];
}
