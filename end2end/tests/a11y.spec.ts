// Every page, in both themes, by the rules of axe. The change page after its decision is looked at by the promotion story,
// the pages of a request where first keys need others.
import { violations } from "../support/axe";
import { alive, enrolKey, expect, heldChange, issueToken, test } from "../support/test";

// Axe takes its time over every page twice.
test.setTimeout(300_000);

test("no page breaks a rule of accessibility, in either theme", async ({ enter, browser, baseURL }) => {
  const devika = await enter("Devika Shah");
  const { page } = devika;
  const change = await heldChange(page, "consent-service");
  const found: string[] = [];
  // Empty first, and then with something in them.
  for (const path of ["/keys", "/keys/tokens"]) found.push(...(await violations(page, path)));
  await enrolKey(devika);
  await issueToken(devika, "release dashboard");
  // GitHub is read each minute.
  await expect(async () => {
    await page.goto("/pipelines");
    await expect(page.locator("a[data-row]").first()).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 150_000 });
  const run = (await page.locator("a[data-row]").first().getAttribute("href")) ?? "";
  const paths = [
    "/",
    "/changes",
    "/changes?state=superseded",
    "/changes/freezes",
    "/services",
    "/services/score-api",
    "/environments",
    "/environments/staging",
    "/environments/staging/rails",
    "/environments/staging/parity",
    "/pipelines",
    run,
    "/pipelines/releases",
    "/pipelines/dora",
    "/alerts",
    `/changes/${change}`,
    "/keys",
    "/keys/tokens",
    "/people",
    "/sessions",
    "/audit",
    `/audit?about=${change}&actor=github`,
    "/audit?act=changes.expired&actor=E-1",
    "/audit?since=yesterday",
    "/signin",
  ];
  for (const path of paths) found.push(...(await violations(page, path)));

  // What is not there is a 404, of which the browser complains; so nobody listens to its complaints here.
  const missing = await browser.newContext({ baseURL, storageState: await page.context().storageState() });
  const lost = await missing.newPage();
  for (const path of ["/changes/CHG-2026-999999", "/people/requests/none", "/no/such"]) {
    found.push(...(await violations(lost, path)));
  }
  await missing.close();

  const security = await enter("Farah Khan");
  for (const path of ["/sessions?person=E-1001", "/keys/tokens"]) found.push(...(await violations(security.page, path)));

  const stranger = await browser.newPage({ baseURL });
  for (const path of ["/", "/signin"]) found.push(...(await violations(stranger, path)));
  await stranger.goto("/auth/callback?state=forged&code=forged");
  await alive(stranger);
  await expect(stranger.getByRole("alert")).toBeVisible();
  await stranger.close();
  expect(found).toEqual([]);
});
