//! Thread pools and parallel loops.

mod jobs_behind_one_lock;
mod own_maps_merged;
mod parallel_loop;
mod parallel_test_cases;
mod plugins_loaded_in_parallel;
mod threads_one_after_another;

programs! { "pools":
    jobs_behind_one_lock
    own_maps_merged
    parallel_loop
    parallel_test_cases
    plugins_loaded_in_parallel
    threads_one_after_another
}
