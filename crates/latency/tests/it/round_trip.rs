//! What is written is read back, bit for bit.

use latency::{LayerKey, Precision, Table};
use proptest::prelude::*;
use space::{MacroPlan, Plan, SeparableRepeats, Style, named};

use crate::{imaginary, key, milliseconds, plan};

#[test]
fn both_forms_hold_every_layer_of_the_published_networks() {
    let macro_plans = [
        MacroPlan::search(),
        MacroPlan::cifar(),
        MacroPlan::imagenet(),
        MacroPlan { separable: SeparableRepeats::One, ..MacroPlan::search() },
    ];
    let plans: Vec<Plan> = named::all()
        .iter()
        .flat_map(|named| macro_plans.iter().map(|plan| Plan::stand_alone(&named.genotype, plan).unwrap()))
        .collect();
    let table = imaginary(&plans);
    assert!(table.layers.len() > 200, "{}", table.layers.len());
    assert_eq!(Table::from_json(&table.to_json()), Ok(table.clone()));
    assert_eq!(Table::from_csv(&table.to_csv()), Ok(table.clone()));
    for layer in plans.iter().flat_map(|plan| plan.layers.iter().chain(&plan.auxiliary)) {
        let key = LayerKey::of(layer).unwrap();
        assert_eq!(key.to_string().parse(), Ok(key));
    }
}

#[test]
fn keys_tell_apart_what_differs_and_nothing_else() {
    let cars = plan("cars-i");
    let keys = imaginary(std::slice::from_ref(&cars)).layers;
    assert!(keys.contains_key(&key("stem_conv/s1/32x32x3/32x32x48")));
    assert!(keys.contains_key(&key("global_pool_classifier/8x8x256/1x1x10")));
    assert!(keys.contains_key(&key("sep_conv_3x3/s1/32x32x16/32x32x16")));
    // Two cells of equal size differ in their sites only.
    assert!(keys.len() < cars.layers.len() / 2, "{} {}", keys.len(), cars.layers.len());
    // The separable form matters to separable convolutions alone.
    let once = MacroPlan { separable: SeparableRepeats::One, ..MacroPlan::search() };
    let once = Plan::stand_alone(&named::find("cars-i").unwrap().genotype, &once).unwrap();
    for key in imaginary(&[once]).layers.keys() {
        let text = key.to_string();
        assert_eq!(text.contains("_once/"), text.contains("sep_conv"), "{text}");
        assert_eq!(keys.contains_key(key), !text.contains("sep_conv"), "{text}");
    }
}

proptest! {
    #[test]
    fn any_table_survives_both_forms(
        device in ".*",
        counts in (1_u32.., 1_u32.., 0_u32..),
        precision in 0..4_usize,
        shared in any::<bool>(),
        times in prop::collection::vec(0.0..f64::MAX, 1..20),
    ) {
        let mut table = imaginary(&[plan("cars-a")]);
        table.conditions.device = device;
        table.conditions.threads = counts.0;
        table.conditions.batch = counts.1;
        table.conditions.warm_up = counts.2;
        table.conditions.precision = Precision::ALL[precision];
        table.conditions.network = if shared { Style::Shared } else { Style::StandAlone };
        table.overhead = milliseconds(times[0]);
        for (time, new) in table.layers.values_mut().zip(&times) {
            *time = milliseconds(*new).into();
        }
        prop_assert_eq!(Table::from_json(&table.to_json()), Ok(table.clone()));
        prop_assert_eq!(Table::from_csv(&table.to_csv()), Ok(table));
    }
}
