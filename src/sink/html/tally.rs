//! How many suspects there were, and how many of what is only a hint.

use std::fmt;
use std::ops::Add;

use crate::report::Severity;

/// See the module's page. Printed as `1 suspect, 2 hints`; either is left out where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) suspects: u64,
    pub(super) hints: u64,
}

impl Tally {
    pub(super) fn of(severity: Severity, count: u64) -> Self {
        match severity {
            Severity::Hint => Self { suspects: 0, hints: count },
            Severity::Suspect => Self { suspects: count, hints: 0 },
        }
    }

    /// Both together, as the books have them.
    pub(super) fn total(self) -> u64 {
        self.suspects + self.hints
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { suspects: self.suspects + other.suspects, hints: self.hints + other.hints }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (count, noun) in [(self.suspects, "suspect"), (self.hints, "hint")] {
            if count > 0 {
                write!(f, "{separator}{count} {noun}{}", if count == 1 { "" } else { "s" })?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_none_of_is_left_out() {
        let [suspects, hints] = [Severity::Suspect, Severity::Hint].map(|severity| Tally::of(severity, 2));
        let printed = [suspects, hints, suspects + Tally::of(Severity::Hint, 1)].map(|tally| tally.to_string());
        assert_eq!(printed, ["2 suspects", "2 hints", "2 suspects, 1 hint"]);
        assert_eq!((suspects + hints).total(), 4);
    }
}
