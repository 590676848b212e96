// A headless Chromium, and pages in it that are watched for whatever they should not do.

import { after, before } from "node:test";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { chromium } from "playwright-core";

// Chromium's own traffic would be on the machine's network, and root has no sandbox.
const ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

let browser;

before(async () => {
  const isRoot = process.getuid() === 0;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGUMENTS, chromiumSandbox: !isRoot });
});

after(() => browser?.close());

/** The address of a page that the Rust tests left in `PAGES`. */
export const address = (name) => pathToFileURL(join(process.env.PAGES, name)).href;

/** Opens a page. `faults` lists every message, error, dialog and request beside that for the page itself. */
export async function open(name, { hash = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => faults.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (url !== address(name) && !url.startsWith("data:")) faults.push(`request: ${url}`);
  });
  await page.goto(address(name) + hash);
  return { page, faults, close: () => context.close() };
}
