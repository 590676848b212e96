//! Accesses as they are known from one run of a program to the next.

use super::place::{Place, place_key};
use crate::access::{Access, Operation};

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
    use crate::access::Site;

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
    }
}
