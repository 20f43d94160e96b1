// A change of a data pipeline: two engineers sign, and the data protection officer on her own page, in plain words.
import type { Page } from "@playwright/test";
import { violations } from "../support/axe";
import { alive, approve, enrolKey, expect, test } from "../support/test";
import { pushRun, runById } from "../support/twin";

const TITLE = "Call retailers before an instalment is due";

test.setTimeout(240_000);

test("a data pipeline asks two engineers and the data protection officer, who reads what it means", async ({ enter, request }) => {
  const ishaan = await enter("Ishaan Kulkarni");
  const tara = await enter("Tara Bose");
  const meera = await enter("Meera Nair");
  for (const person of [ishaan, tara, meera]) await enrolKey(person);

  const push = { service: "erp-ingestion", author: "devika-s", title: TITLE, branch: "calls", brings: "data_pipeline" } as const;
  const run = await pushRun(request, push);

  const { page } = meera;
  let href = "";
  await test.step("her list leads to her own page", async () => {
    const link = page.getByRole("row").filter({ hasText: "erp-ingestion" }).filter({ hasText: TITLE }).getByRole("link").first();
    await expect(async () => {
      await page.goto("/");
      await expect(link).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 60_000 });
    await link.click();
    await expect(page).toHaveURL(/\/changes\/CHG-\d{4}-\d{6}\/data$/);
    await alive(page);
    href = new URL(page.url()).pathname;
  });

  await test.step("the answers come first, in words", async () => {
    const short = page.getByRole("region", { name: "In short" });
    for (const [question, answer] of [
      ["Does data leave India?", /Yes.*ap-southeast-1/s],
      ["Is personal data touched?", /Yes.*Phone number/s],
      ["Is there a new purpose?", /Yes.*repayment reminders/s],
      ["Does somebody new get it?", /Yes.*Kaveri Finance/s],
      ["Is anything kept longer?", /Yes.*3 years instead of 18 months/s],
    ] as const) {
      await expect(short.locator(".answer").filter({ hasText: question }), question).toContainText(answer);
    }
    await expect(page.getByRole("region", { name: "Tables and columns" })).toContainText("A new column pan_number");
    // What is put together when it runs is not known, and that is said.
    await expect(page.getByRole("region", { name: "Could not tell" })).toContainText("dags/gold_refresh.py");
    await expect(page.getByRole("region", { name: "What is signed" })).toBeVisible();
  });

  await test.step("it can be read without JavaScript and by the rules of axe", async () => {
    const found = await violations(page, href);
    expect(found).toEqual([]);
    const context = await page.context().browser()?.newContext({ storageState: await page.context().storageState(), javaScriptEnabled: false });
    if (context === undefined) throw new Error("no browser");
    const plain = await context.newPage();
    await plain.goto(new URL(href, page.url()).href);
    await expect(plain.getByRole("region", { name: "In short" })).toContainText("repayment reminders");
    await context.close();
  });

  const change = href.replace(/\/data$/, "");
  await test.step("two engineers are not enough", async () => {
    for (const person of [ishaan, tara]) {
      await open(person.page, change);
      await approve(person);
    }
    expect((await runById(request, run)).released).toBe(false);
  });

  await test.step("she signs on her page, and it goes out", async () => {
    await open(page, href);
    await approve(meera, "Consent covers reminders; the partner's contract is on file.");
    await expect(async () => {
      expect((await runById(request, run)).released).toBe(true);
    }).toPass({ timeout: 60_000 });
    await open(page, change);
    await expect(page.getByRole("region", { name: "Who must sign" })).toContainText("Meera Nair");
  });
});

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await alive(page);
}
