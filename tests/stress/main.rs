//! Many threads on one collection: run as it is, and under ThreadSanitizer and AddressSanitizer by `tests/sanitize/run`.
//!
//! Every scene keeps a relation that only holds while writes exclude everything else, and uses plain memory, so that the
//! sanitizers see an order that is missing.

mod cell;
mod dice;
mod hash_map;
mod map;
mod regimes;
mod rendezvous;
