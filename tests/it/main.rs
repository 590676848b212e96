//! Public behaviour, one module per subject.
mod cell;
