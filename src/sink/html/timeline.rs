//! The two accesses of a report on one axis of time.
//!
//! What is known: when the contender was refused, and often when the holder left and when the contender got its turn. When
//! the holder came and when the contender left is not, so those ends fade out.

use super::calendar::{Instant, Offset};
use super::markup::Markup;
use crate::report::{Outcome, Report};

/// Where the first event lies, in percent of the width. Before it is what fades in.
const FIRST: f64 = 22.0;

/// Where the last event lies. Behind it is what fades out.
const LAST: f64 = 82.0;

/// The least distance of two numbers, so that they can be told apart where their events coincide.
const APART: f64 = 5.0;

/// Something that happened at a known instant.
struct Event {
    what: &'static str,
    at: Offset,
}

/// The events of a report in their order, and which of them is which.
struct Events {
    detected: Instant,
    list: Vec<Event>,
    left: Option<Offset>,
    admitted: Option<Offset>,
}

impl Events {
    fn of(report: &Report) -> Self {
        let detected = Instant(report.detected);
        let after = |instant: Option<u64>| instant.map(|instant| Instant(instant).after(detected));
        let (left, admitted) = (after(report.holder_left), after(report.admitted));
        let known = [
            ("the contender is refused", Some(detected.after(detected))),
            ("the holder leaves", left),
            ("the contender gets its turn", admitted),
        ];
        let mut list: Vec<_> = known.into_iter().filter_map(|(what, at)| Some(Event { what, at: at? })).collect();
        list.sort_by_key(|event| event.at.nanoseconds);
        Self { detected, list, left, admitted }
    }

    /// Where an instant lies, in percent of the width.
    fn position(&self, at: Offset) -> f64 {
        let [first, last] =
            [self.list.first(), self.list.last()].map(|event| event.map_or(0, |event| event.at.nanoseconds));
        // Nanoseconds of an overlap are far below what a float cannot tell apart on a screen.
        let (part, whole) = ((at.nanoseconds - first) as f64, (last - first) as f64);
        if whole > 0.0 { FIRST + (LAST - FIRST) * part / whole } else { FIRST }
    }
}

/// Adds the timeline with its legend.
pub(super) fn write(report: &Report, page: &mut Markup) {
    let events = Events::of(report);
    page.raw("<figure class=\"timeline\"><div class=\"lanes\"><div class=\"names\" aria-hidden=\"true\">");
    page.raw("<span>holder</span><span>contender</span></div>");
    page.raw("<svg role=\"img\" width=\"100%\" height=\"92\"").attribute("aria-label", description(&events)).raw(">");
    write_lanes(report, &events, page);
    write_numbers(events.list.iter().map(|event| events.position(event.at)), page);
    page.raw("</svg></div><figcaption><ol class=\"events\">");
    for event in &events.list {
        page.raw("<li><b>").text(event.at).raw("</b> ").text(event.what);
        if event.at.nanoseconds == 0 {
            page.raw(", ");
            events.detected.write(page);
        }
        page.raw("</li>");
    }
    page.raw("</ol><p class=\"key\">the overlap");
    match events.left {
        Some(left) if left.nanoseconds > 0 => drop(page.raw(": ").text(left.magnitude())),
        Some(_) => {}
        None => drop(page.raw(", whose end was not seen")),
    }
    page.raw("</p></figcaption></figure>");
}

/// What somebody who does not see the picture is told of it.
fn description(events: &Events) -> String {
    let list: Vec<_> = events.list.iter().map(|event| format!("{} at {}", event.what, event.at)).collect();
    format!("Timeline: {}", list.join("; "))
}

fn write_lanes(report: &Report, events: &Events, page: &mut Markup) {
    let refused = events.position(events.detected.after(events.detected));
    let left = events.left.map_or(100.0, |left| events.position(left));
    if left > refused {
        bar("overlap", refused, left, (0, 64), page);
    }
    if report.holder.is_some() {
        bar("fades-in", 0.0, FIRST.min(left), (6, 22), page);
        let fading = if events.left.is_some() { left } else { LAST };
        bar("holder", FIRST.min(left), fading, (6, 22), page);
        bar("holder-fades-out", fading, left, (6, 22), page);
    }
    match (events.admitted.map(|admitted| events.position(admitted)), report.outcome) {
        (Some(turn), _) => {
            bar("waits", refused, turn, (36, 22), page);
            bar("contender-fades-out", turn, 100.0, (36, 22), page);
        }
        (None, Outcome::Panicked | Outcome::Aborted | Outcome::Returned) => write_end(report.outcome, refused, page),
        (None, _) => bar("waits", refused, 100.0, (36, 22), page),
    }
}

/// An access that went no further.
fn write_end(outcome: Outcome, at: f64, page: &mut Markup) {
    page.raw("<rect class=\"ends\" width=\"6\" y=\"36\" height=\"22\"").attribute("x", format_args!("{at:.2}%"));
    page.raw("/><text class=\"end\" dx=\"14\" y=\"52\"").attribute("x", format_args!("{at:.2}%")).raw(">");
    page.text(outcome).raw("</text>");
}

/// A bar from one place to another; nothing where the two are one.
pub(super) fn bar(class: &'static str, from: f64, to: f64, (top, height): (u32, u32), page: &mut Markup) {
    if to > from {
        page.raw("<rect").attribute("class", class).attribute("x", format_args!("{from:.2}%"));
        page.attribute("width", format_args!("{:.2}%", to - from));
        page.attribute("y", top).attribute("height", height).raw("/>");
    }
}

/// Numbers the events at these places, each of which is in percent of the width.
pub(super) fn write_numbers(places: impl IntoIterator<Item = f64>, page: &mut Markup) {
    let mut room = 0.0_f64;
    for (number, at) in (1..).zip(places) {
        let beside = at.max(room);
        room = beside + APART;
        page.raw("<line").attribute("x1", format_args!("{at:.2}%")).attribute("x2", format_args!("{at:.2}%"));
        page.raw(" y1=\"0\" y2=\"66\"/><circle").attribute("cx", format_args!("{beside:.2}%"));
        page.raw(" cy=\"79\" r=\"10\"/><text class=\"event\"").attribute("x", format_args!("{beside:.2}%"));
        page.raw(" y=\"83\">").text(number).raw("</text>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn written(report: &Report) -> String {
        let mut page = Markup::new();
        write(report, &mut page);
        page.as_str().to_owned()
    }

    /// From and width of the bar of a class, in percent.
    fn bar_of(class: &str, page: &str) -> Option<(f64, f64)> {
        let (_, bar) = page.split_once(&format!("<rect class=\"{class}\" x=\""))?;
        let (from, rest) = bar.split_once("%\" width=\"")?;
        let (width, _) = rest.split_once('%')?;
        Some((from.parse().expect("a number"), width.parse().expect("a number")))
    }

    #[test]
    fn bars_are_to_scale() {
        let mut report = sample::report();
        report.holder_left = Some(report.detected + 250_000);
        report.admitted = Some(report.detected + 1_000_000);
        let page = written(&report);
        let quarter = (LAST - FIRST) / 4.0;
        assert_eq!(bar_of("overlap", &page), Some((FIRST, quarter)));
        assert_eq!(bar_of("holder", &page), Some((FIRST, quarter)));
        assert_eq!(bar_of("waits", &page), Some((FIRST, LAST - FIRST)));
        assert_eq!(bar_of("contender-fades-out", &page), Some((LAST, 100.0 - LAST)));
        assert_eq!(bar_of("holder-fades-out", &page), None);
        assert!(page.contains("the overlap: 250.0µs</p>"), "{page}");
        let order = [
            "<b>0</b> the contender is refused",
            "<b>+250.0µs</b> the holder leaves",
            "<b>+1.0ms</b> the contender gets",
        ];
        let places: Vec<_> = order.iter().map(|event| page.find(event).expect("listed")).collect();
        assert!(places.is_sorted(), "{page}");
    }

    #[test]
    fn what_is_not_known_fades_out() {
        let mut report = sample::report();
        (report.holder_left, report.admitted) = (None, None);
        let page = written(&report);
        assert_eq!(bar_of("overlap", &page), Some((FIRST, 100.0 - FIRST)));
        assert_eq!(bar_of("holder-fades-out", &page), Some((LAST, 100.0 - LAST)));
        assert_eq!(bar_of("waits", &page), Some((FIRST, 100.0 - FIRST)));
        assert_eq!(page.matches("<li>").count(), 1, "{page}");
        assert!(page.contains("the overlap, whose end was not seen"), "{page}");
    }

    #[test]
    fn one_that_panicked_does_not_wait() {
        let mut report = sample::report();
        (report.admitted, report.outcome) = (None, Outcome::Panicked);
        let page = written(&report);
        assert_eq!(bar_of("waits", &page), None);
        assert!(page.contains(">panicked</text>"), "{page}");
    }

    #[test]
    fn a_holder_seen_leaving_before_the_refusal_was_timed_is_drawn() {
        let mut report = sample::report();
        report.holder_left = Some(report.detected - 1_000);
        let page = written(&report);
        assert_eq!(bar_of("overlap", &page), None);
        assert!(page.contains("<b>−1.0µs</b> the holder leaves"), "{page}");
    }
}
