//! The text of a suspect: three numbered steps, what came of them, what to do.

use std::fmt;
use std::time::Duration;

use super::text::write_seed;
use super::{Effect, Found, Severity, Suspect, SuspectRepeat};

/// How the name of the type begins that has `write()`, which std's signatures have no room for.
const CHECKED_MAP: &str = "checkedmap::map::CheckedMap<";

impl Suspect {
    /// The first line: kind, map and number.
    #[must_use]
    pub fn headline(&self) -> String {
        format!("checkedmap: {} {} on {} (suspect {})", self.kind, self.severity, self.map, self.number)
    }

    /// What happened.
    pub(crate) fn sentence(&self) -> &'static str {
        match (self.effect, self.found) {
            (Effect::Missed, _) => {
                "A thread replaced the value of a key and came back to it; meanwhile somebody else had taken the entry away."
            }
            (Effect::Altered, _) => {
                "A thread read a value and then asked for it to change it; meanwhile somebody else had written it."
            }
            (Effect::Removed, Found::Absent) => {
                "A thread found a key absent and came to remove it; meanwhile somebody else had inserted it."
            }
            (_, Found::Absent) => {
                "A thread found a key absent and acted on that; meanwhile somebody else had inserted it."
            }
            (Effect::Revived, _) => {
                "A thread found a key present and acted on that; meanwhile somebody else had removed it."
            }
            _ => "A thread read a value and acted on that; meanwhile somebody else had written another.",
        }
    }

    /// What came of it.
    pub(crate) fn consequence(&self) -> String {
        let (acting, between) = (&self.acting.operation, &self.intervening.operation);
        match self.effect {
            Effect::Overwritten if self.severity == Severity::Hint => {
                format!("The `{acting}` of step 3 replaced the value that the `{between}` of step 2 left there.")
            }
            Effect::Removed if self.severity == Severity::Hint => {
                format!("The `{acting}` of step 3 removed the entry as the `{between}` of step 2 left it.")
            }
            Effect::Overwritten => {
                format!("What the `{between}` of step 2 wrote is lost: the `{acting}` of step 3 replaced it unseen.")
            }
            Effect::Removed => {
                format!("What the `{between}` of step 2 wrote is lost: the `{acting}` of step 3 removed it unseen.")
            }
            Effect::Revived => format!(
                "The entry that the `{between}` of step 2 removed is back: the `{acting}` of step 3 inserted it again."
            ),
            Effect::Altered => format!(
                "The `{acting}` of step 3 has the value of step 2 before it. Where it writes what it computed from step 1, step 2 is lost."
            ),
            Effect::Missed => format!(
                "The `{acting}` of step 3 found nothing: whoever made step 2 has the value of step 1 in place of the one it replaced."
            ),
        }
    }

    /// What to do.
    pub(crate) fn advice(&self) -> &'static str {
        match self.effect {
            Effect::Missed => "decide by one `entry` call before anything is written, or hold one lock over all of it.",
            Effect::Altered => "compute from the value inside the `get_mut`, or hold one lock over both calls.",
            _ if self.map.type_name.starts_with(CHECKED_MAP) => {
                "make the check and the write one call (`entry`, or `write()` around both), or hold one lock over both."
            }
            _ => "make the check and the write one call (`entry`), or hold one lock over both.",
        }
    }
}

/// Without a line end.
impl fmt::Display for Suspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        writeln!(f, "{} No two accesses overlapped.", self.sentence())?;
        writeln!(f, "  map: {}, made at {}", self.map.type_name, self.map.created)?;
        writeln!(f, "  from the lookup to the write: {:.1?}", Duration::from_nanos(self.elapsed))?;
        if self.count > 1 {
            writeln!(f, "  seen: {} times between these three sites so far", self.count)?;
        }
        write_seed(f, self.hunt_seed)?;
        for (number, side) in (1..).zip([&self.lookup, &self.intervening, &self.acting]) {
            write!(f, "\n{number}. {side}\n")?;
        }
        write!(f, "\n{}\nNext: {}", self.consequence(), self.advice())?;
        f.write_str(
            "\nIf it is meant: `checkedmap::stale::intended` around step 3 (`intended_async` in async code), or \
             `set_stale_checks(false)` on the map.",
        )?;
        if self.severity == Severity::Hint {
            f.write_str("\nA hint only: the program may have taken step 2 into account.")?;
        }
        Ok(())
    }
}

/// Without a line end.
impl fmt::Display for SuspectRepeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, kind, count, .. } = self;
        let severity = self.severity.unwrap_or(Severity::Suspect);
        write!(f, "checkedmap: {kind} {severity}s")?;
        if let Some(map) = &self.map {
            write!(f, " on {map}")?;
        }
        write!(f, ": {count} more like suspect {number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn three_numbered_steps() {
        insta::assert_snapshot!(sample::suspect(), @r"
        checkedmap: stale_check suspect on `sessions` (suspect 3)
        A thread found a key absent and acted on that; meanwhile somebody else had inserted it. No two accesses overlapped.
          map: (u64, staging::Session), made at src/main.rs:12:9
          from the lookup to the write: 41.2µs
          seen: 2 times between these three sites so far

        1. lookup: `get` (read) at src/login.rs:30:9
          by thread 'worker-1' (4702)
          no stack: stacks are switched off (CHECKEDMAP_BACKTRACE=off)

        2. intervening: `insert` (write) at src/janitor.rs:42:9
          by thread '<unnamed>' (4701)
          stack as it came:
            … 1 frame of std and dependencies
            staging::janitor::sweep at src/janitor.rs:42:9

        3. acting: `insert` (write) at src/login.rs:33:9
          by thread 'worker-1' (4702)
          for trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7, task 19, tenant=acme
          stack as it came:
            staging::login::store at src/login.rs:33:9
            staging::login::handler at src/login.rs:20:9
            … 2 frames of std and dependencies
            staging::main at src/main.rs:8:9
            … 1 frame of std and dependencies

        What the `insert` of step 2 wrote is lost: the `insert` of step 3 replaced it unseen.
        Next: make the check and the write one call (`entry`), or hold one lock over both.
        If it is meant: `checkedmap::stale::intended` around step 3 (`intended_async` in async code), or `set_stale_checks(false)` on the map.
        ");
    }

    #[test]
    fn only_a_map_that_can_be_lent_as_a_whole_is_advised_to() {
        let advice = |type_name: &str| {
            let mut suspect = sample::suspect();
            suspect.map.type_name = type_name.to_owned();
            suspect.advice()
        };
        assert!(advice(std::any::type_name::<crate::CheckedMap<u8, u8>>()).contains("`write()` around both"));
        let std_like = advice(std::any::type_name::<crate::hash_map::HashMap<u8, u8>>());
        assert!(std_like.contains("`entry`") && !std_like.contains("write()"), "{std_like}");
    }

    #[test]
    fn a_hint_says_that_it_is_one() {
        let mut suspect = sample::suspect();
        (suspect.severity, suspect.effect, suspect.found) = (Severity::Hint, Effect::Altered, Found::Value);
        suspect.acting.operation = "get_mut".to_owned();
        let text = suspect.to_string();
        assert!(text.starts_with("checkedmap: stale_check hint on `sessions` (suspect 3)\n"), "{text}");
        assert!(text.contains("compute from the value inside the `get_mut`"), "{text}");
        assert!(text.ends_with("A hint only: the program may have taken step 2 into account."), "{text}");
    }

    #[test]
    fn a_hunt_is_told_with_its_seed() {
        let suspect = crate::report::Suspect { hunt_seed: Some(7), ..sample::suspect() };
        let text = suspect.to_string();
        assert!(text.contains("\n  hunt: CHECKEDMAP_HUNT_SEED=7 makes its choices again\n\n1. lookup"), "{text}");
    }

    #[test]
    fn a_hint_does_not_say_that_anything_is_lost() {
        for (found, effect) in [
            (Found::Absent, Effect::Removed),
            (Found::Absent, Effect::Overwritten),
            (Found::Value, Effect::Removed),
            (Found::Value, Effect::Overwritten),
            (Found::Value, Effect::Revived),
        ] {
            let text = Suspect { severity: Severity::Hint, effect, found, ..sample::suspect() }.to_string();
            assert!(!text.contains("lost") && !text.contains("unseen"), "{text}");
        }
    }

    #[test]
    fn a_count_names_the_suspect_it_belongs_to() {
        let repeat = sample::suspect_repeat();
        let text = repeat.to_string();
        assert_eq!(text, "checkedmap: stale_check suspects on `sessions`: 12 more like suspect 3");
        let text = SuspectRepeat { severity: Some(Severity::Hint), ..repeat }.to_string();
        assert_eq!(text, "checkedmap: stale_check hints on `sessions`: 12 more like suspect 3");
    }
}
