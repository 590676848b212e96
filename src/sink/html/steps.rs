//! The three steps of a suspect on one axis of time.
//!
//! Two lanes: whoever looked and acted above, whoever came between below. From the lookup on the upper lane shows what was
//! known; from the intervening write on it is out of date.

use super::calendar::Instant;
use super::markup::Markup;
use super::timeline::{bar, write_numbers};
use crate::report::Suspect;

/// Where the lookup lies, in percent of the width.
const FIRST: f64 = 6.0;

/// Where the acting write lies.
const LAST: f64 = 92.0;

/// An access: of each it is known when it was inside, not how long.
const MARK: &str = "8";

/// When the three steps were, in nanoseconds after the lookup. The second is `None` where that is not told.
struct Times {
    intervening: Option<u64>,
    acting: u64,
}

impl Times {
    fn of(suspect: &Suspect) -> Self {
        let acting = suspect.elapsed;
        Self { intervening: suspect.intervened.map(|at| at.min(acting)), acting }
    }

    /// Where the intervening write lies, in percent of the width.
    fn between(&self) -> f64 {
        let part = match self.intervening {
            // Nanoseconds of a suspect are far below what a float cannot tell apart on a screen.
            Some(at) if self.acting > 0 => at as f64 / self.acting as f64,
            _ => 0.5,
        };
        FIRST + (LAST - FIRST) * part
    }
}

/// Adds the timeline with its legend.
pub(super) fn write(suspect: &Suspect, page: &mut Markup) {
    let times = Times::of(suspect);
    let lookup = Instant(suspect.detected.saturating_sub(suspect.elapsed));
    let after = |nanoseconds| Instant(lookup.0.saturating_add(nanoseconds)).after(lookup);
    let said = [Some(after(0)), times.intervening.map(after), Some(after(times.acting))];
    let steps = [
        (&suspect.lookup, "looks the key up"),
        (&suspect.intervening, "writes it"),
        (&suspect.acting, "acts on the lookup"),
    ];

    page.raw("<figure class=\"timeline steps\"><div class=\"lanes\"><div class=\"names\" aria-hidden=\"true\">");
    page.raw("<span>looks, acts</span><span>in between</span></div><svg role=\"img\" width=\"100%\" height=\"92\"");
    let list: Vec<_> = steps
        .iter()
        .zip(&said)
        .map(|((side, what), at)| match at {
            Some(at) => format!("{} {what} at {at}", side.operation),
            None => format!("{} {what} in between", side.operation),
        })
        .collect();
    page.attribute("aria-label", format_args!("Timeline: {}", list.join("; "))).raw(">");
    let between = times.between();
    bar("known", FIRST, between, (10, 14), page);
    bar("stale", between, LAST, (10, 14), page);
    for (class, at, top) in [("looks", FIRST, "6"), ("between", between, "36"), ("looks", LAST, "6")] {
        page.raw("<rect").attribute("class", class).attribute("x", format_args!("{at:.2}%")).raw(" width=\"");
        page.raw(MARK).raw("\" height=\"22\" y=\"").raw(top).raw("\"/>");
    }
    write_numbers([FIRST, between, LAST], page);

    page.raw("</svg></div><figcaption><ol class=\"events\">");
    for (((side, what), at), number) in steps.iter().zip(&said).zip(1..) {
        page.raw("<li><b>");
        match at {
            Some(at) => page.text(at),
            None => page.raw("in between"),
        };
        page.raw("</b> ").code(&side.operation).raw(" ").raw(what);
        if number == 3 {
            page.raw(", ");
            Instant(suspect.detected).write(page);
        }
        page.raw("</li>");
    }
    page.raw("</ol><p class=\"key\">what it had seen is no longer so");
    if let Some(at) = times.intervening {
        page.raw(": ").text(after(times.acting - at).magnitude());
    }
    page.raw("</p></figcaption></figure>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn written(suspect: &Suspect) -> String {
        let mut page = Markup::new();
        write(suspect, &mut page);
        page.as_str().to_owned()
    }

    fn bars(suspect: &Suspect) -> [Option<(f64, f64)>; 2] {
        let page = written(suspect);
        ["known", "stale"].map(|class| {
            let (_, bar) = page.split_once(&format!("<rect class=\"{class}\" x=\""))?;
            let (from, rest) = bar.split_once("%\" width=\"")?;
            let (width, _) = rest.split_once('%')?;
            Some((from.parse().expect("a number"), width.parse().expect("a number")))
        })
    }

    #[test]
    fn steps_are_to_scale() {
        let suspect = Suspect { elapsed: 1_000_000, intervened: Some(250_000), ..sample::suspect() };
        let quarter = (LAST - FIRST) / 4.0;
        assert_eq!(bars(&suspect), [Some((FIRST, quarter)), Some((FIRST + quarter, 3.0 * quarter))]);
        let page = written(&suspect);
        let order = ["<b>0</b> <code><bdi>get", "<b>+250.0µs</b> <code><bdi>insert", "<b>+1.0ms</b> <code><bdi>insert"];
        let places: Vec<_> = order.iter().map(|step| page.find(step).expect("listed")).collect();
        assert!(places.is_sorted(), "{page}");
        assert!(page.contains("no longer so: 750.0µs</p>"), "{page}");
        assert!(page.contains("Timeline: get looks the key up at 0; insert writes it at +250.0µs; "), "{page}");
    }

    #[test]
    fn a_step_whose_time_is_not_told_lies_in_between() {
        let suspect = Suspect { intervened: None, ..sample::suspect() };
        let half = (LAST - FIRST) / 2.0;
        assert_eq!(bars(&suspect), [Some((FIRST, half)), Some((FIRST + half, half))]);
        assert!(written(&suspect).contains("<b>in between</b>"), "{}", written(&suspect));
    }

    #[test]
    fn steps_at_one_instant_are_drawn() {
        let suspect = Suspect { elapsed: 0, intervened: Some(0), ..sample::suspect() };
        assert!(bars(&suspect).iter().all(Option::is_some));
        assert!(written(&suspect).contains("no longer so: 0.0ns</p>"), "{}", written(&suspect));
    }
}
