//! The service over sockets, as processes of its own, on both databases.

mod deeds;
mod order;
mod submit;
mod survival;
