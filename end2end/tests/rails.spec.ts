// What production was promised to keep, and what lies in the registry: read with and without JavaScript. No luck is
// needed: the twin's production is as it was promised, and every run of the demo pushes an image.
import { violations } from "../support/axe";
import { alive, expect, test } from "../support/test";

test("production keeps its rails, the registry says what became of its images, and both can be read plainly", async ({ enter }) => {
  const { page } = await enter("Asha Rao");

  await test.step("each rail has a verdict, and what is not judged is said", async () => {
    await page.goto("/environments/production/rails");
    await alive(page);
    // The watches may still be listing when the page is first read.
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Production keeps every rail", { timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
    await expect(page.locator("[data-rail]")).toHaveCount(10);
    await expect(page.getByRole("region", { name: "Not judged" })).toContainText("kube-system");
  });

  await test.step("what mirrors nothing says so", async () => {
    await page.goto("/environments/production/parity");
    await expect(page.getByRole("status").first()).toContainText("declares nothing that production mirrors");
  });

  await test.step("images say their fate", async () => {
    // The registry is read each minute.
    await expect(async () => {
      await page.goto("/pipelines/releases?service=score-api");
      await expect(page.getByRole("row").nth(1)).toContainText("score-api", { timeout: 2_000 });
    }).toPass({ timeout: 150_000 });
    await expect(page.getByText("Scanned").first()).toBeVisible();
  });

  await test.step("without JavaScript, and by the rules of axe", async () => {
    for (const [path, words] of [
      ["/environments/production/rails", "Production keeps every rail"],
      ["/pipelines/releases", "Images"],
    ] as const) {
      expect(await violations(page, path), path).toEqual([]);
      const state = await page.context().storageState();
      const context = await page.context().browser()?.newContext({ storageState: state, javaScriptEnabled: false });
      if (context === undefined) throw new Error("no browser");
      const plain = await context.newPage();
      await plain.goto(new URL(path, page.url()).href);
      await expect(plain.getByRole("heading", { level: 1 })).toContainText(words);
      await context.close();
    }
  });
});
