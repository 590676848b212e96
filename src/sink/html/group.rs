//! A group of suspects on the page: how many there were, what came of them, what to do, and its reports.

use super::calendar::Instant;
use super::markup::Markup;
use super::pair::{write_map, write_place, write_times};
use super::suspects::{Body, Group, Kept};
use crate::report::Severity;

/// Adds a group. `map` is the number of its map in the filter.
pub(super) fn write(group: &Group, map: usize, open: bool, page: &mut Markup) {
    page.raw("<details class=\"pair suspect\"").attribute("data-map", map).attribute("data-kind", group.kind);
    page.raw(if open { " open" } else { "" }).raw(">");
    write_head(group, page);
    page.raw("<div class=\"body\"><p>").raw(group.sentence).raw("</p><p class=\"advice\"><strong>Next:</strong> ");
    page.prose(group.advice).raw(" If it is meant: <code>checkedmap::stale::intended</code> around step 3 ");
    page.raw("(<code>intended_async</code> in async code), or <code>set_stale_checks(false)</code> on the map.");
    if group.severity == Severity::Hint {
        page.raw(" A hint only: the program may have taken step 2 into account.");
    }
    page.raw("</p>");
    write_times(&group.map, group.first, group.last, page);
    page.raw("</dl>");
    for (index, report) in group.kept.iter().enumerate() {
        write_report(report, index == 0, page);
    }
    let more = group.reports - group.kept.len() as u64;
    if more > 0 {
        page.raw("<p class=\"more\">and ").text(more).raw(if more == 1 { " more report" } else { " more reports" });
        page.raw(" of these sites, counted above and not shown</p>");
    }
    page.raw("</div></details>");
}

fn write_head(group: &Group, page: &mut Markup) {
    let first = group.kept.first().map_or(0, |kept| kept.number);
    page.raw("<summary").attribute("id", format_args!("suspect-{first}")).raw("><h3><span class=\"count\">");
    page.text(group.count).raw("<span class=\"times\"> ×</span></span> <span class=\"kind\">").text(group.effect);
    page.raw("</span> ");
    if group.severity == Severity::Hint {
        page.raw("<span class=\"severity\">hint</span> ");
    }
    page.raw("<span class=\"map\">on ");
    write_map(&group.map, page);
    page.raw("</span></h3><ol class=\"places\">");
    for step in &group.steps {
        page.raw("<li>");
        write_place(step, page);
        page.raw("</li>");
    }
    page.raw("</ol></summary>");
}

fn write_report(report: &Kept, open: bool, page: &mut Markup) {
    page.raw("<details class=\"report\"").raw(if open { " open" } else { "" }).raw("><summary><h4>Suspect ");
    page.text(report.number).raw("</h4> <span class=\"when\">");
    Instant(report.detected).write(page);
    page.raw("</span>");
    if report.count > 1 {
        page.raw(" <span class=\"stands\">stands for ").text(report.count).raw("</span>");
    }
    page.raw("</summary>");
    if let Body::Written(body) = &report.body {
        page.piece(body);
    }
    page.raw("</details>");
}
