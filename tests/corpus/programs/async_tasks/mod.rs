//! Tasks of an async runtime.

mod actor;
mod blocking_job_beside_tasks;
mod lock_of_the_runtime;
mod one_thread;
mod tasks_of_a_mesh;

programs! { "async_tasks":
    actor
    blocking_job_beside_tasks
    lock_of_the_runtime
    one_thread
    tasks_of_a_mesh
}
