//! What a report tells its reader to do next.

use std::fmt;

use super::{Report, StackTrace};
use crate::conflict::ConflictKind;
use crate::conflict::trace::Missing;
use crate::policy::Mode;

impl Report {
    /// What to do next.
    pub(crate) fn advice(&self) -> impl fmt::Display {
        fmt::from_fn(|f| self.write_advice(f))
    }

    pub(super) fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inside = self.holder.as_ref().map_or_else(
            || "the access inside".to_owned(),
            |holder| format!("the `{}` of {}", holder.operation, holder.site),
        );
        match self.kind {
            ConflictKind::Reentrant => {
                write!(f, "end {inside} before the `{}` of {}.", self.contender.operation, self.contender.site)
            }
            ConflictKind::Deadlock => f.write_str(
                "ask for these maps in one order everywhere, or drop the first guard before the second call.",
            ),
            ConflictKind::StuckWait if self.holder.as_ref().is_some_and(|holder| holder.thread.ended) => {
                write!(
                    f,
                    "find where the guard of {inside} is forgotten: its thread has ended, so nothing will drop it."
                )
            }
            ConflictKind::StuckWait => {
                write!(f, "shorten {inside}: drop its guard before anything that blocks or awaits.")
            }
            ConflictKind::WriteWrite | ConflictKind::ReadWrite | ConflictKind::IterateWrite => {
                f.write_str("give the two sites one lock or one owner.")?;
                self.other_mode(f)
            }
        }
    }

    fn other_mode(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode {
            Mode::Panic | Mode::Abort => {
                write!(
                    f,
                    " To keep serving meanwhile: {} waits, `fallback` in its place locks",
                    self.setting(Mode::Log)
                )?;
            }
            Mode::Log => write!(f, " To stop where it happens: {}", self.setting(Mode::Panic))?,
            Mode::Fallback => write!(f, " To see every conflict of it: {}", self.setting(Mode::Log))?,
        }
        // A report does not tell where its mode came from, and the program's word beats the variable's.
        f.write_str(", unless the program sets the mode itself.")
    }

    /// How to set a mode for this map alone, or for all where it has no name that the variable can spell.
    fn setting(&self, mode: Mode) -> String {
        match self.map.name.as_deref() {
            Some(name) if !name.is_empty() && name.trim() == name && !name.contains([',', '\n']) => {
                format!("`{name}={mode}` in CHECKEDMAP_MODE")
            }
            _ => format!("`CHECKEDMAP_MODE={mode}`"),
        }
    }

    /// How to get the stacks that are missing.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        let sides = self.holder.iter().chain([&self.contender]);
        let reasons = sides.filter_map(|side| match side.stack {
            StackTrace::Taken { .. } => None,
            StackTrace::Missing { reason } => Some(reason),
        });
        reasons
            .filter_map(|reason| match reason {
                Missing::Disabled => Some("CHECKEDMAP_BACKTRACE=conflict takes both."),
                Missing::StillInside => {
                    Some("CHECKEDMAP_BACKTRACE=always keeps the stack of entry; a longer CHECKEDMAP_EVIDENCE_MS waits for the holder.")
                }
                Missing::ThreadEnded | Missing::AlreadyLeft => {
                    Some("CHECKEDMAP_BACKTRACE=always keeps the stack of entry.")
                }
                Missing::SameThread | Missing::Unnamed => None,
            })
            .next()
    }
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

    #[test]
    fn a_name_the_variable_cannot_spell_is_not_suggested() {
        let mut report = sample::report();
        report.map.name = Some("a,b".to_owned());
        assert!(report.to_string().contains(": `CHECKEDMAP_MODE=panic`, unless"), "{report}");
    }
}
