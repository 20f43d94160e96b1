// The first promotion, as it happens: GitHub asks, the author is refused, two engineers touch their keys, GitHub gets its
// answer, and the log has every step. One test, because it is one story: what a step leaves is what the next one finds.
import type { Page, Request } from "@playwright/test";
import { violations } from "../support/axe";
import { keepProof } from "../support/proof";
import { proves } from "../support/signatures";
import { alive, confirmPlan, enrolKey, expect, type Person, test } from "../support/test";
import { outside, runById } from "../support/twin";

const COMMENT = "Read the diff and the migration; staging looks calm.";

test("a run is held, refused to its author, approved by two engineers, and answered", async ({ enter, request }) => {
  const asha = await enter("Asha Rao");
  const rohan = await enter("Rohan Das");
  const leela = await enter("Leela Menon");

  const held = (await outside(request)).runs.find((run) => run.service === "score-api" && run.pending.length > 0);
  if (held === undefined) throw new Error("the twin holds no run of score-api: was it told to begin?");

  await test.step("each enrols a key of their own", async () => {
    for (const person of [asha, rohan, leela]) await enrolKey(person);
  });

  let change = "";
  await test.step("home shows the held change to whom it needs", async () => {
    await asha.page.goto("/");
    const link = asha.page.getByRole("row").filter({ hasText: "score-api" }).getByRole("link").first();
    // The held run reaches us through webhook and job; look until it is there.
    await expect(async () => {
      await asha.page.reload();
      await expect(link).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 60_000 });
    const href = (await link.getAttribute("href")) ?? "";
    change = /CHG-\d{4}-\d{6}/.exec(href)?.[0] ?? "";
    expect(change, `the link leads to a change: ${href}`).not.toBe("");
    await link.click();
    await expect(asha.page).toHaveURL(new RegExp(`/changes/${change}`));
  });

  await test.step("its author finds Approve disabled, with the reason", async () => {
    await open(rohan, change);
    const approve = rohan.page.getByRole("button", { name: "Approve" });
    await expect(approve).toBeDisabled();
    await expect(rohan.page.getByText(/author/i).first()).toBeVisible();
  });

  const sent = await test.step("one engineer approves: still held", async () => {
    await open(asha, change);
    await confirmPlan(asha);
    const requests = await approve(asha, COMMENT);
    // For a verifier that shares nothing with ours: `cargo xtask test` runs it afterwards.
    await keepProof(asha, requests, `${test.info().project.outputDir}/approval.json`);
    await expect(seats(asha.page)).toContainText("Asha Rao");
    await expect(asha.page.getByText(/1 of 2/).first()).toBeVisible();
    return requests;
  });

  await test.step("the author forces what the button denies him, and is refused", async () => {
    expect(sent.length, "the approval went through server functions").toBeGreaterThan(0);
    for (const one of sent) {
      // Past the page and its disabled button: his session, the very requests that worked for her.
      const answer = await rohan.page.request.post(one.url(), {
        headers: {
          "content-type": one.headers()["content-type"] ?? "",
          accept: one.headers()["accept"] ?? "*/*",
          origin: new URL(one.url()).origin,
          "sec-fetch-site": "same-origin",
        },
        data: one.postDataBuffer() ?? Buffer.of(),
      });
      expect(answer.ok(), `${one.url()} must refuse him: ${await answer.text()}`).toBe(false);
    }
    await open(rohan, change);
    await expect(rohan.page.getByText(/1 of 2/).first()).toBeVisible();
    await expect(seats(rohan.page)).not.toContainText("Rohan Das");
  });

  await test.step("nothing was told to GitHub yet", async () => {
    const run = await runById(request, held.id);
    expect(run.answers).toEqual([]);
    expect(run.released).toBe(false);
  });

  await test.step("the second engineer approves: the gate opens", async () => {
    await open(leela, change);
    await approve(leela, "Same here.");
    await expect(seats(leela.page)).toContainText("Leela Menon");
  });

  await test.step("GitHub has its answer, once, with a comment, and the job runs", async () => {
    await expect.poll(async () => (await runById(request, held.id)).released, { timeout: 60_000 }).toBe(true);
    const run = await runById(request, held.id);
    expect(run.answers).toHaveLength(1);
    expect(run.answers[0]).toMatchObject({ environment: "production", state: "approved", attempt: held.attempt });
    expect(run.answers[0]?.comment).toContain(change);
  });

  await test.step("the audit page has every step", async () => {
    await asha.page.goto(`/audit?about=${change}`);
    const entries = asha.page.getByRole("main").getByRole("listitem");
    const steps: [RegExp, number][] = [
      [/changes\.opened/, 1],
      [/Asha Rao confirmed the rollback plan.*changes\.plan_confirmed/, 1],
      [/Asha Rao approved.*changes\.approved/, 1],
      [/Rohan Das.*refused.*contributed/, 1],
      [/Leela Menon approved.*changes\.approved/, 1],
      [/changes\.execution_intended/, 1],
      [/changes\.github_answered/, 1],
    ];
    await expect(async () => {
      await asha.page.reload();
      for (const [step, times] of steps) {
        await expect(entries.filter({ hasText: step }), `${step}`).toHaveCount(times, { timeout: 1_000 });
      }
    }).toPass({ timeout: 30_000 });
  });

  await test.step("an auditor's browser verifies both signatures, and says so when one byte is bent", async () => {
    const auditor = await enter("Sunita Pillai");
    await proves(auditor.page, change, "Leela Menon");
    expect(await violations(auditor.page, `/changes/${change}`)).toEqual([]);
    expect(await violations(auditor.page, `/audit?about=${change}`)).toEqual([]);
  });

  // The portal reads the outside world only by what really exists there.
  expect((await outside(request)).unknown_routes).toEqual([]);
});

async function open(person: Person, change: string): Promise<void> {
  await person.page.goto(`/changes/${change}`);
  await alive(person.page);
}

function seats(page: Page) {
  return page.getByRole("region", { name: "Who must sign" });
}

/** Writes the comment, touches the key; returns what the page sent for it. */
async function approve(person: Person, comment: string): Promise<Request[]> {
  const sent: Request[] = [];
  const note = (one: Request) => {
    if (one.method() === "POST" && new URL(one.url()).pathname.startsWith("/api/ui/")) sent.push(one);
  };
  person.page.on("request", note);
  const before = await person.key.touches();
  await person.page.getByRole("textbox", { name: "Comment" }).fill(comment);
  await person.page.getByRole("button", { name: "Approve" }).click();
  await expect.poll(() => person.key.touches(), { message: `${person.name}'s key is touched` }).toBeGreaterThan(before);
  await expect(seats(person.page)).toContainText(person.name);
  person.page.off("request", note);
  return sent;
}
