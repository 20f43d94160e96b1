// Something burns: one declares a P1, another confirms it, a third attaches it to a change that two engineers signed; it goes
// out and owes its proof, which two others' reviews stand for once the incident is closed.
import { alive, approve, confirmPlan, enrolKey, expect, heldChange, openChange, type Person, test } from "../support/test";
import { pushRun } from "../support/twin";

// The debt is looked at once a minute.
test.setTimeout(300_000);

/** No other story's service. */
const SERVICE = "admin-service";
const TITLE = "Nobody can sign in to the back office";
const PUSH = "Give the session store its time-out back";

test("a P1 takes two, lets a signed change out for a third, and leaves a debt", async ({ enter, request }) => {
  const [asha, farah, vikram, ishaan, meera] = [
    await enter("Asha Rao"),
    await enter("Farah Khan"),
    await enter("Vikram Iyer"),
    await enter("Ishaan Kulkarni"),
    await enter("Meera Nair"),
  ];
  for (const person of [asha, farah, vikram, ishaan, meera]) await enrolKey(person);
  await pushRun(request, { service: SERVICE, author: "rohandas", title: PUSH, branch: "time-out" });
  const change = await heldChange(vikram.page, PUSH);

  await test.step("on call declares it, and cannot confirm it", async () => {
    const { page } = asha;
    await page.goto("/alerts");
    await alive(page);
    await page.getByLabel("What is wrong, in one line").fill(TITLE);
    await page.getByLabel("Service").selectOption(SERVICE);
    await page.getByRole("button", { name: "Declare" }).click();
    await page.getByRole("link", { name: TITLE }).click();
    await expect(page.getByRole("button", { name: "Confirm that it is a P1" })).toBeDisabled();
    await expect(page.getByRole("complementary", { name: "Incident" })).toHaveCount(0);
  });

  await test.step("security confirms it: every page says that it is live", async () => {
    await open(farah);
    await farah.page.getByRole("button", { name: "Confirm that it is a P1" }).click();
    await expect(farah.page.getByRole("complementary", { name: "Incident" })).toContainText(TITLE);
  });

  await test.step("a third attaches it; whoever declared it cannot", async () => {
    await asha.page.goto(`/changes/${change}`);
    await expect(asha.page.getByRole("button", { name: "Attach this P1" })).toBeDisabled();
    await vikram.page.goto(`/changes/${change}`);
    await alive(vikram.page);
    await vikram.page.getByLabel("Why it cannot wait for its proof").fill("Support is blind without it.");
    // Somebody else moves the change meanwhile: what is written stays.
    await openChange(asha, change);
    await confirmPlan(asha);
    await expect(vikram.page.getByRole("region", { name: "If it goes wrong" })).toContainText("Confirmed by");
    await expect(vikram.page.getByLabel("Why it cannot wait for its proof")).toHaveValue("Support is blind without it.");
    await vikram.page.getByRole("button", { name: "Attach this P1" }).click();
    await expect(vikram.page.getByText("P1 attached").first()).toBeVisible();
  });

  await test.step("two engineers still sign; it goes out and owes its proof", async () => {
    for (const person of [asha, ishaan]) {
      await openChange(person, change);
      await approve(person);
    }
    await expect(async () => {
      await vikram.page.reload();
      await expect(vikram.page.getByText("Released").first()).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 60_000 });
    await expect(vikram.page.getByText("The proof in staging is owed").first()).toBeVisible();
  });

  await test.step("closed, it owes a review; two others write theirs", async () => {
    await farah.page.getByRole("textbox", { name: "Words" }).fill("The back office answers again.");
    await farah.page.getByRole("button", { name: "Close incident" }).click();
    await expect(farah.page.getByText("review owed").first()).toBeVisible();
    for (const person of [meera, ishaan]) {
      await open(person);
      await person.page.getByRole("textbox", { name: "Review" }).fill("The time-out was longer than the caller's. It is shorter now.");
      await person.page.getByRole("button", { name: "Sign the review" }).click();
      await expect(person.page.getByText("Closed · reviewed").first()).toBeVisible();
    }
  });

  await test.step("the debt is paid: by its proof where there is one, or by the two reviews", async () => {
    await expect(async () => {
      await vikram.page.goto(`/changes/${change}`);
      await expect(vikram.page.getByText("Debt paid").first()).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 180_000, intervals: [5_000] });
  });
});

async function open({ page }: Person): Promise<void> {
  await page.goto("/alerts");
  await page.getByRole("link", { name: TITLE }).first().click();
  await alive(page);
}
