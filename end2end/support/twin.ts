// The twin's control port: what the simulated outside world knows and was told.
import type { APIRequestContext, APIResponse } from "@playwright/test";

const control = process.env.CONTROL_URL ?? "http://127.0.0.1:9100";

/** One run, as GitHub sees it. */
export interface Run {
  id: number;
  service: string;
  attempt: number;
  /** Environments that wait for somebody's answer. */
  pending: string[];
  /** The production job runs or ran. */
  released: boolean;
  answers: { environment: string; state: string; comment: string; attempt: number }[];
}

/** The part of the outside world that the tests look at. */
export interface Outside {
  runs: Run[];
  /** What somebody asked for that the twin does not play: always a fault of ours. */
  unknown_routes: string[];
}

export async function outside(request: APIRequestContext): Promise<Outside> {
  const answer = await request.get(`${control}/state`);
  if (!answer.ok()) throw new Error(`the twin's control port answered ${answer.status()}`);
  return answer.json();
}

/** That run again, as it is now. */
export async function runById(request: APIRequestContext, id: number): Promise<Run> {
  const run = (await outside(request)).runs.find((one) => one.id === id);
  if (run === undefined) throw new Error(`the twin no longer knows run ${id}`);
  return run;
}

/** What somebody pushes to the twin's GitHub. */
export interface Push {
  service: string;
  author: string;
  title: string;
  /** Made from what production runs where it does not exist yet, so that no other story's commits are in it. */
  branch: string;
  /** What it changes, where that is more than a line. */
  brings?: "data_pipeline" | "network";
}

/** What this run built is what production runs from now on. */
export async function deploy(request: APIRequestContext, run: number): Promise<void> {
  await told(await request.post(`${control}/runs/${run}/deploy`));
}

/** Somebody starts a run again, and it asks for production. */
export async function rerun(request: APIRequestContext, run: number, by: string): Promise<void> {
  await told(await request.post(`${control}/runs/${run}/rerun`, { data: { by } }));
}

async function told(answer: APIResponse): Promise<void> {
  if (!answer.ok()) throw new Error(`the twin did not do it: ${answer.status()} ${await answer.text()}`);
}

/** Somebody pushes, and the run asks for production; its number. */
export async function pushRun(request: APIRequestContext, push: Push): Promise<number> {
  const answer = await request.post(`${control}/runs`, { data: push });
  if (!answer.ok()) throw new Error(`the twin did not take the push: ${answer.status()} ${await answer.text()}`);
  return ((await answer.json()) as { run: number }).run;
}
