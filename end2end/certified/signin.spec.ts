// The same portal, another identity provider: a certified one signs people in, and its word on roles is asked for again
// before anything is released.
import type { Page } from "@playwright/test";
import { addVirtualAuthenticator } from "../support/key";
import { alive, enrolKey, expect, type Person, test } from "../support/test";
import { outside, runById } from "../support/twin";
import { watch } from "../support/watch";

const provider = process.env.PROVIDER_URL ?? "";

test("a certified provider signs people in and takes a role away before it counts", async ({ browser, request, baseURL }) => {
  const complaints: string[] = [];
  const enter = async (name: string, sub: string): Promise<Person> => {
    const page = await (await browser.newContext({ baseURL })).newPage();
    const key = await addVirtualAuthenticator(page);
    await signIn(page, sub);
    // Its pages are not ours to judge; ours are, from here on.
    complaints.push(...watch(page, name));
    return { name, page, key };
  };

  const asha = await enter("Asha Rao", "u-1001");
  const leela = await enter("Leela Menon", "u-1003");

  await test.step("each is who the provider says, with the roles of their groups", async () => {
    await asha.page.goto("/keys");
    const account = asha.page.getByRole("banner");
    await expect(account).toContainText("Asha Rao");
    await expect(account).toContainText("Engineer · On call");
    for (const person of [asha, leela]) await enrolKey(person);
  });

  const held = (await outside(request)).runs.find((run) => run.service === "score-api" && run.pending.length > 0);
  if (held === undefined) throw new Error("the twin holds no run of score-api: was it told to begin?");
  const change = await changeOf(asha.page);

  await test.step("one approves; then the provider takes her group away", async () => {
    await approve(asha, change);
    const taken = await request.post(`${provider}/people/u-1001/groups`, { data: ["altscore-oncall"] });
    expect(taken.status()).toBe(204);
  });

  await test.step("the other approves: the role is read again with the refresh token, and the gate stays shut", async () => {
    await approve(leela, change);
    await expect(async () => {
      await leela.page.reload();
      await expect(leela.page.getByText(/approval no longer counts/).first()).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 60_000 });
    const run = await runById(request, held.id);
    expect([run.answers, run.released]).toEqual([[], false]);
  });

  await test.step("she gets it back, signs in again, and it is released", async () => {
    await request.post(`${provider}/people/u-1001/groups`, { data: ["altscore-engineers", "altscore-oncall"] });
    await asha.page.getByRole("button", { name: "Sign out" }).click();
    // The provider still knows her browser: no page of its own this time.
    await asha.page.getByRole("button", { name: "Sign in with AltScore SSO" }).or(asha.page.getByRole("link", { name: "Sign in with AltScore SSO" })).click();
    await expect(asha.page.getByRole("banner")).toContainText("Engineer · On call");
    await expect(async () => expect((await runById(request, held.id)).released).toBe(true)).toPass({ timeout: 120_000 });
  });

  expect(complaints, "no page of ours may complain").toEqual([]);
  expect((await outside(request)).unknown_routes).toEqual([]);
});

/** Through our door, the provider's login page and its consent page, and back. */
async function signIn(page: Page, sub: string): Promise<void> {
  await page.goto("/");
  const sso = page.getByRole("button", { name: "Sign in with AltScore SSO" });
  await sso.or(page.getByRole("link", { name: "Sign in with AltScore SSO" })).click();
  await expect(page).toHaveURL(new RegExp(`^${provider}/interaction/`));
  await page.getByPlaceholder("Enter any login").fill(sub);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("navigation").getByRole("link", { name: "Keys" }).first()).toBeVisible();
}

async function changeOf(page: Page): Promise<string> {
  const link = page.getByRole("row").filter({ hasText: "score-api" }).getByRole("link").first();
  await page.goto("/");
  await expect(async () => {
    await page.reload();
    await expect(link).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  return (await link.getAttribute("href")) ?? "";
}

async function approve(person: Person, change: string): Promise<void> {
  await person.page.goto(change);
  await alive(person.page);
  const confirm = person.page.getByRole("button", { name: "Confirm the plan" });
  if (await confirm.isVisible()) {
    await confirm.click();
    await expect(person.page.getByText("Confirmed").first()).toBeVisible();
    await alive(person.page);
  }
  await person.page.getByLabel("Comment").fill("Read it.");
  await person.page.getByRole("button", { name: "Approve" }).click();
  await expect(person.page.getByRole("status")).toContainText("Approved");
}
