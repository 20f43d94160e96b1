// What runs where, as the clusters say it: somebody edits a Deployment with the real kubectl, and a page that is open shows
// it by itself; without JavaScript it shows when it is asked for again.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { violations } from "../support/axe";
import { alive, expect, hears, test } from "../support/test";

const run = promisify(execFile);
const { KUBECTL, KUBECONFIG } = process.env;

async function kubectl(...args: string[]): Promise<string> {
  if (KUBECTL === undefined || KUBECONFIG === undefined) throw new Error("KUBECTL and KUBECONFIG say where the real client is");
  const { stdout } = await run(KUBECTL, ["--kubeconfig", KUBECONFIG, "--context", "production", ...args]);
  return stdout;
}

test("an edit with kubectl shows on an open page within a second", async ({ enter, browser, baseURL }) => {
  const { page } = await enter("Devika Shah");
  await page.goto("/services");
  await alive(page);
  await hears(page);
  const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "notification-service" }) });
  const cell = row.getByRole("cell").last();
  await expect(cell).toContainText("2 of 2 ready");
  expect(await kubectl("get", "deployments", "notification-service")).toContain("notification-service");

  const loads: string[] = [];
  page.on("request", (request) => request.isNavigationRequest() && loads.push(request.url()));
  await kubectl("scale", "deployment", "notification-service", "--replicas", "4");
  const since = Date.now();
  await expect(cell).toContainText("of 4 ready", { timeout: 15_000 });
  const took = Date.now() - since;
  test.info().annotations.push({ type: "seen after", description: `${took} ms` });
  console.log(`kubectl's edit was seen after ${took} ms`);
  expect(took, "within a second of kubectl's end").toBeLessThanOrEqual(1_000);
  expect(loads, "without loading the page again").toEqual([]);

  await test.step("the page of the service, and without JavaScript", async () => {
    await row.getByRole("link", { name: "notification-service" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("notification-service");
    await expect(page.getByRole("region", { name: "Pods", exact: true })).toContainText("production");
    await expect(page.getByRole("region", { name: "Who stands for it" })).toContainText("engagement");
    const still = await browser.newContext({ baseURL, javaScriptEnabled: false, storageState: await page.context().storageState() });
    const plain = await still.newPage();
    await plain.goto("/services");
    await expect(plain.getByRole("row").filter({ hasText: "notification-service" })).toContainText("of 4 ready");
    await plain.goto("/services/notification-service");
    await expect(plain.getByRole("region", { name: "Who stands for it" })).toContainText("engagement");
    await still.close();
  });
  expect(await violations(page, "/services")).toEqual([]);
  await kubectl("scale", "deployment", "notification-service", "--replicas", "2");
});
