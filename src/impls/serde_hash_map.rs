//! serde's traits for the std-signature map, which is written as std's is.

use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::access::{Access, Operation};
use crate::hash_map::HashMap;

/// How many entries room is made for on the word of the input, which may lie.
const TRUSTED: usize = 4096;

/// One read, until the map is written out.
impl<K: Serialize, V: Serialize, S> Serialize for HashMap<K, V, S> {
    #[track_caller]
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        self.look(Access::here(Operation::Serialize), |table| {
            serializer.collect_map(table.iter().map(|(key, value)| (key, value)))
        })
    }
}

impl<'de, K, V, S> Deserialize<'de> for HashMap<K, V, S>
where
    K: Deserialize<'de> + Eq + Hash,
    V: Deserialize<'de>,
    S: BuildHasher + Default,
{
    #[track_caller]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Made here, so that reports name this call as the place.
        let map = Self::default();
        deserializer.deserialize_map(Entries { map, read: PhantomData })
    }
}

/// Fills a map as the entries are read.
struct Entries<'de, K, V, S> {
    map: HashMap<K, V, S>,
    read: PhantomData<&'de ()>,
}

impl<'de, K, V, S> Visitor<'de> for Entries<'de, K, V, S>
where
    K: Deserialize<'de> + Eq + Hash,
    V: Deserialize<'de>,
    S: BuildHasher,
{
    type Value = HashMap<K, V, S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Self::Value, A::Error> {
        self.map.reserve(entries.size_hint().unwrap_or(0).min(TRUSTED));
        while let Some((key, value)) = entries.next_entry()? {
            self.map.insert(key, value);
        }
        Ok(self.map)
    }
}
