// An open page moves by itself: what somebody else does shows without a reload, what one is writing stays, and a page
// that hears nothing says so.
import { alive, enrolKey, expect, heldChange, hears, test } from "../support/test";

test("an open page moves when somebody else decides, and keeps what one is writing", async ({ enter }) => {
  const [vikram, leela] = [await enter("Vikram Iyer"), await enter("Leela Menon")];
  await enrolKey(vikram);
  const change = await heldChange(vikram.page, "consent-service");
  await vikram.page.goto(`/changes/${change}`);
  await leela.page.goto(`/changes/${change}`);
  for (const { page } of [vikram, leela]) {
    await alive(page);
    await hears(page);
  }
  const comment = vikram.page.getByRole("textbox", { name: "Comment" });
  await comment.fill("Not on a Friday.");

  await test.step("a page that is only looked at shows the veto", async () => {
    const loads: string[] = [];
    leela.page.on("request", (request) => request.isNavigationRequest() && loads.push(request.url()));
    await vikram.page.getByRole("button", { name: "Reject" }).click();
    await expect(leela.page.getByText("Held · rejected").first()).toBeVisible();
    await expect(leela.page.getByText(/Vikram Iyer rejected/).first()).toBeVisible();
    expect(loads, "without loading the page again").toEqual([]);
  });

  await test.step("what one is writing, and where, stays when the page moves", async () => {
    await expect(vikram.page.getByText("Held · rejected").first()).toBeVisible();
    await comment.fill("Perhaps on Mon");
    await comment.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(7, 7));
    // Reading it again, as when somebody else acts: the stream says so whenever it opens.
    await vikram.page.context().setOffline(true);
    await expect(vikram.page.locator("[data-hearing]")).toHaveText(/Reconnecting/);
    await expect(vikram.page.getByText("Held · rejected").first(), "the last good data stays").toBeVisible();
    const again = vikram.page.waitForResponse(/\/api\/ui\/change\?/);
    await vikram.page.context().setOffline(false);
    await hears(vikram.page);
    await (await again).finished();
    await expect(comment).toBeFocused();
    await expect(comment).toHaveValue("Perhaps on Mon");
    expect(await comment.evaluate((field: HTMLTextAreaElement) => field.selectionStart)).toBe(7);
  });

  await test.step("what one has unfolded in the log stays that entry's while the log moves", async () => {
    await leela.page.goto(`/audit?about=${change}`);
    await alive(leela.page);
    await hears(leela.page);
    const entries = leela.page.getByRole("main").getByRole("listitem");
    const vetoed = entries.filter({ hasText: "changes.rejected" });
    await vetoed.locator("summary").click();
    await expect(vetoed.getByText("Exact bytes")).toBeVisible();
    const before = await entries.count();
    await vikram.page.getByRole("button", { name: "Withdraw" }).click();
    await expect.poll(() => entries.count()).toBeGreaterThan(before);
    await expect(vetoed.getByText("Exact bytes"), "it is open still").toBeVisible();
    await expect(leela.page.getByText("Exact bytes").filter({ visible: true }), "and nothing else is").toHaveCount(1);
    await comment.fill("No, not on Monday either.");
    await vikram.page.getByRole("button", { name: "Reject" }).click();
  });

  await test.step("home and the list move too", async () => {
    await leela.page.goto("/");
    await alive(leela.page);
    await hears(leela.page);
    const row = leela.page.getByRole("row").filter({ hasText: change });
    await expect(row).toContainText("rejected");
    await vikram.page.getByRole("button", { name: "Withdraw" }).click();
    await expect(row).toContainText("0 of 2");
  });

  await test.step("who signs out in one tab is signed out in the other", async () => {
    const second = await leela.page.context().newPage();
    await second.goto("/keys");
    await alive(second);
    await hears(second);
    await leela.page.getByRole("button", { name: "Sign out" }).click();
    await expect(second.getByRole("heading", { name: "Sign in to Gatehouse" })).toBeVisible();
    await second.close();
  });
});
