//! Accesses as they are known from one run of a program to the next.

use std::borrow::Cow;
use std::fmt;

use crate::access::{Access, Operation, Site};
use crate::report::SourceSite;

/// A place in the source: a [`Site`], of this run or of an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    file: Cow<'static, str>,
    line: u32,
    column: u32,
}

impl From<Site> for Place {
    fn from(site: Site) -> Self {
        Self { file: Cow::Borrowed(site.file()), line: site.line(), column: site.column() }
    }
}

impl From<&Place> for SourceSite {
    fn from(place: &Place) -> Self {
        Self { file: place.file.clone().into_owned(), line: place.line, column: place.column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl Place {
    /// The inverse of `to_string`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.rsplitn(3, ':');
        let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
        let number = |digits: &str| digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let (line, column) = (number(line)?, number(column)?);
        (!file.is_empty()).then(|| Self { file: Cow::Owned(file.to_owned()), line, column })
    }

    pub(super) fn key(&self) -> u64 {
        key_of(&self.file, self.line, self.column)
    }
}

/// A number for a place that is the same in every run.
pub(super) fn place_key(site: Site) -> u64 {
    key_of(site.file(), site.line(), site.column())
}

fn key_of(file: &str, line: u32, column: u32) -> u64 {
    let words = file.as_bytes().chunks(8).map(|chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    });
    let text = words.fold(file.len() as u64, |sum, word| scatter(sum ^ word));
    scatter(text ^ (u64::from(line) << 32 | u64::from(column)))
}

/// Spreads a number over all 64 bits, so that neighbours have nothing in common (the finaliser of `splitmix64`).
pub(super) fn scatter(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// An operation at a place: one side of a pair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) operation: Operation,
    pub(crate) place: Place,
}

impl From<Access> for Spot {
    fn from(access: Access) -> Self {
        Self { operation: access.operation, place: access.site.into() }
    }
}

impl Spot {
    pub(super) fn key(&self) -> u64 {
        with_operation(self.place.key(), self.operation)
    }
}

/// A number for an access that is the same in every run.
pub(super) fn spot_key(access: Access) -> u64 {
    with_operation(place_key(access.site), access.operation)
}

fn with_operation(place: u64, operation: Operation) -> u64 {
    operation.as_str().bytes().fold(place, |sum, byte| sum.rotate_left(8) ^ u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_whatever_its_file_is_called() {
        for file in ["src/main.rs", "C:\\src\\main.rs", "odd:1:2 name.rs"] {
            let place = Place { file: Cow::Borrowed(file), line: 7, column: 9 };
            let again = Place::parse(&place.to_string()).expect("it reads back");
            assert_eq!((again.key(), &again), (place.key(), &place));
        }
        for text in ["", "src/main.rs", "src/main.rs:7", ":7:9", "src/main.rs:7:-9", "src/main.rs:7:+9", "a:b:c"] {
            assert_eq!(Place::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn places_and_operations_have_numbers_of_their_own() {
        let site = Site::caller();
        let get = Access::new(Operation::Get, site);
        assert_eq!(spot_key(get), Spot::from(get).key());
        let neighbours =
            [Access::new(Operation::Insert, site), Access::here(Operation::Get), Access::here(Operation::Get)];
        for other in neighbours {
            assert_ne!(spot_key(get), spot_key(other), "{other:?}");
        }
        assert_ne!(key_of("a", 1, 2), key_of("a", 2, 1));
        assert_ne!(key_of("a", 1, 2), key_of("a\0", 1, 2));
    }
}
