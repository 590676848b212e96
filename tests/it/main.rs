//! Public behaviour, one module per subject.
mod cell;
mod guards_oracle;
mod map_conflicts;
mod map_foreign;
mod map_guards;
mod map_oracle;
mod map_traits;
mod map_user_code;
