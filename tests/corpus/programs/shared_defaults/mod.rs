//! One map behind what looks like many.

mod copy_per_request;
mod headers_filtered_in_place;
mod headers_of_one_client;
mod labels_of_all_resources;
mod map_per_thread;
mod template_data;

programs! { "shared_defaults":
    copy_per_request
    headers_filtered_in_place
    headers_of_one_client
    labels_of_all_resources
    map_per_thread
    template_data
}
