//! Traits of other crates.
