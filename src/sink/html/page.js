"use strict";

// Filter, search and keys. Everything else on the page works without.
{
  const form = document.querySelector(".filter");
  const { text, map, kind, open, close, shown } = form.elements;
  const pairs = [...document.querySelectorAll(".pair")];
  // What the page counts, each with one of it and several. Suspects are apart, and most pages have none.
  const nouns = [["main .pair", "pair of sites", "pairs of sites"], ["#suspects .pair", "group of suspects", "groups of suspects"]]
    .map(([where, one, several]) => ({ all: pairs.filter((pair) => pair.matches(where)), one, several }))
    .filter(({ all }) => all.length > 0);
  const head = (pair) => pair.querySelector("summary");

  // What a pair says, gathered when it is first searched: a page may hold megabytes.
  const texts = new Map();
  const said = (pair) => {
    if (!texts.has(pair)) texts.set(pair, pair.textContent.toLowerCase());
    return texts.get(pair);
  };

  const apply = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const pair of pairs) {
      const wanted =
        (map.value === "" || pair.dataset.map === map.value) &&
        (kind.value === "" || pair.dataset.kind === kind.value) &&
        words.every((word) => said(pair).includes(word));
      pair.hidden = !wanted;
    }
    const counts = nouns.map(({ all, one, several }) => {
      const of = `${all.length} ${all.length === 1 ? one : several}`;
      return { of, left: all.filter((pair) => !pair.hidden).length };
    });
    shown.value = counts.every(({ left }) => left === 0)
      ? `None of the ${counts.map(({ of }) => of).join(" and ")} is left. Escape in the search field clears it.`
      : `${counts.map(({ left, of }) => `${left} of ${of}`).join(", ")} shown`;
  };

  const setAll = (isOpen) => pairs.filter((pair) => !pair.hidden).forEach((pair) => { pair.open = isOpen; });

  // The arrows go from pair to pair, as Tab would if nothing in between were open.
  const go = (event) => {
    const heads = pairs.filter((pair) => !pair.hidden).map(head);
    const here = heads.indexOf(document.activeElement);
    if (here < 0) return;
    const there = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: heads.length - 1 }[event.key];
    if (there === undefined) return;
    event.preventDefault();
    heads[Math.min(Math.max(there, 0), heads.length - 1)].focus();
  };

  const isTyping = (element) => element.matches("input, select, textarea");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !isTyping(event.target)) {
      event.preventDefault();
      text.focus();
      text.select();
    } else if (event.key === "Escape" && event.target === text) {
      text.value = "";
      apply();
    } else {
      go(event);
    }
  });

  // A link to a pair, such as one that was sent to somebody, opens it. The browser itself goes there.
  const follow = () => {
    const pair = pairs.find((pair) => location.hash === `#${head(pair).id}`);
    if (pair) pair.open = true;
  };

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  open.addEventListener("click", () => setAll(true));
  close.addEventListener("click", () => setAll(false));
  addEventListener("hashchange", follow);
  // Browsers restore what was typed when a page is reloaded, after its scripts have run.
  addEventListener("pageshow", apply);

  form.hidden = pairs.length === 0;
  apply();
  follow();
}
