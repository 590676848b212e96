//! The hunter with a clock of the test's own.
