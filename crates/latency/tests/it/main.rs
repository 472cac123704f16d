//! Properties of latency tables and of the look-up model, on the published genotypes. Nothing is timed here.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod bad_tables;
mod bytes;
mod correction;
mod devices;
mod prediction;
mod round_trip;

use std::convert::Infallible;

use latency::{Conditions, LayerKey, Milliseconds, Precision, Probe, Table, Time, measure};
use space::{Layer, MacroPlan, Plan, Style, named};

/// A device on which a layer takes a microsecond for each thousand elements it reads or writes.
struct Imaginary;

impl Probe for Imaginary {
    type Error = Infallible;

    fn time(&mut self, layer: &Layer) -> Result<Time, Infallible> {
        let elements = layer.input_shape.elements() + layer.output_shape.elements();
        Ok(milliseconds(elements as f64 / 1024.0).into())
    }

    fn conditions(&self) -> Conditions {
        Conditions {
            device: "imaginary, \"quoted\"\nand broken".to_owned(),
            threads: 2,
            batch: 4,
            precision: Precision::Bf16,
            warm_up: 0,
            repeats: 3,
            network: Style::StandAlone,
            frame: MacroPlan::search(),
            software: "none, version 0".to_owned(),
            date: "2026-11-25".to_owned(),
        }
    }
}

fn milliseconds(value: f64) -> Milliseconds {
    Milliseconds::new(value).unwrap()
}

fn plan(name: &str) -> Plan {
    Plan::stand_alone(&named::find(name).unwrap().genotype, &MacroPlan::search()).unwrap()
}

fn imaginary(plans: &[Plan]) -> Table {
    measure(&mut Imaginary, plans, milliseconds(0.5)).unwrap()
}

fn key(text: &str) -> LayerKey {
    text.parse().unwrap()
}
