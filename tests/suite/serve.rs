//! The service over sockets, as processes of its own, on both databases.

mod look;
mod order;
mod submit;
mod survival;
