// What production was promised to keep. Somebody breaks a promise with the real kubectl: an open page says which, where and
// how it is known, and says so no longer once it is mended.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { alive, expect, hears, test } from "../support/test";

const run = promisify(execFile);
const { KUBECTL, KUBECONFIG } = process.env;

async function patch(isOnHost: boolean): Promise<void> {
  if (KUBECTL === undefined || KUBECONFIG === undefined) throw new Error("KUBECTL and KUBECONFIG say where the real client is");
  const spec = JSON.stringify({ spec: { template: { spec: { hostNetwork: isOnHost } } } });
  await run(KUBECTL, ["--kubeconfig", KUBECONFIG, "--context", "production", "-n", "altscore-api", "patch", "deployment", "audit-service", "--patch", spec]);
}

test("production keeps its rails; who breaks one is seen with evidence until it is mended", async ({ enter }) => {
  const { page } = await enter("Asha Rao");
  const title = page.getByRole("heading", { level: 1 });
  const host = page.locator("[data-rail=no_host]");

  await test.step("each rail has a verdict, and what is not judged is said", async () => {
    // The watches may still be listing when the page is first read.
    await expect(async () => {
      await page.goto("/environments/production/rails");
      await expect(title).toHaveText("Production keeps every rail", { timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
    await alive(page);
    await hears(page);
    await expect(page.locator("[data-rail]")).toHaveCount(10);
    await expect(page.getByRole("region", { name: "Not judged" })).toContainText("kube-system");
  });

  await test.step("broken with kubectl, it shows by itself", async () => {
    await patch(true);
    await expect(title).toHaveText("One rail of production is broken", { timeout: 15_000 });
    await expect(host).toHaveAttribute("data-verdict", "broken");
    await expect(host).toContainText("altscore-api/audit-service");
    await expect(host).toContainText("hostNetwork");
  });

  await test.step("the environment's page counts it", async () => {
    await page.getByRole("navigation", { name: "Where you are" }).getByRole("link", { name: "production" }).click();
    await expect(page.getByRole("list", { name: "What it was promised to be" })).toContainText("1 broken");
    await page.getByRole("link", { name: "Guard rails" }).click();
  });

  await test.step("mended, it is gone", async () => {
    await patch(false);
    await expect(title).toHaveText("Production keeps every rail", { timeout: 15_000 });
  });

  await test.step("what mirrors nothing says so", async () => {
    await page.goto("/environments/production/parity");
    await expect(page.getByRole("status").first()).toContainText("declares nothing that production mirrors");
  });
});
