//! Small programs written for std's map, from one text for both maps.
//!
//! `programs/` compile with `CheckedMap` for `HashMap` and give the same answers. `differences/` do not compile with it; the
//! page `checkedmap::docs::differences` gives the reasons.
#![allow(dead_code, unused_imports, unused_mut, unused_must_use, unreachable_pub)]
#![allow(clippy::all)]

use std::collections::BTreeSet;

macro_rules! with_std {
    ($folder:literal $name:ident) => {
        pub mod $name {
            use std::collections::{HashMap, hash_map};
            include!(concat!($folder, "/", stringify!($name), ".rs"));
        }
    };
}

macro_rules! with_ours {
    ($folder:literal $name:ident) => {
        pub mod $name {
            use checkedmap::prelude::*;
            use checkedmap::{CheckedMap as HashMap, map as hash_map};
            include!(concat!($folder, "/", stringify!($name), ".rs"));
        }
    };
}

macro_rules! both {
    ($($name:ident)*) => {
        mod theirs {
            $(with_std! { "programs" $name })*
        }

        mod ours {
            $(with_ours! { "programs" $name })*
        }

        const PROGRAMS: &[&str] = &[$(stringify!($name)),*];

        $(#[test]
        fn $name() {
            let expected = theirs::$name::run();
            assert!(!expected.is_empty());
            assert_eq!(ours::$name::run(), expected);
        })*
    };
}

macro_rules! only_std {
    ($($name:ident)*) => {
        mod only_theirs {
            $(with_std! { "differences" $name })*
        }

        const DIFFERENCES: &[&str] = &[$(stringify!($name)),*];

        #[test]
        fn differences_are_programs_for_std() {
            $(assert!(!only_theirs::$name::run().is_empty());)*
        }
    };
}

const PAGE: &str = include_str!("../../src/docs/differences.md");

fn files(folder: &str) -> BTreeSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drop_in").join(folder);
    let name = |file: std::fs::DirEntry| file.path().file_stem().unwrap().to_str().unwrap().to_owned();
    std::fs::read_dir(folder).unwrap().map(|file| name(file.unwrap())).collect()
}

#[test]
fn every_program_is_listed() {
    assert_eq!(files("programs"), PROGRAMS.iter().map(ToString::to_string).collect());
    assert_eq!(files("differences"), DIFFERENCES.iter().map(ToString::to_string).collect());
}

#[test]
fn the_page_states_the_share() {
    let (same, all) = (PROGRAMS.len(), PROGRAMS.len() + DIFFERENCES.len());
    let share = format!("{same} of {all} programs ({} %)", same * 100 / all);
    assert!(PAGE.contains(&share), "the page says: {share}");
}

#[test]
fn the_page_gives_a_reason_for_each_difference() {
    let rows: Vec<&str> = PAGE.lines().filter(|line| line.starts_with('|')).collect();
    for name in DIFFERENCES {
        assert_eq!(rows.iter().filter(|row| row.contains(&format!("`{name}`"))).count(), 1, "{name}");
    }
}

both! {
    adjacency_degree
    anagrams
    any_all
    assign_ids
    bank_accounts
    boxed_handlers
    cacher
    caesar_table
    capacity
    clone_and_compare
    codon_table
    collatz_cache
    config_defaults
    custom_hasher
    dependency_order
    difference_of_keys
    dijkstra
    dispatch_table
    double_values
    drain_batch
    entry_match
    entry_remove_at_zero
    enum_keys
    environment_scopes
    event_listeners
    extend_and_override
    extract_expired
    file_sizes
    filter_into_new
    game_of_life
    generic_function
    get_mut_push
    graph_bfs
    group_by_department
    group_by_length
    histogram
    http_headers
    id_generator
    intern
    invert
    is_anagram
    json_like
    key_value_struct
    letter_frequency
    login
    longest_window
    lru_cache
    majority
    markov
    mean_median_mode
    merge_sum
    min_max
    morse
    nested_maps
    option_chain
    partition_map
    phone_book
    query_string
    retain_adults
    retain_with_change
    rust_book_teams
    rwlock_registry
    shared_between_threads
    shopping_cart
    sorted_by_value
    sorted_keys
    sorted_pairs_by_key
    state_machine
    struct_keys
    student_grades
    sum_and_average
    tally_and_print
    template
    to_btreemap
    translate
    union_find
    variables
    word_count
}

only_std! {
    assertions
    book_reviews
    common_keys
    config_borrowed
    dna
    fibonacci_memo
    first_unique
    get_mut_if_let
    graph_dfs
    inventory
    invert_by_pattern
    key_by_max
    lookup_with_lifetime
    matrix_of_counts
    nested_lookup
    ransom_note
    roman_numerals
    scoreboard
    sparse_grid
    stairs_memo
    subarray_sums
    swap_two
    top_words
    topological_sort
    two_sum
    update_struct
    word_count_by_binding
}
