//! What is on a page as a whole.

use super::findings::Findings;
use super::page::{self, Process};
use super::report::{body, suspect_body};
use super::source::Sources;
use super::suspects::Suspects;
use crate::report::{Books, Effect, Report, Severity, Side, StackTrace, Suspect, sample};
use crate::{Missing, Sink};

fn process(books: Books) -> Process {
    Process {
        program: Some("staging".to_owned()),
        id: 4700,
        written: 1_700_000_000_000_000_000,
        books,
        suspect_books: Books::default(),
        hunt: None,
    }
}

fn page_with(reports: &[Report], suspects: &[Suspect], process: &Process) -> String {
    let (mut findings, mut shown) = (Findings::default(), Suspects::default());
    reports.iter().for_each(|report| findings.take(report));
    suspects.iter().for_each(|suspect| shown.take(suspect));
    let sources = Sources::new();
    findings.write_bodies(|report| body(report, &sources));
    shown.write_bodies(|suspect| suspect_body(suspect, &sources));
    page::write(&findings, &shown, process).as_str().to_owned()
}

fn page(reports: &[Report], books: Books) -> String {
    page_with(reports, &[], &process(books))
}

fn books(detected: u64) -> Books {
    Books { detected, delivered: 1, coalesced: detected - 1, ..Books::default() }
}

/// Texts that are markup, or worse, if they are taken as such.
const HOSTILE: [&str; 6] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'onmouseover='alert(1)",
    "{{script}}",
    "<!--",
    "\u{202e}txet\u{202c} مرحبا 👩‍🚀",
];

/// The sample with a text in every place that a program may fill.
fn hostile(number: u64, text: &str) -> Report {
    let mut report = sample::report();
    report.number = number;
    report.map.name = Some(text.to_owned());
    for own in [&mut report.map.type_name, &mut report.map.created.file] {
        text.clone_into(own);
    }
    let Report { contender, holder, .. } = &mut report;
    [contender, holder.as_mut().expect("the sample has a holder")].into_iter().for_each(|side| spoil(side, text));
    report
}

/// The same of a suspect.
fn hostile_suspect(text: &str) -> Suspect {
    let mut suspect = sample::suspect();
    suspect.map.name = Some(text.to_owned());
    for own in [&mut suspect.map.type_name, &mut suspect.map.created.file] {
        text.clone_into(own);
    }
    let Suspect { lookup, intervening, acting, .. } = &mut suspect;
    [lookup, intervening, acting].into_iter().for_each(|side| spoil(side, text));
    suspect
}

fn spoil(side: &mut Side, text: &str) {
    text.clone_into(&mut side.operation);
    text.clone_into(&mut side.site.file);
    side.thread.name = Some(text.to_owned());
    side.context.trace_id = Some(text.to_owned());
    side.context.baggage = vec![(text.to_owned(), text.to_owned())];
    let StackTrace::Taken { frames, .. } = &mut side.stack else { return };
    for frame in frames {
        (frame.function, frame.file) = (Some(text.to_owned()), Some(text.to_owned()));
    }
}

#[test]
fn no_text_is_taken_for_markup() {
    let page = |text| page_with(&[hostile(1, text)], &[hostile_suspect(text)], &process(books(3)));
    let plain = page("plain");
    let tags = |page: &str| page.matches('<').count();
    for text in HOSTILE {
        let page = page(text);
        // The very tags of the page with harmless texts, and none of another page's making.
        assert_eq!(tags(&page), tags(&plain), "{text}");
        assert_eq!(page.matches('"').count(), plain.matches('"').count(), "{text}");
        assert!(!page.contains('\u{202e}'), "{text}");
    }
}

#[test]
fn nothing_is_fetched() {
    let page = page(&sample::reports(), books(6));
    for other in ["src=", "@import", "<link rel=\"stylesheet", "http://", "https://"] {
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains(other), "{other}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn the_summary_tells_what_raced_how_often_and_since_when() {
    let page = page(&[sample::report()], books(3));
    for part in [
        "<h1>3 conflicts between one pair of sites</h1>",
        "<dt>Map</dt><dd><bdi>sessions</bdi></dd>",
        "<dt>First seen</dt><dd><time datetime=\"2023-11-14T22:13:20.000000001Z\">2023-11-14 22:13:20.000 UTC</time>",
        "in <code><bdi>staging</bdi></code>, process 4700;",
        "detected 3 = delivered 1 + coalesced 2 + dropped 0 + queued 0 (balanced).</p>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn a_pair_shows_counts_sites_and_both_sides() {
    let mut second = sample::report();
    second.number = 8;
    let holder = second.holder.take().expect("the sample has a holder");
    second.holder = Some(std::mem::replace(&mut second.contender, holder));
    let page = page(&[sample::report(), second], books(6));
    for part in [
        "<details class=\"pair\" data-map=\"0\" data-kind=\"write_write\" open><summary id=\"pair-7\">",
        "<span class=\"count\">6<span class=\"times\"> ×</span>",
        "Two threads wrote to this map at the same time.",
        "<strong>Next:</strong> give the two sites one lock or one owner.",
        "<dt>3 ×</dt><dd><code><bdi>insert</bdi></code> inside",
        "<h3>Report 7</h3>",
        "<h3>Report 8</h3>",
        "src/janitor.rs:42:9",
        "<bdi>thread &#39;worker-1&#39; (4702)</bdi>",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "<bdi>tenant</bdi></dt><dd><code><bdi>acme</bdi>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn suspects_are_apart_from_conflicts() {
    let hint = Suspect {
        number: 4,
        severity: Severity::Hint,
        effect: Effect::Altered,
        map: crate::report::MapIdentity { name: Some("orders".to_owned()), ..sample::suspect().map },
        ..sample::suspect()
    };
    let mut process = process(books(3));
    process.suspect_books = Books { detected: 4, delivered: 2, coalesced: 2, ..Books::default() };
    let page = page_with(&[sample::report()], &[hint, sample::suspect()], &process);
    let (conflicts, suspects) = page.split_once("</main>").expect("two parts");
    for part in [
        "<h1>3 conflicts between one pair of sites</h1>",
        "<dt>Map</dt><dd><bdi>sessions</bdi></dd>",
        "Apart from them: <a href=\"#suspects\">2 suspects, 2 hints of check-then-act</a>, in which nothing overlapped.",
        "<option value=\"0\">sessions</option><option value=\"1\">orders</option>",
        "<option value=\"write_write\">write_write</option><option value=\"stale_check\">stale_check</option></select>",
    ] {
        assert!(conflicts.contains(part), "{part} in {conflicts}");
    }
    for part in [
        "<h2 id=\"suspects-title\">2 suspects, 2 hints of check-then-act</h2>",
        "detected 4 = delivered 2 + coalesced 2 + dropped 0 + queued 0 (balanced).</p>",
        "<details class=\"pair suspect\" data-map=\"0\" data-kind=\"stale_check\" open><summary id=\"suspect-3\">",
        "<span class=\"kind\">overwritten</span> <span class=\"map\">",
        "A thread found a key absent and acted on that; meanwhile somebody else had inserted it.",
        "<h4>Suspect 3</h4>",
        "What the <code><bdi>insert</bdi></code> of step 2 wrote is lost",
        "<span class=\"role\">lookup</span> <code><bdi>get</bdi></code>",
        "<span class=\"role\">intervening</span> <code><bdi>insert</bdi></code>",
        "<span class=\"role\">acting</span> <code><bdi>insert</bdi></code>",
        "<span class=\"kind\">altered</span> <span class=\"severity\">hint</span>",
        "A hint only",
    ] {
        assert!(suspects.contains(part), "{part} in {suspects}");
    }
    assert!(!suspects.contains("write_write") && !conflicts.contains("Suspect 3"));
}

#[test]
fn a_page_of_suspects_alone_does_not_sound_as_if_nothing_was_seen() {
    let hint = Suspect { number: 4, severity: Severity::Hint, count: 1, ..sample::suspect() };
    let page = page_with(&[], &[hint, sample::suspect()], &process(Books::default()));
    assert!(page.contains("<h1>No conflict seen, 2 suspects, 1 hint</h1>"), "{page}");
    assert!(page.contains("<title>No conflict seen, 2 suspects, 1 hint"), "{page}");
}

#[test]
fn a_page_without_suspects_has_no_word_of_them() {
    let page = page(&sample::reports(), books(6));
    let (_, body) = page.split_once("<body>").expect("a body");
    let (body, _) = body.split_once("<script").expect("a script");
    for word in ["suspect", "Suspect", "hunt"] {
        assert!(!body.contains(word), "{word} in {body}");
    }
}

#[test]
fn a_hunt_is_told_with_its_seed() {
    let mut process = process(books(3));
    process.hunt = Some(crate::observe::HuntStatus {
        seed: 11,
        delays: 9,
        caught: 2,
        over_budget: 0,
        delayed: std::time::Duration::from_millis(40),
        longest: std::time::Duration::from_millis(20),
        elapsed: std::time::Duration::from_secs(1),
        budget: 0.25,
        hunted: 3,
    });
    let report = Report { hunt_seed: Some(7), ..sample::report() };
    let page = page_with(&[report], &[], &process);
    assert!(page.contains("A hunt with CHECKEDMAP_HUNT_SEED=11: 9 delays, 2 walked into"), "{page}");
    assert!(page.contains("<code><bdi>CHECKEDMAP_HUNT_SEED=7</bdi></code> makes its choices again."), "{page}");
    let suspect = Suspect { hunt_seed: Some(8), ..sample::suspect() };
    let page = page_with(&[], &[suspect], &process);
    assert!(page.contains("<code><bdi>CHECKEDMAP_HUNT_SEED=8</bdi></code> makes its choices again."), "{page}");
}

#[test]
fn what_is_missing_is_said() {
    let mut report = sample::report();
    sample::holder(&mut report).stack = StackTrace::Missing { reason: Missing::StillInside };
    let [_, bare] = sample::reports();
    let page = page(&[report, bare], Books { detected: 9, delivered: 2, coalesced: 3, dropped: 4, ..Books::default() });
    for part in [
        "No stack: the holder was still inside",
        "For the missing stack: CHECKEDMAP_BACKTRACE=always",
        "a holder that could not be named",
        "It could not be named.",
        "<p class=\"books warning\">",
        "3 of them are not on this page",
        "on the unnamed map made at <code><bdi>src/main.rs:12:9",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn the_filter_has_each_map_and_kind_once() {
    let mut other = sample::report();
    other.map.name = Some("orders".to_owned());
    other.kind = crate::ConflictKind::Reentrant;
    let page = page(&[sample::report(), other.clone(), other], books(9));
    for part in [
        "<option value=\"0\">orders</option><option value=\"1\">sessions</option>",
        "<option value=\"write_write\">write_write</option><option value=\"reentrant\">reentrant</option></select>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn no_page_has_the_nonce_of_another() {
    let nonce = |page: &str| page.split_once("<script nonce=\"").map(|(_, rest)| rest[..32].to_owned());
    let [one, other] = [(); 2].map(|()| nonce(&page(&[], Books::default())));
    assert!(one.is_some() && one != other);
}

#[test]
fn what_there_is_no_room_for_is_counted_on_the_page() {
    let reports: Vec<_> = (0..150)
        .flat_map(|line| {
            let mut report = sample::report();
            (report.number, report.contender.site.line) = (u64::from(line), line);
            vec![report; 3]
        })
        .collect();
    let page = page(&reports, books(1_350));
    assert_eq!(page.matches("<details class=\"pair\"").count(), super::findings::PAIRS);
    assert!(page.contains("<h1>1350 conflicts between more than 100 pairs of sites"), "the headline");
    assert!(page.contains("and 150 reports of further pairs, for 450 conflicts, counted above and not shown"));
    assert!(page.contains("and 1 more report of this pair, counted above and not shown"));
}

#[test]
fn a_sink_knows_where_its_page_is() {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let sink = super::HtmlPage::new(directory.path().join("{pid}.html"));
    sink.report(&sample::report());
    assert_eq!(sink.path(), directory.path().join(format!("{}.html", std::process::id())));
    assert!(std::fs::read_to_string(sink.path()).expect("read").contains("<h3>Report 7</h3>"));
    assert!(super::HtmlPage::new("page.html").path().is_absolute());
}
