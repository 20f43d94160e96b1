// Stopping the line: security stops it with one touch, everybody sees who and why, and an engineer lets it go on.
import { violations } from "../support/axe";
import { alive, enrolKey, expect, heldChange, test } from "../support/test";

const WHY = "5xx in the whole mesh; nothing goes out until we know why.";

test("security stops the line, a held change says so, an engineer lifts it", async ({ enter }) => {
  const [farah, vikram, meera] = [await enter("Farah Khan"), await enter("Vikram Iyer"), await enter("Meera Nair")];
  await enrolKey(farah);
  await enrolKey(vikram);
  const change = await heldChange(vikram.page, "consent-service");

  await test.step("she stops it", async () => {
    await farah.page.goto("/changes/freezes");
    await alive(farah.page);
    await expect(farah.page.getByText("No line is stopped.")).toBeVisible();
    await farah.page.getByRole("textbox", { name: "Why" }).fill(WHY);
    await farah.page.getByRole("button", { name: "Stop the line" }).click();
    await expect(farah.page.getByRole("heading", { name: "The line to production is stopped" })).toBeVisible();
    expect(await violations(farah.page, "/changes/freezes")).toEqual([]);
  });

  await test.step("every page says so, and the change says why its gate is shut", async () => {
    await vikram.page.goto(`/changes/${change}`);
    await expect(vikram.page.getByRole("complementary", { name: "Line stopped" })).toContainText(WHY);
    await expect(vikram.page.locator('[data-reason="line_stopped"]').first()).toContainText("Farah Khan stopped the line");
  });

  await test.step("the data protection officer can look, and the button says why she cannot lift it", async () => {
    await meera.page.goto("/changes/freezes");
    await expect(meera.page.getByRole("button", { name: "Let it go on" })).toBeDisabled();
    await expect(meera.page.getByRole("button", { name: "Stop the line" })).toBeDisabled();
  });

  await test.step("an engineer lets it go on; the banner is gone", async () => {
    await vikram.page.goto("/changes/freezes");
    await alive(vikram.page);
    await vikram.page.getByRole("textbox", { name: "Why" }).fill("The certificate is renewed.");
    await vikram.page.getByRole("button", { name: "Let it go on" }).click();
    await expect(vikram.page.getByText("No line is stopped.")).toBeVisible();
    await expect(vikram.page.getByRole("complementary", { name: "Line stopped" })).toHaveCount(0);
    await expect(vikram.page.getByText("lifted by").first()).toBeVisible();
  });
});
