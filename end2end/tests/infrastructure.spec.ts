// A change of what the cluster lets in and out: two engineers are not enough, security reads which path asked for them.
import { violations } from "../support/axe";
import { approve, enrolKey, expect, heldChange, openChange, test } from "../support/test";
import { pushRun, runById } from "../support/twin";

const TITLE = "Let the notification service reach the mail relay";
const PATH = "services/notification-service/deploy/templates/network-policy.yaml";

test.setTimeout(180_000);

test("infrastructure asks two engineers and security, and says which path asked", async ({ enter, request }) => {
  const [ishaan, tara, farah] = [await enter("Ishaan Kulkarni"), await enter("Tara Bose"), await enter("Farah Khan")];
  for (const person of [ishaan, tara, farah]) await enrolKey(person);
  const push = { service: "notification-service", author: "rohandas", title: TITLE, branch: "mail", brings: "network" } as const;
  const run = await pushRun(request, push);
  const change = await heldChange(farah.page, TITLE);

  await test.step("the page names the rule and the path", async () => {
    await openChange(farah, change);
    const seats = farah.page.getByRole("region", { name: "Who must sign" });
    await expect(seats).toContainText("Security");
    await expect(seats).toContainText(PATH);
    expect(await violations(farah.page, `/changes/${change}`)).toEqual([]);
  });

  await test.step("two engineers are not enough", async () => {
    for (const person of [ishaan, tara]) {
      await openChange(person, change);
      await approve(person);
    }
    await expect(tara.page.getByText(/2 of 3/).first()).toBeVisible();
    expect((await runById(request, run)).released).toBe(false);
  });

  await test.step("security signs, and it goes out", async () => {
    await openChange(farah, change);
    await approve(farah, "Port 587 to the relay's namespace only.");
    await expect(async () => {
      expect((await runById(request, run)).released).toBe(true);
    }).toPass({ timeout: 60_000 });
  });
});
