//! A place in the source, of this run or of an earlier one.

use std::borrow::Cow;
use std::fmt;

use super::scatter::scatter;
use crate::access::Site;
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
    fn places_have_numbers_of_their_own() {
        assert_ne!(key_of("a", 1, 2), key_of("a", 2, 1));
        assert_ne!(key_of("a", 1, 2), key_of("a\0", 1, 2));
    }
}
