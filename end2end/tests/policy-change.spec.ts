// Other rules: the file says them, which decides nothing; somebody proposes them, everybody else signs, they are in force
// without a restart, and an approval from before has fallen. On a portal of its own, because the rules are everybody's.
import { readFileSync, writeFileSync } from "node:fs";
import { violations } from "../support/axe";
import { alive, approve, enrolKey, expect, heldChange, openChange, test } from "../support/test";

const CONFIG = process.env.CONFIG ?? "";

test.skip(process.env.RULES === undefined, "needs a portal of its own: the rules are everybody's");

test("other rules are proposed, signed by everybody and in force, and what was approved before falls", async ({ enter }) => {
  const proposer = await enter("Ishaan Kulkarni");
  const signers = [
    await enter("Asha Rao"),
    await enter("Tara Bose"),
    await enter("Farah Khan"),
    await enter("Meera Nair"),
    await enter("Vikram Iyer"),
  ];
  const [asha] = signers;
  if (asha === undefined) throw new Error("nobody is there");
  for (const person of [proposer, ...signers]) await enrolKey(person);

  const held = await heldChange(asha.page, "score-api");
  await test.step("a promotion has its first approval", async () => {
    await openChange(asha, held);
    await approve(asha);
    await expect(asha.page.getByText(/1 of 2/).first()).toBeVisible();
  });

  await test.step("the file says something else, and decides nothing", async () => {
    const text = readFileSync(CONFIG, "utf8");
    expect(text).toContain("altscore-audit");
    writeFileSync(CONFIG, text.replace("altscore-audit", "altscore-auditors"));
    await proposer.page.goto("/policy");
    await alive(proposer.page);
    await expect(proposer.page.getByRole("heading", { level: 1 })).toHaveText(
      "A file says something else than what is in force",
    );
    const proposed = proposer.page.getByRole("region", { name: "Proposed instead" });
    await expect(proposed).toContainText("roles.auditor");
    await expect(proposed).toContainText("altscore-auditors");
    expect(await violations(proposer.page, "/policy")).toEqual([]);
  });

  const change = await test.step("whoever proposes it touches a key", async () => {
    await proposer.page.getByRole("button", { name: "Propose", exact: true }).click();
    const link = proposer.page.getByRole("link", { name: /^CHG-.* proposes this$/ });
    await expect(link).toBeVisible();
    return /CHG-\d{4}-\d{6}/.exec((await link.textContent()) ?? "")?.[0] ?? "";
  });

  await test.step("and signs nothing; everybody else does", async () => {
    await openChange(proposer, change);
    await expect(proposer.page.getByRole("button", { name: "Approve" })).toBeDisabled();
    for (const person of signers) {
      await openChange(person, change);
      await approve(person);
    }
  });

  await test.step("they are in force, and the portal has noticed", async () => {
    await expect(async () => {
      await proposer.page.goto("/policy");
      await expect(proposer.page.getByRole("region", { name: "In force", exact: true })).toContainText(change, {
        timeout: 1_000,
      });
      await expect(proposer.page.getByRole("heading", { level: 1 })).toHaveText(
        "The rules in force are the ones in the file",
        { timeout: 1_000 },
      );
    }).toPass({ timeout: 60_000 });
  });

  await test.step("the promotion's approval has fallen, and says why", async () => {
    await expect(async () => {
      await openChange(asha, held);
      await expect(asha.page.getByText(/0 of 2/).first()).toBeVisible({ timeout: 1_000 });
      await expect(asha.page.getByText("policy changed").first()).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 90_000 });
  });
});
