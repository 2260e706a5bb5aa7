//! The HTTP server, driven by raw sockets, by curl and by Python.

mod bodies;
mod clients;
mod closing;
mod cors;
mod descriptors;
mod methods;
mod sockets;
mod timeouts;
