//! An input's bytes as a list of steps.

use arbitrary::{Arbitrary, Unstructured};

/// As many steps as the bytes give. A `Vec` would toss a coin after each and be short nearly always.
#[derive(Debug)]
pub(crate) struct Steps<S>(pub(crate) Vec<S>);

impl<'a, S: Arbitrary<'a>> Arbitrary<'a> for Steps<S> {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut steps = Vec::new();
        while !bytes.is_empty() {
            steps.push(S::arbitrary(bytes)?);
        }
        Ok(Self(steps))
    }
}
