//! Lines as they may come: cut off, of another version, of something else.

mod common;

use std::fs;

use common::{report, report_on};

fn line(pid: u32, number: u64, sites: (u32, u32), count: u64, detected: u64) -> String {
    let side = |role: &str, line: u32| {
        format!(
            r#"{{"role":"{role}","operation":"insert","access":"write","site":{{"file":"src/login.rs","line":{line},"column":9}},
            "thread":{{"id":1,"name":null,"ended":false}},"stack":{{"state":"missing","reason":"disabled"}}}}"#
        )
    };
    let (contender, holder) = (side("contender", sites.0), side("holder", sites.1));
    let text = format!(
        r#"{{"schema":1,"number":{number},"pid":{pid},"kind":"write_write","map":{{"id":3,"name":"sessions","type_name":"(u8, u8)",
        "created":{{"file":"src/main.rs","line":1,"column":1}}}},"contender":{contender},"holder":{holder},"mode":"log",
        "outcome":"waited","detected":{detected},"holder_left":null,"admitted":null,"waited":null,"count":{count}}}"#
    );
    text.replace('\n', "")
}

fn repeat(pid: u32, number: u64, count: u64, last: u64) -> String {
    format!(
        r#"{{"schema":1,"repeat_of":{number},"pid":{pid},"kind":"write_write","map":null,"count":{count},"first":{last},"last":{last}}}"#
    )
}

fn json(lines: &[String]) -> serde_json::Value {
    let mut text = lines.join("\n");
    text.push('\n');
    let run = report_on(&text, ["-", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    run.json()
}

#[test]
fn a_pair_of_sites_is_one_finding_either_way_round() {
    let document = json(&[line(7, 1, (33, 42), 1, 5), line(8, 1, (42, 33), 1, 3), line(8, 2, (33, 33), 1, 9)]);
    let findings = document["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 2, "{document}");
    let pair = &findings[0];
    assert_eq!([&pair["count"], &pair["processes"], &pair["first"], &pair["last"]], [2, 2, 3, 5]);
}

#[test]
fn numbers_belong_to_their_process() {
    let document = json(&[
        line(7, 1, (1, 2), 1, 5),
        line(8, 1, (3, 4), 1, 5),
        repeat(7, 1, 10, 6),
        repeat(8, 1, 100, 6),
        repeat(7, 1, 1000, 8),
    ]);
    let findings = document["findings"].as_array().expect("a list");
    let counts: Vec<_> = findings.iter().map(|finding| (&finding["places"][0]["line"], &finding["count"])).collect();
    assert_eq!(counts, [(&1.into(), &1011.into()), (&3.into(), &101.into())]);
    assert_eq!(findings[0]["last"], 8);
}

#[test]
fn a_count_without_its_report_is_kept() {
    let document = json(&[line(7, 1, (1, 2), 1, 5), repeat(9, 4, 30, 6)]);
    assert_eq!(document["conflicts"], 31);
    assert_eq!(document["findings"][0]["places"], serde_json::json!([]));
    let text = report_on(&repeat(9, 4, 30, 6), ["-"]).stdout;
    assert!(text.contains("at sites unknown: the report these counts belong to is not among the files"), "{text}");
}

fn suspect(number: u64, severity: &str, acting: u32) -> String {
    let site = |line: u32| format!(r#"{{"file":"src/login.rs","line":{line},"column":9}}"#);
    let side = |role: &str, line: u32| {
        format!(
            r#"{{"role":"{role}","operation":"insert","access":"write","site":{},"thread":{{"id":1,"name":null,"ended":false}},
            "stack":{{"state":"missing","reason":"disabled"}}}}"#,
            site(line)
        )
    };
    let (lookup, intervening, acting) = (side("lookup", 1), side("intervening", 2), side("acting", acting));
    let text = format!(
        r#"{{"schema":1,"severity":"{severity}","kind":"stale_check","number":{number},"pid":7,"map":{{"id":3,"name":"sessions",
        "type_name":"(u8, u8)","created":{}}},"found":"value","effect":"overwritten","lookup":{lookup},
        "intervening":{intervening},"acting":{acting},"elapsed":1,"detected":5,"count":1}}"#,
        site(1)
    );
    text.replace('\n', "")
}

/// A count, with what newer versions tell of it.
fn suspect_repeat(of: u64, severity: Option<&str>, last: u64) -> String {
    let severity = severity.map_or(String::new(), |severity| format!(r#""severity":"{severity}","#));
    format!(
        r#"{{"schema":1,"repeat_of_suspect":{of},"pid":7,"kind":"stale_check",{severity}"map":null,"count":40,"first":{last},"last":{last}}}"#
    )
}

#[test]
fn a_finding_says_as_much_as_the_highest_of_it() {
    let status = |lines: &[String]| report_on(&lines.join("\n"), ["-", "--fail-on", "suspect"]).status;
    let hint = suspect(1, "hint", 3);
    assert_eq!(status(std::slice::from_ref(&hint)), 0);
    assert_eq!(status(&[hint.clone(), suspect(2, "suspect", 3)]), 1, "one place, met both ways");
    for (severity, expected) in [(None, 0), (Some("hint"), 0), (Some("suspect"), 1)] {
        let lines = [hint.clone(), suspect_repeat(1, severity, 6)];
        assert_eq!(status(&lines), expected, "{severity:?}");
    }
    // Without the one that stands for it, a count that does not tell may be of suspects.
    for (severity, expected) in [(None, 1), (Some("hint"), 0), (Some("suspect"), 1)] {
        let counts = [suspect_repeat(9, Some("hint"), 6), suspect_repeat(8, severity, 6)];
        assert_eq!(status(&counts), expected, "{severity:?}");
    }
}

#[test]
fn a_count_is_ranked_by_what_it_says_itself() {
    let day = 86_400_000_000_000;
    let lines = [
        suspect(1, "hint", 3),
        suspect(2, "suspect", 4),
        suspect_repeat(1, Some("hint"), 3 * day),
        suspect_repeat(1, Some("hint"), 3 * day),
        suspect_repeat(2, Some("suspect"), 3 * day),
    ];
    let run = report_on(&lines.join("\n"), ["-", "--since", "1970-01-03T00:00:00Z", "--format", "json"]);
    let document = run.json();
    let findings = document["findings"].as_array().expect("a list");
    let ranked: Vec<_> = findings.iter().map(|finding| (&finding["severity"], &finding["count"])).collect();
    assert_eq!(ranked, [(&"suspect".into(), &40.into()), (&"hint".into(), &80.into())]);
}

#[test]
fn a_hint_is_no_warning() {
    let lines = [suspect(1, "hint", 3), suspect(2, "suspect", 4)].join("\n");
    let github = report_on(&lines, ["-", "--format", "github"]).stdout;
    assert!(
        github.contains("::warning file=src/login.rs,line=4,col=9,title=checkedmap%3A stale_check on `sessions`::")
    );
    assert!(
        github.contains("::notice file=src/login.rs,line=3,col=9,title=checkedmap%3A stale_check hint on `sessions`::")
    );
    for form in ["text", "markdown"] {
        let text = report_on(&lines, ["-", "--format", form]).stdout;
        assert_eq!((text.matches("stale_check hint").count(), text.matches("stale_check").count()), (1, 2), "{text}");
    }
}

#[test]
fn hints_are_counted_apart_from_suspects() {
    let lines = [suspect(1, "hint", 3), suspect_repeat(1, Some("hint"), 6), suspect(2, "suspect", 4)];
    for form in ["text", "markdown", "github"] {
        let text = report_on(&lines.join("\n"), ["-", "--format", form]).stdout;
        assert!(text.contains("1 suspect at 1 place, 41 hints at 1 place in 1 process (1 file)."), "{form}: {text}");
        let text = report_on(&lines[..2].join("\n"), ["-", "--format", form]).stdout;
        assert!(text.contains("41 hints at 1 place in 1 process") && !text.contains("0 suspects"), "{form}: {text}");
    }
    let document = json(&lines);
    assert_eq!((&document["suspects"], &document["hints"]), (&1.into(), &41.into()));
}

#[test]
fn a_last_line_that_is_cut_off_is_a_warning() {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let path = directory.path().join("killed.jsonl");
    let (whole, cut) = (line(7, 1, (1, 2), 2, 5), line(7, 2, (3, 4), 1, 6));
    fs::write(&path, format!("{whole}\n{}", &cut[..100])).expect("written");
    let run =
        report([path.as_os_str(), "--fail-on".as_ref(), "conflict".as_ref(), "--format".as_ref(), "json".as_ref()]);
    assert_eq!(run.status, 1);
    assert_eq!(run.json()["conflicts"], 2);
    assert!(run.stderr.contains("killed.jsonl:2: the last line is cut off and left out"), "{}", run.stderr);
    assert!(run.json()["warnings"][0].as_str().is_some_and(|warning| warning.contains("cut off")));

    // One that only lacks its end counts.
    let run = report_on(&whole, ["-", "--format", "json"]);
    assert_eq!((&run.json()["conflicts"], run.stderr.as_str()), (&2.into(), ""));
}

#[test]
fn what_is_no_report_is_an_error_with_its_place() {
    let good = line(7, 1, (1, 2), 1, 5);
    for (text, says) in [
        (format!("{good}\n{{\"level\":\"info\"}}\n"), "standard input:2: not a report: "),
        ("hello\n".to_owned(), "standard input:1: not a report: "),
        (format!("{}\n{good}\n", &good[..90]), "standard input:1: not a report: "),
        (good.replace(r#""schema":1"#, r#""schema":2"#), "standard input:1: the report has schema 2; "),
    ] {
        let run = report_on(&text, ["-"]);
        assert_eq!(run.status, 2, "{text}");
        assert!(run.stderr.contains(says), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_source_that_is_missing_is_an_error_unless_allowed() {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let nothing = report([directory.path()]);
    assert_eq!((nothing.status, nothing.stdout.as_str()), (0, "No conflicts in 0 files.\n"));
    for missing in ["none.jsonl", "*.jsonl"] {
        let path = directory.path().join(missing);
        let run = report([path.as_os_str()]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains("no such file") && run.stderr.contains("--allow-missing"), "{}", run.stderr);
        assert_eq!(report([path.as_os_str(), "--allow-missing".as_ref(), "--fail-on=any".as_ref()]).status, 0);
    }
}

#[test]
fn patterns_and_names_of_one_file_count_it_once() {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let path = directory.path().join("one.jsonl");
    fs::write(&path, line(7, 1, (1, 2), 1, 5)).expect("written");
    fs::write(directory.path().join("notes.txt"), "not looked at").expect("written");
    let (directory, pattern) = (directory.path(), directory.path().join("o*.jsonl"));
    let run = report([directory.as_os_str(), path.as_os_str(), pattern.as_os_str(), "--format=json".as_ref()]);
    assert_eq!((&run.json()["conflicts"], &run.json()["files"]), (&1.into(), &1.into()));
}

#[test]
fn since_leaves_out_what_was_earlier() {
    let day = 86_400_000_000_000;
    let lines = [line(7, 1, (1, 2), 5, day), repeat(7, 1, 3, 3 * day), line(7, 2, (3, 4), 1, day)].join("\n");
    let run = report_on(&lines, ["-", "--since", "1970-01-03T00:00:00Z", "--format", "json"]);
    let document = run.json();
    // The counts that came later, under the report that came before.
    assert_eq!((&document["conflicts"], &document["findings"][0]["places"][0]["line"]), (&3.into(), &1.into()));
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(1));
    let run = report_on(&lines, ["-", "--since", "1h", "--fail-on", "any"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "No conflicts in 1 file.\n"));
    assert_eq!(report_on("", ["-", "--since", "soon"]).status, 2);
}
