// The `test` of every spec here: people instead of pages.
import { test as base, expect, type Page } from "@playwright/test";
import { addVirtualAuthenticator, type Key } from "./key";
import { keep, ringOf } from "./rings";
import { watch } from "./watch";

export { expect };

/** Someone at a browser of their own, with a key of their own. */
export interface Person {
  name: string;
  page: Page;
  key: Key;
}

/** Opens a person's browser and signs in. */
export type Enter = (name: string) => Promise<Person>;

export const test = base.extend<{ enter: Enter }>({
  enter: async ({ browser, baseURL }, use) => {
    const complaints: string[] = [];
    const contexts: { close(): Promise<void> }[] = [];
    const watched: string[][] = [];
    const people: Person[] = [];
    await use(async (name) => {
      const context = await browser.newContext({ baseURL });
      contexts.push(context);
      const page = await context.newPage();
      watched.push(watch(page, name));
      const key = await addVirtualAuthenticator(page);
      await key.plug(ringOf(name));
      await signIn(page, name);
      const person = { name, page, key };
      people.push(person);
      return person;
    });
    for (const { name, key } of people) keep(name, await key.kept());
    for (const context of contexts) await context.close();
    complaints.push(...watched.flat());
    expect(complaints, "no page may complain").toEqual([]);
  },
});

/** Through the front door: our page, the identity provider's, and back. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.goto("/");
  const sso = page.getByRole("button", { name: "Sign in with AltScore SSO" });
  await sso.or(page.getByRole("link", { name: "Sign in with AltScore SSO" })).click();
  await page.getByRole("button", { name }).click();
  await expect(page.getByRole("navigation").getByRole("link", { name: "Keys" }).first()).toBeVisible();
}

/** Waits until WASM has taken over; a click before that would be a plain form or nothing. */
export async function alive(page: Page): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-alive", "true");
}

/** Waits until the page listens for changes. */
export async function hears(page: Page): Promise<void> {
  await expect(page.locator("[data-hearing]")).toHaveAttribute("data-hearing", "Live");
}

/** The number of the held change whose row has this text, once the webhook and its jobs have brought it. */
export async function heldChange(page: Page, text: string): Promise<string> {
  let change = "";
  await page.goto("/changes?state=held");
  const link = page.getByRole("row").filter({ hasText: text }).getByRole("link").first();
  await expect(async () => {
    await page.reload();
    change = /CHG-\d{4}-\d{6}/.exec((await link.getAttribute("href", { timeout: 1_000 })) ?? "")?.[0] ?? "";
    expect(change).not.toBe("");
  }).toPass({ timeout: 60_000 });
  return change;
}

/** Opens a change and waits until it is alive. */
export async function openChange({ page }: Person, change: string): Promise<void> {
  await page.goto(`/changes/${change}`);
  await alive(page);
}

/** Confirms the rollback plan on the page that is open, where that is still to be done and this person may. */
export async function confirmPlan({ page }: Person): Promise<void> {
  const confirm = page.getByRole("button", { name: "Confirm the plan" });
  if (!(await confirm.isVisible()) || !(await confirm.isEnabled())) return;
  await confirm.click();
  await expect(page.getByRole("region", { name: "If it goes wrong" })).toContainText("Confirmed by");
  await alive(page);
}

/** Touches the key for a yes on the page that is open, and waits until the seat says so. The first one confirms the plan. */
export async function approve(person: Person, comment = ""): Promise<void> {
  const { page, key, name } = person;
  await confirmPlan(person);
  const before = await key.touches();
  await page.getByRole("textbox", { name: "Comment" }).fill(comment);
  await page.getByRole("button", { name: "Approve" }).click();
  await expect.poll(() => key.touches(), { message: `${name}'s key is touched` }).toBeGreaterThan(before);
  await expect(page.getByRole("region", { name: "Who must sign" })).toContainText(name);
}

/** Enrols the person's key on the keys page. */
export async function enrolKey(person: Person): Promise<void> {
  const { page, name } = person;
  // Theirs since an earlier story.
  if ((await person.key.kept()).length > 0) return;
  await page.goto("/keys");
  await alive(page);
  const label = `Key of ${name}`;
  await page.getByRole("textbox", { name: "Name of the key" }).fill(label);
  await page.getByRole("button", { name: "Add a key" }).click();
  await expect(page.getByRole("region", { name: "Your keys" }).getByText(label).first()).toBeVisible();
}

/** Issues a token that reads changes; returns its secret, which is shown once. */
export async function issueToken(person: Person, label: string): Promise<string> {
  const { page } = person;
  await page.goto("/keys/tokens");
  await alive(page);
  await page.getByRole("textbox", { name: "Name of the token" }).fill(label);
  await page.getByRole("checkbox", { name: /changes:read/ }).check();
  await page.getByRole("button", { name: "Issue a token" }).click();
  const once = page.getByRole("region", { name: "Copy it now" });
  await expect(once).toBeVisible();
  await expect(page.getByRole("button", { name: `Revoke ${label}` })).toBeVisible();
  return once.locator("code").innerText();
}
