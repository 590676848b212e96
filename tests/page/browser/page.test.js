// What the page shows, and how it answers to keys alone. Nothing here uses a mouse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./chromium.js";
import { contrast, texts } from "./colours.js";

const INCIDENT = "incident.html";
const QUIET = "quiet.html";
const SUSPECTS = "suspects.html";

/** The counts, kinds and maps of the pairs that are shown, from top to bottom. */
const shown = (page) =>
  page.locator(".pair:visible > summary h2").evaluateAll((heads) => heads.map((head) => head.textContent.slice(0, 40)));

const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    const { top, bottom, left, right } = element.getBoundingClientRect();
    return {
      what: element.tagName + (element.name ? `[${element.name}]` : ""),
      says: element.textContent.trim().slice(0, 30),
      outline: { style: outlineStyle, width: parseFloat(outlineWidth), colour: outlineColor },
      isSeen: bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
    };
  });

/** Presses a key until the element that has the focus is as wanted. */
async function press(page, key, until) {
  for (let times = 0; times < 200; times += 1) {
    await page.keyboard.press(key);
    if (await page.evaluate(until)) return;
  }
  assert.fail(`${key} never leads to ${until}`);
}

const openEverything = (page) =>
  page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));

test("conflicts are shown by pair of sites, the most frequent first", async () => {
  const { page, faults, close } = await open(INCIDENT);
  assert.equal(await page.locator("h1").textContent(), "47 conflicts between 6 pairs of sites");
  const heads = await shown(page);
  assert.equal(heads.length, 6);
  assert.deepEqual(heads.slice(0, 2), ["40 × write_write on sessions", "3 × write_write on orders"]);
  assert.deepEqual(heads.slice(2, 5).sort(), ["1 × iterate_write on sessions", "1 × read_write on sessions", "1 × reentrant on sessions"]);
  assert.match(heads[5], /^1 × write_write on <\/script><script>/);
  assert.match(await page.locator(".books").textContent(), /detected 47 = .* \(balanced\)/);
  // The first is open, with both stacks and the line in question beside each other.
  const sides = page.locator(".pair").first().locator(".side");
  assert.deepEqual(await sides.locator(".role").allTextContents(), ["holder", "contender"]);
  assert.match(await sides.nth(0).locator(".line.hit").first().textContent(), /let open = sessions\.write\(\);|meanwhile\(\);|drop\(open\);/);
  assert.match(await sides.nth(1).locator(".line.hit").first().textContent(), /sessions\.try_insert\(user, 1\); \/\/ renewed/);
  const [holder, contender] = [await sides.nth(0).boundingBox(), await sides.nth(1).boundingBox()];
  assert.ok(holder.x + holder.width <= contender.x && holder.y === contender.y, "they are side by side");
  assert.deepEqual(faults, []);
  await close();
});

test("search and filters are worked by keys", async () => {
  const { page, faults, close } = await open(INCIDENT);
  const output = () => page.locator("output").textContent();
  await page.keyboard.press("/");
  assert.equal((await focused(page)).what, "INPUT[text]");
  await page.keyboard.type("OVERLAPS::COUNT renew");
  assert.deepEqual(await shown(page), ["1 × read_write on sessions"]);
  assert.equal(await output(), "1 of 6 pairs of sites shown");
  await page.keyboard.type("/nowhere");
  assert.deepEqual(await shown(page), []);
  assert.match(await output(), /^None of the 6 pairs/);
  await page.keyboard.press("Escape");
  assert.equal((await shown(page)).length, 6);

  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).what, "SELECT[map]");
  await page.keyboard.type("orders");
  assert.deepEqual(await shown(page), ["3 × write_write on orders"]);
  await page.keyboard.press("Home");
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).what, "SELECT[kind]");
  await page.keyboard.type("reent");
  assert.deepEqual(await shown(page), ["1 × reentrant on sessions"]);
  assert.deepEqual(faults, []);
  await close();
});

test("arrows go from pair to pair, Enter opens and closes", async () => {
  const { page, close } = await open(INCIDENT);
  await press(page, "Tab", () => document.activeElement.matches(".pair > summary"));
  await page.keyboard.press("ArrowDown");
  assert.match((await focused(page)).says, /^3 ×/);
  const second = page.locator(".pair").nth(1);
  assert.equal(await second.locator("> .body").isVisible(), false);
  await page.keyboard.press("Enter");
  assert.equal(await second.locator("> .body").isVisible(), true);
  await page.keyboard.press("Space");
  assert.equal(await second.locator("> .body").isVisible(), false);
  await page.keyboard.press("End");
  assert.match((await focused(page)).says, /^1 × write_write on <\/script>/);
  await page.keyboard.press("ArrowDown");
  assert.match((await focused(page)).says, /^1 × write_write on <\/script>/);
  await page.keyboard.press("Home");
  assert.match((await focused(page)).says, /^40 ×/);
  await page.keyboard.press("ArrowUp");
  assert.match((await focused(page)).says, /^40 ×/);
  await close();
});

test("buttons open and close all pairs that are shown", async () => {
  const { page, close } = await open(INCIDENT);
  const opened = () => page.locator(".pair[open]").count();
  await press(page, "Tab", () => document.activeElement.name === "open");
  await page.keyboard.press("Enter");
  assert.equal(await opened(), 6);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  assert.equal(await opened(), 0);
  await close();
});

test("the first Tab leads past the filter", async () => {
  const { page, close } = await open(INCIDENT);
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).says, "Skip to the conflicts");
  assert.ok((await focused(page)).isSeen);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.match((await focused(page)).says, /^40 ×/);
  await close();
});

test("a link to a pair opens it", async () => {
  const first = await open(INCIDENT);
  const id = await first.page.locator(".pair > summary").nth(1).getAttribute("id");
  await first.close();
  const { page, faults, close } = await open(INCIDENT, { hash: `#${id}` });
  assert.match((await focused(page)).says, /^3 ×/);
  assert.equal(await page.locator(".pair").nth(1).locator("> .body").isVisible(), true);
  assert.deepEqual(faults, []);
  await close();
});

test("suspects are below the conflicts, with three steps each", async () => {
  const { page, faults, close } = await open(SUSPECTS);
  assert.equal(await page.locator("h1").textContent(), "1 conflict");
  assert.match(await page.locator("header").textContent(), /A hunt with CHECKEDMAP_HUNT_SEED=7/);
  const heads = await page.locator("#suspects .pair > summary h3").allTextContents();
  assert.deepEqual(heads, ["3 × overwritten on sessions", "1 × altered hint on carts of \"EU\" & <others>"]);
  assert.equal(await page.locator("main .suspect").count(), 0);
  const [conflicts, suspects] = [await page.locator("main").boundingBox(), await page.locator("#suspects").boundingBox()];
  assert.ok(conflicts.y + conflicts.height <= suspects.y);
  // The first is open, its three steps beside each other.
  const sides = page.locator(".suspect").first().locator(".side");
  assert.deepEqual(await sides.locator(".role").allTextContents(), ["lookup", "intervening", "acting"]);
  assert.match(await sides.nth(0).locator(".line.hit").first().textContent(), /if !sessions\.contains_key\(&user\)/);
  assert.match(await sides.nth(1).locator(".line.hit").first().textContent(), /sessions\.insert\(user, 1\); \/\/ restored/);
  assert.match(await sides.nth(2).locator(".line.hit").first().textContent(), /sessions\.insert\(user, 2\); \/\/ logged in/);
  const boxes = await Promise.all([0, 1, 2].map((nth) => sides.nth(nth).boundingBox()));
  assert.ok(boxes.every((box) => box.y === boxes[0].y) && boxes[0].x < boxes[1].x && boxes[1].x < boxes[2].x);
  // In the picture the second step lies between the others, and what was known ends there.
  const marks = await page.locator(".suspect .timeline").first().evaluate((figure) =>
    [...figure.querySelectorAll(".known, .stale, .looks, .between")].map((bar) => {
      const { left, right } = bar.getBoundingClientRect();
      return { what: bar.getAttribute("class"), left, right };
    }));
  const [known, stale, lookup, between, acting] = marks;
  assert.deepEqual(marks.map(({ what }) => what), ["known", "stale", "looks", "between", "looks"]);
  assert.ok(lookup.left < between.left && between.left < acting.left);
  assert.ok(Math.abs(known.right - stale.left) < 1 && Math.abs(known.right - between.left) < 1);
  assert.deepEqual(faults, []);
  await close();
});

test("search, filters and arrows go over both parts of the page", async () => {
  const { page, close } = await open(SUSPECTS);
  const output = () => page.locator("output").textContent();
  assert.equal(await output(), "1 of 1 pair of sites, 2 of 2 groups of suspects shown");
  await page.keyboard.press("/");
  await page.keyboard.type("log_in meddler");
  assert.equal(await output(), "0 of 1 pair of sites, 1 of 2 groups of suspects shown");
  await page.keyboard.type("/nowhere");
  assert.match(await output(), /^None of the 1 pair of sites and 2 groups of suspects is left/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await page.keyboard.type("carts");
  assert.equal(await output(), "0 of 1 pair of sites, 1 of 2 groups of suspects shown");
  await page.keyboard.press("Home");
  await page.keyboard.press("Tab");
  await page.keyboard.type("stale");
  assert.equal(await output(), "0 of 1 pair of sites, 2 of 2 groups of suspects shown");
  await page.keyboard.press("Home");
  await press(page, "Tab", () => document.activeElement.matches(".pair > summary"));
  assert.match((await focused(page)).says, /^1 × write_write/);
  await page.keyboard.press("ArrowDown");
  assert.match((await focused(page)).says, /^3 × overwritten/);
  await page.keyboard.press("End");
  assert.match((await focused(page)).says, /^1 × altered/);
  const last = page.locator(".suspect").last();
  await page.keyboard.press("Enter");
  assert.equal(await last.locator("> .body").isVisible(), true);
  await close();
});

test("the link in the header leads to the suspects", async () => {
  const { page, close } = await open(SUSPECTS);
  await press(page, "Tab", () => document.activeElement.matches(".beside a"));
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.match((await focused(page)).says, /^3 × overwritten/);
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const name of [INCIDENT, SUSPECTS]) test(`Tab reaches everything there is to operate on ${name}, and it shows, ${colorScheme}`, async () => {
    const { page, close } = await open(name, { colorScheme });
    await openEverything(page);
    const all = await page.evaluate(() =>
      [...document.querySelectorAll("a, button, input, select, summary")].filter((element) => element.checkVisibility()).length);
    assert.ok(all > 40, `${all} elements`);
    const ground = await page.evaluate(() => ["body", ".pair"].map((box) => getComputedStyle(document.querySelector(box)).backgroundColor));
    const reached = new Set();
    for (let times = 0; times < all; times += 1) {
      await page.keyboard.press("Tab");
      const { what, says, outline, isSeen } = await focused(page);
      const name = `${what} ${says}`;
      assert.ok(isSeen, `${name} is on the screen`);
      assert.ok(outline.style !== "none" && outline.width >= 2, `${name} has an outline`);
      for (const colour of ground) assert.ok(contrast(outline.colour, colour) >= 3, `${name}: ${outline.colour} on ${colour}`);
      reached.add(await page.evaluate(() => [...document.querySelectorAll("*")].indexOf(document.activeElement)));
    }
    assert.equal(reached.size, all);
    await close();
  });

  for (const name of [INCIDENT, QUIET, SUSPECTS]) {
    test(`every text of ${name} has a contrast of 4.5 or more, ${colorScheme}`, async () => {
      const { page, close } = await open(name, { colorScheme });
      await openEverything(page);
      const found = await texts(page);
      assert.ok(found.length >= { [INCIDENT]: 500, [SUSPECTS]: 200, [QUIET]: 5 }[name], `${found.length} texts`);
      const faint = found.filter(({ colour, ground, opacity }) => opacity !== "1" || contrast(colour, ground) < 4.5);
      assert.deepEqual(faint, []);
      const isDark = contrast(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(0, 0, 0)") < 2;
      assert.equal(isDark, colorScheme === "dark");
      await close();
    });
  }

  test(`the bars of the timeline stand out, ${colorScheme}`, async () => {
    const { page, close } = await open(SUSPECTS, { colorScheme });
    const colours = await page.evaluate(() => ({
      card: getComputedStyle(document.querySelector(".pair")).backgroundColor,
      bars: [...document.querySelectorAll(".timeline .holder, .timeline .ends, .steps .looks, .steps .between")]
        .map((bar) => getComputedStyle(bar).fill),
    }));
    assert.ok(colours.bars.length >= 8);
    for (const bar of colours.bars) assert.ok(contrast(bar, colours.card) >= 3, `${bar} on ${colours.card}`);
    await close();
  });
}

for (const [width, name] of [[400, INCIDENT], [320, INCIDENT], [400, SUSPECTS], [320, SUSPECTS]]) {
  test(`nothing of ${name} sticks out to the side at ${width} pixels`, async () => {
    const { page, close } = await open(name, { viewport: { width, height: 800 } });
    await openEverything(page);
    const wide = await page.evaluate(() =>
      [...document.body.querySelectorAll("*")]
        .filter((element) => element.checkVisibility() && !element.matches(".skip"))
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
        .map((element) => element.outerHTML.slice(0, 80)));
    assert.deepEqual(wide, []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    await close();
  });
}

for (const name of [INCIDENT, SUSPECTS]) test(`everything of ${name} that takes the focus has a name for those who do not see it`, async () => {
  const { page, close } = await open(name);
  await openEverything(page);
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const focusable = nodes.filter((node) => !node.ignored && node.role.value !== "RootWebArea" &&
    node.properties?.some(({ name, value }) => name === "focusable" && value.value));
  assert.ok(focusable.length > 40, `${focusable.length} elements`);
  assert.deepEqual(focusable.filter((node) => !node.name?.value).map((node) => node.role.value), []);
  const pictures = nodes.filter((node) => !node.ignored && ["img", "image"].includes(node.role?.value));
  const says = (start) => pictures.filter((node) => node.name.value.startsWith(`Timeline: ${start}`)).length;
  const [refusals, looks] = [says("the contender is refused at 0"), says("contains_key looks the key up at 0; insert writes it at +") + says("get looks")];
  assert.ok(refusals >= (name === INCIDENT ? 6 : 1) && looks === (name === SUSPECTS ? 2 : 0) && refusals + looks === pictures.length);
  await close();
});

test("without scripting the page is whole, and Enter opens a pair", async () => {
  const { page, faults, close } = await open(INCIDENT, { javaScriptEnabled: false });
  assert.equal((await page.locator(".pair").count()), 6);
  assert.equal(await page.locator("form").isVisible(), false);
  const last = page.locator(".pair").last();
  await last.locator("> summary").focus();
  await page.keyboard.press("Enter");
  assert.equal(await last.locator("> .body").isVisible(), true);
  assert.deepEqual(faults, []);
  await close();
});

test("a page without conflicts says so and offers nothing to filter", async () => {
  const { page, faults, close } = await open(QUIET);
  assert.equal(await page.locator("h1").textContent(), "No conflict seen");
  assert.equal(await page.locator("form").isVisible(), false);
  assert.deepEqual(faults, []);
  await close();
});
