//! Properties and oracles of the public interface. Real CIFAR files are looked at only where `CARS_DATA` names the
//! folder that holds them; everything else is generated or written here.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // Tests write their own bad files.

mod builtin;
mod bytes;
mod cifar;
mod cifar_real;
mod damaged;
mod fetch;
mod files;
mod folder;
mod idx;
mod idx_bytes;
mod inspect;
mod loader;
mod tiny_models;
