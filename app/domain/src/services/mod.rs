//! What is a service, to the people who look after it?
//!
//! [`catalog`] reads what its repository says of it, in Backstage's descriptor format, so that an existing catalogue works
//! as it is.

pub mod catalog;
