// One worker and no retries: the specs tell one story over one running demo, and a story that needs a second try is not
// true. The stack is started by `cargo xtask demo --check` and `cargo xtask test`, never from here.
import { defineConfig } from "@playwright/test";

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "tests",
  workers: 1,
  retries: 0,
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    baseURL: process.env.BASE_URL ?? "http://localhost:8080",
    browserName: "chromium",
    headless: true,
    locale: "en-GB",
    timezoneId: "Asia/Kolkata",
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    contextOptions: { reducedMotion: "reduce" },
    screenshot: "only-on-failure",
    // Without a film of it: filming every page costs as much as the page, and what failed is drawn by the screenshot.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: {
      executablePath: chromium,
      // What a browser in a container needs, and what keeps it from talking to anyone but us.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
