// Everybody's key ring: a person has the same key in every story of a run, or a second one would need the first. In a
// file of the run, because Playwright starts another process after a story that failed.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "@playwright/test";
import type { Credential } from "./key";

/** What is on somebody's ring. */
export function ringOf(name: string): Credential[] {
  return all()[name] ?? [];
}

/** Puts it back after a story. */
export function keep(name: string, ring: Credential[]): void {
  mkdirSync(directory(), { recursive: true });
  writeFileSync(file(), JSON.stringify({ ...all(), [name]: ring }));
}

/** Playwright empties it when a run begins. */
function directory(): string {
  return test.info().project.outputDir;
}

function file(): string {
  return join(directory(), "rings.json");
}

function all(): Record<string, Credential[]> {
  try {
    return JSON.parse(readFileSync(file(), "utf8"));
  } catch {
    return {};
  }
}
