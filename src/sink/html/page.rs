//! The page as a whole.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::calendar::Instant;
use super::findings::{Findings, Pair};
use super::markup::Markup;
use super::pair;
use crate::report::Books;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

/// The program that a page is about, and when the page was written.
pub(super) struct Origin {
    /// Its file's name, where that is known.
    pub(super) program: Option<String>,
    pub(super) process: u32,
    /// In nanoseconds since 1970.
    pub(super) written: u64,
}

/// The page of these findings, of which those that are new have been written.
pub(super) fn write(findings: &Findings, books: Books, origin: &Origin) -> Markup {
    let pairs = findings.pairs();
    let maps = maps(&pairs);
    let nonce = nonce();
    let mut page = Markup::new();
    page.template(PAGE, |slot, page| match slot {
        "nonce" => drop(page.text(&nonce)),
        "style" => drop(page.raw(STYLE)),
        "script" => drop(page.raw(SCRIPT)),
        "title" | "headline" => drop(page.text(headline(findings, &pairs))),
        "origin" => write_origin(origin, page),
        "tiles" => write_tiles(&pairs, &maps, page),
        "books" => write_books(findings, books, page),
        "maps" => write_options(maps.iter().enumerate(), page),
        "kinds" => write_options(kinds(&pairs).into_iter().map(|kind| (kind, kind)), page),
        "pairs" => write_pairs(findings, &pairs, &maps, page),
        slot => unreachable!("page.html has a slot {slot:?}"),
    });
    page
}

/// What a script or a style of the page must carry to be taken by the browser. It differs from page to page, so markup that
/// got into one, against all care, could not know it.
fn nonce() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

fn headline(findings: &Findings, pairs: &[&Pair]) -> String {
    match (findings.conflicts(), pairs.len()) {
        (0, _) => "No conflict seen".to_owned(),
        (1, _) => "1 conflict".to_owned(),
        (conflicts, 1) => format!("{conflicts} conflicts between one pair of sites"),
        (conflicts, pairs) if findings.unlisted.0 > 0 => {
            format!("{conflicts} conflicts between more than {pairs} pairs of sites")
        }
        (conflicts, pairs) => format!("{conflicts} conflicts between {pairs} pairs of sites"),
    }
}

fn write_origin(origin: &Origin, page: &mut Markup) {
    if let Some(program) = &origin.program {
        page.raw("in ").code(program).raw(", ");
    }
    page.raw("process ").text(origin.process).raw("; written ");
    Instant(origin.written).write(page);
    page.raw(". Reload the page for what came later.");
}

fn write_tiles(pairs: &[&Pair], maps: &[String], page: &mut Markup) {
    let seen = [pairs.iter().map(|pair| pair.first).min(), pairs.iter().map(|pair| pair.last).max()];
    let [Some(first), Some(last)] = seen else {
        page.raw("<p class=\"quiet\">No two accesses of one map overlapped. That is no proof that none can.</p>");
        return;
    };
    page.raw("<dl class=\"tiles\"><div><dt>");
    page.raw(if maps.len() == 1 { "Map" } else { "Maps" }).raw("</dt><dd>");
    match maps {
        [map] => drop(page.name(map)),
        maps => drop(page.text(maps.len())),
    }
    for (name, instant) in [("First seen", first), ("Last seen", last)] {
        page.raw("</dd></div><div><dt>").raw(name).raw("</dt><dd>");
        Instant(instant).write(page);
    }
    page.raw("</dd></div></dl>");
}

/// The accounts, so that a reader can tell what the page does not show.
fn write_books(findings: &Findings, books: Books, page: &mut Markup) {
    page.raw(if books.dropped > 0 { "<p class=\"books warning\">" } else { "<p class=\"books\">" });
    page.raw("The books: ").text(books);
    page.raw(if books.balanced() { " (balanced)." } else { " (not balanced)." });
    let missing = books.detected.saturating_sub(findings.conflicts());
    if missing > 0 {
        page.raw(" ").text(missing).raw(" of them ").raw(if missing == 1 { "is" } else { "are" });
        page.raw(" not on this page: counts of repeats come a few seconds after their report, dropped reports never.");
    }
    page.raw("</p>");
}

/// What the filter calls the maps, each once, in the order of the pairs.
fn maps(pairs: &[&Pair]) -> Vec<String> {
    let mut maps: Vec<String> = Vec::new();
    for pair in pairs {
        let map = label(pair);
        if !maps.contains(&map) {
            maps.push(map);
        }
    }
    maps
}

fn label(pair: &Pair) -> String {
    pair.map.name.clone().unwrap_or_else(|| pair.map.to_string())
}

fn kinds(pairs: &[&Pair]) -> Vec<&'static str> {
    let mut kinds: Vec<_> = pairs.iter().map(|pair| pair.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.into_iter().map(|kind| kind.as_str()).collect()
}

fn write_options<V: std::fmt::Display, T: std::fmt::Display>(options: impl Iterator<Item = (V, T)>, page: &mut Markup) {
    for (value, text) in options {
        page.raw("<option").attribute("value", value).raw(">").text(text).raw("</option>");
    }
}

fn write_pairs(findings: &Findings, pairs: &[&Pair], maps: &[String], page: &mut Markup) {
    for (index, pair) in pairs.iter().enumerate() {
        let label = label(pair);
        let map = maps.iter().position(|map| *map == label).unwrap_or_default();
        pair::write(pair, map, index == 0, page);
    }
    let (reports, conflicts) = findings.unlisted;
    if reports > 0 {
        page.raw("<p class=\"more\">and ").text(reports).raw(if reports == 1 { " report" } else { " reports" });
        page.raw(" of further pairs, for ").text(conflicts).raw(" conflicts, counted above and not shown</p>");
    }
    if findings.strays > 0 {
        page.raw("<p class=\"more\">and ").text(findings.strays);
        page.raw(" conflicts that repeat a report which is not on this page</p>");
    }
}
