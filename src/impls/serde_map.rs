//! serde's traits: a map is written as a map, a cell as its value.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::access::Operation;
use crate::cell::CheckedCell;
use crate::map::CheckedMap;

/// One read, open until the map is written out.
impl<K: Serialize, V: Serialize, S> Serialize for CheckedMap<K, V, S> {
    #[track_caller]
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        self.lend_as(Operation::Serialize).serialize(serializer)
    }
}

impl<'de, K, V, S> Deserialize<'de> for CheckedMap<K, V, S>
where
    K: Deserialize<'de> + Eq + Hash,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
{
    #[track_caller]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        HashMap::deserialize(deserializer).map(Self::from)
    }
}

/// One read, open until the value is written out.
impl<T: ?Sized + Serialize> Serialize for CheckedCell<T> {
    #[track_caller]
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        self.read_as(Operation::Serialize).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for CheckedCell<T> {
    #[track_caller]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}
