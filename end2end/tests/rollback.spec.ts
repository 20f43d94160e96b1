// A bad release, and the way back that it left: one touch goes back to what ran before, and the way is good once.
import { alive, approve, enrolKey, expect, heldChange, openChange, type Person, test } from "../support/test";
import { deploy, pushRun, rerun, runById } from "../support/twin";

// Two releases, two runs that are started again.
test.setTimeout(240_000);

/** No other story's service. */
const SERVICE = "scoring-engine";
const GOOD = "Score with ten features";
const BAD = "Score with ten thousand features";

test("one engineer goes back to what ran before with one touch, and not twice", async ({ enter, request }) => {
  const [asha, ishaan] = [await enter("Asha Rao"), await enter("Ishaan Kulkarni")];
  for (const person of [asha, ishaan]) await enrolKey(person);

  const release = async (title: string): Promise<{ run: number; change: string }> => {
    const run = await pushRun(request, { service: SERVICE, author: "rohandas", title, branch: "features" });
    const change = await heldChange(asha.page, title);
    for (const person of [asha, ishaan]) {
      await openChange(person, change);
      await approve(person);
    }
    await expect.poll(async () => (await runById(request, run)).released, { timeout: 60_000 }).toBe(true);
    await deploy(request, run);
    return { run, change };
  };

  const good = await test.step("a good release", () => release(GOOD));
  const bad = await test.step("then a bad one, which leaves one way back", () => release(BAD));
  await expect(async () => {
    await asha.page.goto(`/changes/${bad.change}`);
    await expect(back(asha)).toContainText(`Unused One way back to ${good.change}`, { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await test.step("somebody marks it: do not return to", async () => {
    await back(asha).getByText("Mark this version").click();
    await back(asha).getByLabel("Why").fill("It answers after a minute.");
    await back(asha).getByRole("button", { name: "Mark it" }).click();
    await expect(back(asha)).toContainText("Do not return to said Asha Rao");
  });

  const again = await test.step("the good run is started again, and leads back", () => askedAgain(good.run, good.change));
  await test.step("one touch goes back", async () => {
    await openChange(ishaan, again);
    const before = await ishaan.key.touches();
    await back(ishaan).getByRole("button", { name: "Go back" }).click();
    await expect.poll(() => ishaan.key.touches()).toBeGreaterThan(before);
    await expect.poll(async () => (await runById(request, good.run)).released, { timeout: 60_000 }).toBe(true);
    await deploy(request, good.run);
    await asha.page.goto(`/changes/${bad.change}`);
    await expect(back(asha)).toContainText(`Used One way back to ${good.change}, used by ${again}`);
  });

  await test.step("a second time it is refused, with the reason", async () => {
    const third = await askedAgain(good.run, again);
    await openChange(ishaan, third);
    await expect(back(ishaan).getByRole("button", { name: "Go back" })).toBeDisabled();
    await expect(back(ishaan)).toContainText(`used by ${again}, and it is good once`);
    expect((await runById(request, good.run)).released).toBe(false);
  });

  /** Starts a run again; the number of the change that follows on this one. */
  async function askedAgain(run: number, before: string): Promise<string> {
    await rerun(request, run, "leela-m");
    let found = "";
    await expect(async () => {
      await asha.page.goto(`/changes?state=held&service=${SERVICE}`);
      const href = await asha.page.getByRole("row").filter({ hasText: GOOD }).getByRole("link").first().getAttribute("href", { timeout: 1_000 });
      found = /CHG-\d{4}-\d{6}/.exec(href ?? "")?.[0] ?? "";
      expect(found > before).toBe(true);
    }).toPass({ timeout: 60_000 });
    await alive(asha.page);
    return found;
  }
});

function back(person: Person) {
  return person.page.getByRole("region", { name: "Going back" });
}
