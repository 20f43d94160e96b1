// A newer run of the same service waits behind an older one; one touch ends the older, and GitHub hears that it is rejected.
import { alive, enrolKey, expect, heldChange, test } from "../support/test";
import { outside, pushRun } from "../support/twin";

/** No other story's service. */
const SERVICE = "audit-service";

test("a newer change takes the place of one that only holds the lane", async ({ enter, request }) => {
  const ishaan = await enter("Ishaan Kulkarni");
  await enrolKey(ishaan);
  const titles = ["An older idea of the lane", "A newer idea of the lane"] as const;
  const numbers: string[] = [];
  for (const title of titles) {
    await pushRun(request, { service: SERVICE, author: "rohandas", title, branch: "lane" });
    numbers.push(await heldChange(ishaan.page, title));
  }
  const [older, newer] = [numbers.at(0) ?? "", numbers.at(-1) ?? ""];

  await ishaan.page.goto(`/changes/${newer}`);
  await alive(ishaan.page);
  const lane = ishaan.page.getByRole("region", { name: "In the lane" });
  const row = lane.getByRole("listitem").filter({ hasText: older });
  await expect(row).toBeVisible();
  await lane.getByLabel("Why this one takes an older one's place").fill("The newer one holds it all.");
  await row.getByRole("button", { name: "Take its place" }).click();
  await expect(lane.getByText(older)).toHaveCount(0);

  await ishaan.page.goto(`/changes/${older}`);
  await expect(ishaan.page.getByText("Superseded").first()).toBeVisible();
  await expect(async () => {
    const answers = (await outside(request)).runs.flatMap((run) => run.answers);
    expect(answers.some((answer) => answer.comment.includes(older) && answer.comment.includes(`superseded by ${newer}`))).toBe(true);
  }).toPass({ timeout: 60_000 });
});
