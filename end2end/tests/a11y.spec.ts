// Every page, in both themes, by the rules of axe: WCAG 2.2 A and AA.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { alive, expect, heldChange, test } from "../support/test";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

test("no page breaks a rule of accessibility, in either theme", async ({ enter, browser, baseURL }) => {
  const { page } = await enter("Asha Rao");
  const change = await heldChange(page, "consent-service");
  const found: string[] = [];
  const look = async (at: typeof page, path: string) => {
    for (const colorScheme of ["light", "dark"] as const) {
      await at.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await at.goto(path);
      await alive(at);
      await at.evaluate(axe);
      const violations = await at.evaluate(async () => {
        const run = (globalThis as unknown as { axe: { run(o: object): Promise<{ violations: Violation[] }> } }).axe.run;
        return (await run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })).violations;
      });
      for (const { id, nodes } of violations) {
        for (const node of nodes) found.push(`${path} ${colorScheme} ${id}: ${node.html} ${node.failureSummary}`);
      }
    }
  };
  const paths = ["/", "/changes", "/changes?state=superseded", `/changes/${change}`, "/keys", "/audit", "/audit?act=changes.expired&actor=E-1", "/changes/CHG-2026-999999", "/no/such", "/signin"];
  for (const path of paths) await look(page, path);
  const stranger = await browser.newPage({ baseURL });
  for (const path of ["/", "/signin"]) await look(stranger, path);
  await stranger.close();
  expect(found).toEqual([]);
});
