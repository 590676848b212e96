//! Traits of other crates, one file each.

#[cfg(feature = "rayon")]
mod rayon_hash_map;
#[cfg(feature = "rayon")]
mod rayon_map;
#[cfg(feature = "serde")]
mod serde_hash_map;
#[cfg(feature = "serde")]
mod serde_map;
