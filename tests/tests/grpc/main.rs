//! gRPC: a real tonic server behind the layer, asked by a real tonic client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod in_flight;
mod program;
mod refusals;
mod speech;
mod stage;
