//! The page as a whole.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::calendar::Instant;
use super::findings::{Findings, Pair};
use super::markup::Markup;
use super::suspects::{Group, Suspects};
use super::tally::Tally;
use super::{group, pair};
use crate::observe::HuntStatus;
use crate::report::{Books, MapIdentity};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

/// The program that a page is about, as it is when the page is written.
pub(super) struct Process {
    /// Its file's name, where that is known.
    pub(super) program: Option<String>,
    pub(super) id: u32,
    /// When the page is written, in nanoseconds since 1970.
    pub(super) written: u64,
    pub(super) books: Books,
    pub(super) suspect_books: Books,
    /// Where anything is hunted.
    pub(super) hunt: Option<HuntStatus>,
}

/// The page of these findings, of which those that are new have been written.
pub(super) fn write(findings: &Findings, suspects: &Suspects, process: &Process) -> Markup {
    let (pairs, groups) = (findings.pairs(), suspects.groups());
    let own = maps(pairs.iter().map(|pair| &pair.map));
    let all = maps(pairs.iter().map(|pair| &pair.map).chain(groups.iter().map(|group| &group.map)));
    let nonce = nonce();
    let mut page = Markup::new();
    page.template(PAGE, |slot, page| match slot {
        "nonce" => drop(page.text(&nonce)),
        "style" => drop(page.raw(STYLE)),
        "script" => drop(page.raw(SCRIPT)),
        "title" | "headline" => drop(page.text(headline(findings, &pairs, suspects.tally()))),
        "origin" => write_origin(process, page),
        "tiles" => write_tiles(&pairs, &own, page),
        "books" => write_books(findings.conflicts(), process.books, page),
        "beside" => write_beside(suspects, process, page),
        "maps" => write_options(all.iter().enumerate(), page),
        "kinds" => write_options(kinds(&pairs, &groups).into_iter().map(|kind| (kind, kind)), page),
        "pairs" => write_pairs(findings, &pairs, &all, page),
        "suspects" => write_suspects(suspects, &groups, &all, process.suspect_books, page),
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

fn headline(findings: &Findings, pairs: &[&Pair], suspects: Tally) -> String {
    match (findings.conflicts(), pairs.len()) {
        (0, _) if suspects.total() > 0 => format!("No conflict seen, {suspects}"),
        (0, _) => "No conflict seen".to_owned(),
        (1, _) => "1 conflict".to_owned(),
        (conflicts, 1) => format!("{conflicts} conflicts between one pair of sites"),
        (conflicts, pairs) if findings.unlisted.0 > 0 => {
            format!("{conflicts} conflicts between more than {pairs} pairs of sites")
        }
        (conflicts, pairs) => format!("{conflicts} conflicts between {pairs} pairs of sites"),
    }
}

fn write_origin(origin: &Process, page: &mut Markup) {
    if let Some(program) = &origin.program {
        page.raw("in ").code(program).raw(", ");
    }
    page.raw("process ").text(origin.id).raw("; written ");
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
fn write_books(shown: u64, books: Books, page: &mut Markup) {
    page.raw(if books.dropped > 0 { "<p class=\"books warning\">" } else { "<p class=\"books\">" });
    page.raw("The books: ").text(books);
    page.raw(if books.balanced() { " (balanced)." } else { " (not balanced)." });
    let missing = books.detected.saturating_sub(shown);
    if missing > 0 {
        page.raw(" ").text(missing).raw(" of them ").raw(if missing == 1 { "is" } else { "are" });
        page.raw(" not on this page: counts of repeats come a few seconds after their report, dropped reports never.");
    }
    page.raw("</p>");
}

/// What there is beside the conflicts: the hunt that provokes them, and suspects, further down.
fn write_beside(suspects: &Suspects, process: &Process, page: &mut Markup) {
    if let Some(hunt) = &process.hunt {
        page.raw("<p class=\"beside\">A ").text(hunt).raw(".</p>");
    }
    let tally = suspects.tally();
    if tally.total() > 0 {
        page.raw("<p class=\"beside\">Apart from them: <a href=\"#suspects\">").text(tally);
        page.raw(" of check-then-act</a>, in which nothing overlapped.</p>");
    }
}

/// What the filter calls the maps, each once, in the order of the page.
fn maps<'a>(all: impl Iterator<Item = &'a MapIdentity>) -> Vec<String> {
    let mut maps: Vec<String> = Vec::new();
    for map in all {
        let map = label(map);
        if !maps.contains(&map) {
            maps.push(map);
        }
    }
    maps
}

fn label(map: &MapIdentity) -> String {
    map.name.clone().unwrap_or_else(|| map.to_string())
}

/// The number of a map in the filter.
fn number_of(map: &MapIdentity, maps: &[String]) -> usize {
    let label = label(map);
    maps.iter().position(|map| *map == label).unwrap_or_default()
}

fn kinds(pairs: &[&Pair], groups: &[&Group]) -> Vec<&'static str> {
    let mut kinds: Vec<_> = pairs.iter().map(|pair| pair.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut others: Vec<_> = groups.iter().map(|group| group.kind).collect();
    others.sort_unstable();
    others.dedup();
    kinds.into_iter().map(|kind| kind.as_str()).chain(others.into_iter().map(|kind| kind.as_str())).collect()
}

fn write_options<V: std::fmt::Display, T: std::fmt::Display>(options: impl Iterator<Item = (V, T)>, page: &mut Markup) {
    for (value, text) in options {
        page.raw("<option").attribute("value", value).raw(">").text(text).raw("</option>");
    }
}

fn write_pairs(findings: &Findings, pairs: &[&Pair], maps: &[String], page: &mut Markup) {
    for (index, pair) in pairs.iter().enumerate() {
        pair::write(pair, number_of(&pair.map, maps), index == 0, page);
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

/// The part of the page that is about suspects; nothing where there are none.
fn write_suspects(suspects: &Suspects, groups: &[&Group], maps: &[String], books: Books, page: &mut Markup) {
    let tally = suspects.tally();
    if tally.total() == 0 {
        return;
    }
    page.raw("<section class=\"part\" id=\"suspects\" tabindex=\"-1\" aria-labelledby=\"suspects-title\">");
    page.raw("<h2 id=\"suspects-title\">").text(tally).raw(" of check-then-act</h2>");
    page.raw(
        "<p>A key was looked up, somebody else wrote it, and then it was written on the strength of the lookup. Each ",
    );
    page.raw("access was alone and did what it was asked to, so these are no conflicts. Whether the program minds is for you to ");
    page.raw("say.</p>");
    write_books(tally.total(), books, page);
    for (index, group) in groups.iter().enumerate() {
        group::write(group, number_of(&group.map, maps), index == 0, page);
    }
    let (reports, unlisted) = suspects.unlisted;
    if reports > 0 {
        page.raw("<p class=\"more\">and ").text(reports).raw(if reports == 1 { " report" } else { " reports" });
        page.raw(" of further sites, for ").text(unlisted).raw(", counted above and not shown</p>");
    }
    if suspects.strays.total() > 0 {
        page.raw("<p class=\"more\">and ").text(suspects.strays);
        page.raw(" like one that is not on this page</p>");
    }
    page.raw("</section>");
}
