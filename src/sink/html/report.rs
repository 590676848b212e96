//! One report on the page: its timeline, and its sides beside each other.

use super::markup::Markup;
use super::source::Sources;
use super::{stack, steps, timeline};
use crate::RequestContext;
use crate::report::{Report, Role, Side, Suspect};

/// What does not change once a report is written.
pub(super) fn body(report: &Report, sources: &Sources) -> Markup {
    let mut page = Markup::new();
    timeline::write(report, &mut page);
    page.raw("<p class=\"consequence\">").prose(report.consequence());
    if let Some(how) = report.missing() {
        page.raw(" For the missing stack: ").text(how);
    }
    write_seed(report.hunt_seed, &mut page);
    page.raw("</p><div class=\"sides\">");
    match &report.holder {
        Some(holder) => write_side(holder, sources, &mut page),
        None => {
            page.raw("<section class=\"side holder\"><h4><span class=\"role\">holder</span></h4>");
            page.raw("<p class=\"moment\">It could not be named.</p></section>");
        }
    }
    write_side(&report.contender, sources, &mut page);
    page.raw("</div>");
    page
}

/// The same of a suspect.
pub(super) fn suspect_body(suspect: &Suspect, sources: &Sources) -> Markup {
    let mut page = Markup::new();
    steps::write(suspect, &mut page);
    page.raw("<p class=\"consequence\">").prose(suspect.consequence());
    write_seed(suspect.hunt_seed, &mut page);
    page.raw("</p><div class=\"sides three\">");
    for side in [&suspect.lookup, &suspect.intervening, &suspect.acting] {
        write_side(side, sources, &mut page);
    }
    page.raw("</div>");
    page
}

/// What makes the same choices again, where anything was hunted.
fn write_seed(seed: Option<u64>, page: &mut Markup) {
    if let Some(seed) = seed {
        page.raw(" Seen in a hunt: ")
            .code(format_args!("CHECKEDMAP_HUNT_SEED={seed}"))
            .raw(" makes its choices again.");
    }
}

fn write_side(side: &Side, sources: &Sources, page: &mut Markup) {
    page.raw(match side.role {
        Role::Holder => "<section class=\"side holder\">",
        Role::Contender => "<section class=\"side contender\">",
        Role::Lookup | Role::Acting => "<section class=\"side looking\">",
        Role::Intervening => "<section class=\"side intervening\">",
    });
    // One level further in, where the page has a part of its own for them.
    let (open, close) = match side.role {
        Role::Holder | Role::Contender => ("<h4>", "</h4>"),
        Role::Lookup | Role::Intervening | Role::Acting => ("<h5>", "</h5>"),
    };
    page.raw(open).raw("<span class=\"role\">").text(side.role).raw("</span> ").code(&side.operation);
    page.raw(" <span class=\"access\">")
        .text(side.access)
        .raw("</span>")
        .raw(close)
        .raw("<dl class=\"facts\"><div><dt>at</dt><dd>");
    page.code(&side.site).raw("</dd></div><div><dt>by</dt><dd>").name(&side.thread).raw("</dd></div>");
    write_request(&side.context, page);
    page.raw("</dl>");
    stack::write(&side.stack, &side.site, sources, page);
    page.raw("</section>");
}

fn write_request(context: &RequestContext, page: &mut Markup) {
    let known = [("trace", &context.trace_id), ("span", &context.span_id), ("task", &context.task)];
    for (name, value) in known {
        if let Some(value) = value {
            page.raw("<div><dt>").raw(name).raw("</dt><dd>").code(value).raw("</dd></div>");
        }
    }
    for (name, value) in &context.baggage {
        page.raw("<div><dt>").name(name).raw("</dt><dd>").code(value).raw("</dd></div>");
    }
}
