//! A pair of sites on the page: how often it collides, what to do about it, and its reports.

use super::calendar::Instant;
use super::findings::{Body, Kept, Pair, Place, Way};
use super::markup::Markup;
use crate::report::MapIdentity;

/// Adds a pair. `map` is the number of its map in the filter.
pub(super) fn write(pair: &Pair, map: usize, open: bool, page: &mut Markup) {
    page.raw("<details class=\"pair\"").attribute("data-map", map).attribute("data-kind", pair.kind);
    page.raw(if open { " open" } else { "" }).raw(">");
    write_head(pair, page);
    page.raw("<div class=\"body\"><p>").text(&pair.sentence).raw("</p><p class=\"advice\"><strong>Next:</strong> ");
    page.prose(&pair.advice).raw("</p>");
    write_facts(pair, page);
    write_reports(pair, page);
    page.raw("</div></details>");
}

fn write_head(pair: &Pair, page: &mut Markup) {
    // Its first report's number names it for good, whatever place it comes to have on the page.
    let first = pair.encounters(Way::Forth).kept.first().map_or(0, |kept| kept.number);
    page.raw("<summary")
        .attribute("id", format_args!("pair-{first}"))
        .raw("><h2><span class=\"count\">")
        .text(pair.conflicts())
        .raw("<span class=\"times\"> ×</span></span> ");
    page.raw("<span class=\"kind\">").text(pair.kind).raw("</span> <span class=\"map\">on ");
    write_map(&pair.map, page);
    page.raw("</span></h2><span class=\"places\">");
    match &pair.inside {
        Some(place) => write_place(place, page),
        None => {
            page.raw("<span class=\"access-place\">a holder that could not be named</span>");
        }
    }
    write_place(&pair.refused, page);
    page.raw("</span></summary>");
}

pub(super) fn write_map(map: &MapIdentity, page: &mut Markup) {
    match &map.name {
        Some(name) => drop(page.code(name)),
        None => drop(page.raw("the unnamed map made at ").code(&map.created)),
    }
}

pub(super) fn write_place(place: &Place, page: &mut Markup) {
    page.raw("<span class=\"access-place\">").code(&place.operation).raw(" at ").code(&place.site).raw("</span>");
}

/// Opens a list of facts: the map, when the first was seen and when the last.
pub(super) fn write_times(map: &MapIdentity, first: u64, last: u64, page: &mut Markup) {
    page.raw("<dl class=\"facts\"><div class=\"whole\"><dt>map</dt><dd>").code(&map.type_name).raw(", made at ");
    page.code(&map.created).raw("</dd></div><div><dt>first seen</dt><dd>");
    Instant(first).write(page);
    page.raw("</dd></div><div><dt>last seen</dt><dd>");
    Instant(last).write(page);
    page.raw("</dd></div>");
}

fn write_facts(pair: &Pair, page: &mut Markup) {
    write_times(&pair.map, pair.first, pair.last, page);
    if pair.encounters(Way::Back).conflicts > 0
        && let Some(inside) = &pair.inside
    {
        for (way, inside, refused) in [(Way::Forth, inside, &pair.refused), (Way::Back, &pair.refused, inside)] {
            page.raw("<div><dt>").text(pair.encounters(way).conflicts).raw(" ×</dt><dd>").code(&inside.operation);
            page.raw(" inside, ").code(&refused.operation).raw(" refused</dd></div>");
        }
    }
    page.raw("</dl>");
}

fn write_reports(pair: &Pair, page: &mut Markup) {
    let kept = pair.kept();
    for (index, report) in kept.iter().enumerate() {
        write_report(report, index == 0, page);
    }
    let more = pair.reports() - kept.len() as u64;
    if more > 0 {
        page.raw("<p class=\"more\">and ").text(more).raw(if more == 1 { " more report" } else { " more reports" });
        page.raw(" of this pair, counted above and not shown</p>");
    }
}

fn write_report(report: &Kept, open: bool, page: &mut Markup) {
    page.raw("<details class=\"report\"").raw(if open { " open" } else { "" }).raw("><summary><h3>Report ");
    page.text(report.number).raw("</h3> <span class=\"when\">");
    Instant(report.detected).write(page);
    page.raw("</span> <span class=\"outcome\">").text(report.outcome).raw("</span>");
    if report.conflicts > 1 {
        page.raw(" <span class=\"stands\">stands for ").text(report.conflicts).raw(" conflicts</span>");
    }
    page.raw("</summary>");
    if let Body::Written(body) = &report.body {
        page.piece(body);
    }
    page.raw("</details>");
}
