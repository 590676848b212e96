//! One report on the page: its timeline, and both sides beside each other.

use super::markup::Markup;
use super::source::Sources;
use super::{stack, timeline};
use crate::RequestContext;
use crate::report::{Report, Role, Side};

/// What does not change once a report is written.
pub(super) fn body(report: &Report, sources: &Sources) -> Markup {
    let mut page = Markup::new();
    timeline::write(report, &mut page);
    page.raw("<p class=\"consequence\">").prose(report.consequence());
    if let Some(how) = report.missing() {
        page.raw(" For the missing stack: ").text(how);
    }
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

fn write_side(side: &Side, sources: &Sources, page: &mut Markup) {
    page.raw(match side.role {
        Role::Holder => "<section class=\"side holder\">",
        Role::Contender => "<section class=\"side contender\">",
    });
    page.raw("<h4><span class=\"role\">").text(side.role).raw("</span> ").code(&side.operation);
    page.raw(" <span class=\"access\">").text(side.access).raw("</span></h4><dl class=\"facts\"><div><dt>at</dt><dd>");
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
