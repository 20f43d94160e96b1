// A run from its push to production on the page of pipelines: it appears by itself, its stages move, it waits on its
// change and says why; without JavaScript the same page says the same.
import { approve, alive, confirmPlan, enrolKey, expect, hears, openChange, test } from "../support/test";
import { pushRun } from "../support/twin";

test.setTimeout(180_000);

test("a pushed run appears, waits on its change, and goes to production", async ({ enter, browser, baseURL, request }) => {
  const [asha, leela] = [await enter("Asha Rao"), await enter("Leela Menon")];
  for (const person of [asha, leela]) await enrolKey(person);
  const page = asha.page;
  await page.goto("/pipelines?service=admin-service");
  await alive(page);
  await hears(page);
  const title = "Sort lenders by name <b>first</b>";
  const loads: string[] = [];
  page.on("request", (it) => it.isNavigationRequest() && loads.push(it.url()));
  const id = await pushRun(request, { service: "admin-service", author: "tara-b", title, branch: "pipelines/story" });
  const row = page.getByRole("row").filter({ hasText: String(id) });

  await test.step("it appears with its stages, and waits on its change", async () => {
    await expect(row).toContainText(title);
    await expect(row.getByRole("listitem").filter({ hasText: "Staging" })).toContainText("passed");
    await expect(row.getByRole("listitem").filter({ hasText: "Approval" })).toContainText("waiting");
    await expect(row.getByRole("link", { name: /^CHG-/ })).toBeVisible();
    expect(loads, "without loading the page again").toEqual([]);
  });

  const change = await row.getByRole("link", { name: /^CHG-/ }).innerText();
  await test.step("its page says why it waits, in the gate's words", async () => {
    await row.getByRole("link").first().click();
    await expect(page).toHaveURL(new RegExp(`/pipelines/${id}$`));
    await expect(page.getByRole("region", { name: "Why is it waiting?" })).toContainText("has not signed");
    await expect(page.getByRole("link", { name: "Log" }).first()).toHaveAttribute("href", new RegExp(`/actions/runs/${id}/job/\\d+$`));
  });

  await test.step("without JavaScript the page says the same", async () => {
    const context = await browser.newContext({
      baseURL: baseURL ?? "",
      javaScriptEnabled: false,
      storageState: await page.context().storageState(),
    });
    const plain = await context.newPage();
    await plain.goto(`/pipelines/${id}`);
    await expect(plain.getByRole("heading", { level: 1 })).toHaveText(title);
    await expect(plain.getByRole("region", { name: "Why is it waiting?" })).toContainText("has not signed");
    await plain.goto("/pipelines");
    await plain.getByRole("combobox", { name: "Service" }).selectOption("admin-service");
    await plain.getByRole("combobox", { name: "State" }).selectOption("waiting");
    await plain.getByRole("button", { name: "Filter" }).click();
    await expect(plain.getByRole("row").filter({ hasText: String(id) })).toContainText(title);
    await context.close();
  });

  await test.step("two sign, and the page shows it in production by itself", async () => {
    await openChange(leela, change);
    await confirmPlan(leela);
    await approve(leela);
    await openChange(asha, change);
    await approve(asha);
    await page.goto(`/pipelines/${id}`);
    await expect(page.getByRole("listitem").filter({ hasText: "Production" })).toContainText("passed", { timeout: 30_000 });
    await expect(page.getByRole("region", { name: "Why is it waiting?" })).toHaveCount(0);
  });
});
