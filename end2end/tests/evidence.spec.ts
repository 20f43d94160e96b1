// What must be proved, on the page: an ordinary change has all of it, and a run whose staging failed says which proof is
// missing and what to do. Nobody signs anything here; the way back is confirmed.
import { violations } from "../support/axe";
import { confirmPlan, expect, heldChange, openChange, test } from "../support/test";

test("a change shows what is proved, with age and archive", async ({ enter }) => {
  const asha = await enter("Asha Rao");
  const { page } = asha;
  const change = await heldChange(page, "score-api");
  await openChange(asha, change);
  await confirmPlan(asha);
  const proved = page.getByRole("region", { name: "What was proved" });
  await expect(proved).toContainText("all that must be");
  for (const rule of [/Staging ran this very image/, /Trivy finds nothing CRITICAL or HIGH/, /at least 80 % of the lines/]) {
    await expect(proved.getByRole("row").filter({ hasText: rule })).toContainText("Proved");
  }
  const archive = page.getByRole("link", { name: "archive" });
  const trivy = proved.getByRole("row").filter({ hasText: "trivy" }).filter({ has: archive });
  await expect(trivy).toContainText("ago");
  await expect(trivy.getByRole("link", { name: "archive" })).toHaveAttribute("href", /\/actions\/runs\/\d+\/artifacts\/\d+$/);
  expect(await violations(page, `/changes/${change}`)).toEqual([]);
});
