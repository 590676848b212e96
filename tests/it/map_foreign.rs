//! serde's and rayon's traits.

#[cfg(feature = "serde")]
mod serde {
    use checkedmap::{CheckedCell, CheckedMap};

    #[test]
    fn maps_and_cells_round_trip() {
        let map = CheckedMap::from([(String::from("a"), vec![1, 2])]);
        let text = serde_json::to_string(&map).unwrap();
        assert_eq!(text, r#"{"a":[1,2]}"#);
        assert_eq!(serde_json::from_str::<CheckedMap<String, Vec<u32>>>(&text).unwrap(), map);
        let cell: CheckedCell<Vec<u32>> = serde_json::from_str("[1,2]").unwrap();
        assert_eq!(*cell.read(), [1, 2]);
        assert_eq!(serde_json::to_string(&cell).unwrap(), "[1,2]");
    }

    #[test]
    fn what_does_not_read_back_is_an_error() {
        assert!(serde_json::from_str::<CheckedMap<String, u32>>(r#"{"a":"b"}"#).is_err());
    }

    #[test]
    fn writing_out_is_a_read() {
        // The value looks at the map that is being written out.
        static OUTER: std::sync::LazyLock<CheckedMap<u32, Witness>> =
            std::sync::LazyLock::new(|| CheckedMap::from([(1, Witness)]));
        struct Witness;
        impl ::serde::Serialize for Witness {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                assert!(OUTER.try_len().is_ok());
                let conflict = OUTER.try_clear().unwrap_err();
                assert_eq!(conflict.holder().unwrap().access.operation.as_str(), "serialize");
                serializer.serialize_unit()
            }
        }
        assert_eq!(serde_json::to_string(&*OUTER).unwrap(), r#"{"1":null}"#);
        OUTER.clear();
    }
}

#[cfg(feature = "rayon")]
mod rayon {
    use checkedmap::CheckedMap;
    use rayon::prelude::*;

    #[test]
    fn maps_are_made_filled_and_consumed_in_parallel() {
        let mut map: CheckedMap<u32, u32> = (0..1_000).into_par_iter().map(|n| (n, n * 2)).collect();
        map.par_extend((1_000..2_000).into_par_iter().map(|n| (n, n * 2)));
        assert_eq!(map.len(), 2_000);
        assert_eq!(map.into_par_iter().map(|(_, value)| u64::from(value)).sum::<u64>(), 1_999 * 2_000);
    }

    #[test]
    fn a_shared_map_is_walked_in_parallel_under_one_read() {
        let map: CheckedMap<u32, u32> = (0..1_000).map(|n| (n, 1)).collect();
        let whole = map.read();
        let sum: u32 = whole
            .par_iter()
            .map(|(_, value)| {
                assert!(map.try_write().is_err());
                *value
            })
            .sum();
        assert_eq!(sum, 1_000);
        drop(whole);
        assert!(map.try_write().is_ok());
    }
}
