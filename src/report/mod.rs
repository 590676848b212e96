pub(crate) mod observation;
pub(crate) use observation::*;
use std::sync::Arc;
use std::time::Duration;
pub(crate) struct Key { pub(crate) subject: u64, pub(crate) kind: crate::ConflictKind, pub(crate) contender: crate::Site, pub(crate) holder: Option<crate::Site> }
pub(crate) enum Verdict { First(u64), Repeat { number: u64, nth: u64 } }
pub(crate) fn detect(_: Key) -> Verdict { Verdict::First(1) }
pub(crate) fn submit(_: u64, o: Observation) { eprintln!("{}", o.conflict); }
pub(crate) fn raise(_: u64, o: Observation) -> Arc<String> { Arc::new(o.conflict.to_string()) }
pub(crate) fn flush(_: Duration) -> Result<(), ()> { Ok(()) }
pub(crate) fn after_fork_in_child() {}
