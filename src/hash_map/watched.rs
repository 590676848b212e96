//! What a map that is watched for stale checks does besides.
//!
//! Nothing here is on the way of an access that is not watched: whether it is, its permit knows, which has been looked at
//! anyway.

use super::body::{Reading, Writing};
use crate::access::{Access, Operation};
use crate::stale::{Act, Seen, Suspect};

/// Remembers a lookup and ends the access. It is taken by value, as below: one whose address is passed on could not stay in
/// registers.
#[cold]
#[inline(never)]
pub(super) fn look<K, V>(reading: Reading<'_, K, V>, hash: u64, found: bool, access: Access) {
    let seen = match access.operation {
        Operation::ContainsKey => Seen::presence(found),
        _ => Seen::value(found),
    };
    reading.permit().saw(hash, seen, access);
}

/// Remembers what was done to a key and ends the access; then tells what is suspect of it.
#[cold]
#[inline(never)]
pub(super) fn act<K, V>(writing: Writing<'_, K, V>, hash: u64, act: Act, access: Access) {
    let suspect = writing.permit().did(hash, act, access);
    drop(writing);
    if let Some(suspect) = suspect {
        suspect.tell();
    }
}

/// [`act`] for keys whose values are lent together.
#[cold]
#[inline(never)]
pub(super) fn lend_each<K, V, const N: usize>(
    writing: Writing<'_, K, V>,
    hashes: [u64; N],
    found: [bool; N],
    access: Access,
) {
    let judge = |(hash, found)| writing.permit().did(hash, Act::GetMut { found }, access);
    let suspects: Vec<_> = hashes.into_iter().zip(found).filter_map(judge).collect();
    drop(writing);
    suspects.into_iter().for_each(Suspect::tell);
}
