//! A stack on the page: the program's own frames with their source, the others folded away.

use std::path::Path;

use super::markup::Markup;
use super::source::{Sources, is_near};
use crate::report::{Frame, SourceSite, StackTrace};
use crate::{Missing, Moment};

/// Adds the stack of an access made at `site`.
pub(super) fn write(stack: &StackTrace, site: &SourceSite, sources: &Sources, page: &mut Markup) {
    match stack {
        StackTrace::Taken { moment, frames, truncated } => {
            page.raw("<p class=\"moment\">").raw(match moment {
                Moment::Entering => "Stack as it came",
                Moment::Leaving => "Stack as it left",
            });
            page.raw("</p>");
            write_distant(frames, site, sources, page);
            page.raw("<ol class=\"stack\">");
            write_frames(frames, sources, page);
            page.raw("</ol>");
            if *truncated {
                page.raw("<p class=\"note\">Deeper frames were not recorded.</p>");
            }
        }
        StackTrace::Missing { reason } => write_missing(*reason, site, sources, page),
    }
}

/// A guard may be dropped far from the call that gave it out. Then the stack as it left does not show that call.
fn write_distant(frames: &[Frame], site: &SourceSite, sources: &Sources, page: &mut Markup) {
    let shows = |frame: &Frame| {
        let same_file = frame.file.as_deref().is_some_and(|file| Path::new(file).ends_with(&site.file));
        same_file && frame.line.is_some_and(|line| is_near(line, site.line))
    };
    if !frames.iter().any(shows)
        && let Some(excerpt) = sources.excerpt(&site.file, site.line)
    {
        page.raw("<p class=\"moment\">The access was begun at ").code(site).raw("</p>");
        excerpt.write(page);
    }
}

/// The site is known even where the way there is not.
fn write_missing(reason: Missing, site: &SourceSite, sources: &Sources, page: &mut Markup) {
    page.raw("<p class=\"moment\">No stack: ").text(reason.reason()).raw("</p>");
    if let Some(excerpt) = sources.excerpt(&site.file, site.line) {
        excerpt.write(page);
    }
}

fn write_frames(frames: &[Frame], sources: &Sources, page: &mut Markup) {
    // Where nothing is the user's, everything may be of use.
    let everything = frames.iter().all(|frame| !frame.user);
    let mut open = true;
    for run in frames.chunk_by(|one, next| one.user == next.user) {
        if run[0].user || everything {
            for frame in run {
                write_frame(frame, open, sources, page);
                open = false;
            }
        } else {
            write_folded(run, page);
        }
    }
}

/// A frame with its source, which is shown at once for the innermost.
fn write_frame(frame: &Frame, open: bool, sources: &Sources, page: &mut Markup) {
    let excerpt = frame.file.as_deref().zip(frame.line).and_then(|(file, line)| sources.excerpt(file, line));
    let Some(excerpt) = excerpt else {
        page.raw("<li class=\"frame\">");
        write_line(frame, page);
        page.raw("</li>");
        return;
    };
    page.raw("<li><details class=\"frame\"").raw(if open { " open" } else { "" }).raw("><summary>");
    write_line(frame, page);
    page.raw("</summary>");
    excerpt.write(page);
    page.raw("</details></li>");
}

fn write_folded(frames: &[Frame], page: &mut Markup) {
    page.raw("<li class=\"folded\"><details><summary>").text(frames.len());
    page.raw(if frames.len() == 1 { " frame" } else { " frames" }).raw(" of std and dependencies</summary><ol>");
    for frame in frames {
        page.raw("<li class=\"frame\">");
        write_line(frame, page);
        page.raw("</li>");
    }
    page.raw("</ol></details></li>");
}

fn write_line(frame: &Frame, page: &mut Markup) {
    page.raw("<code class=\"function\">").name(frame.name()).raw("</code>");
    if let Some(place) = frame.place() {
        page.raw(" <span class=\"place\">").name(place).raw("</span>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn written(stack: &StackTrace) -> String {
        let mut page = Markup::new();
        write(stack, &sample::report().contender.site, &Sources::new(), &mut page);
        page.as_str().to_owned()
    }

    #[test]
    fn frames_of_others_are_folded() {
        let page = written(&sample::report().contender.stack);
        assert_eq!(page.matches("class=\"folded\"").count(), 2, "{page}");
        assert!(page.contains("<summary>2 frames of std and dependencies</summary>"), "{page}");
        assert!(page.contains("<summary>1 frame of std and dependencies</summary>"), "{page}");
        assert_eq!(page.matches("class=\"function\"").count(), 6, "{page}");
    }

    #[test]
    fn a_stack_of_others_alone_is_shown_whole() {
        let frames = (1..=3).map(|address| Frame { address, ..Frame::default() }).collect();
        let page = written(&StackTrace::Taken { moment: Moment::Entering, frames, truncated: true });
        assert!(!page.contains("folded") && page.contains("<bdi>0x3</bdi>"), "{page}");
        assert!(page.contains("Deeper frames were not recorded"), "{page}");
    }

    #[test]
    fn a_guard_dropped_elsewhere_shows_where_it_was_given_out() {
        let at = |line| Frame {
            file: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/", file!()).into()),
            line,
            ..Frame::default()
        };
        let begun = |line| {
            let site = SourceSite { file: file!().to_owned(), line, ..sample::report().contender.site };
            let mut page = Markup::new();
            let stack = StackTrace::Taken { moment: Moment::Leaving, frames: vec![at(Some(20))], truncated: false };
            write(&stack, &site, &Sources::new(), &mut page);
            page.as_str().contains("The access was begun at")
        };
        assert!(begun(1));
        assert!(!begun(20) && !begun(18));
    }

    #[test]
    fn a_missing_stack_says_why_and_shows_the_site() {
        let site = SourceSite { file: file!().to_owned(), line: 1, ..sample::report().contender.site };
        let mut page = Markup::new();
        let stack = StackTrace::Missing { reason: Missing::StillInside };
        write(&stack, &site, &Sources::new(), &mut page);
        assert!(page.as_str().contains("No stack: the holder was still inside"), "{}", page.as_str());
        assert!(page.as_str().contains("//! A stack on the page"), "{}", page.as_str());
    }
}
