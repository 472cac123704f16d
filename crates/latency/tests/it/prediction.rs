//! The look-up model: a sum, exact about what it lacks.

use latency::{LatencyError, LatencyModel, LayerKey};
use pareto::reference::das_dennis;
use pareto::{Objectives, nsga2, nsga3};
use proptest::prelude::*;
use random::{Purpose, stream};
use space::{
    Cell, DartsSpace, Genotype, MacroPlan, NodeIndex, Plan, Primitive, SearchSpace, Site, Style, named,
};

use crate::{imaginary, key, milliseconds, plan};

#[test]
fn a_prediction_is_the_sum_over_all_layers() {
    let space = DartsSpace::with_none();
    let plans: Vec<Plan> = (0..40)
        .map(|index| {
            let genotype = space.sample(&mut stream(1, Purpose::Test, 0, index));
            Plan::stand_alone(&genotype, &MacroPlan::search()).unwrap()
        })
        .collect();
    let table = imaginary(&plans);
    let model = LatencyModel::look_up(&table);
    for plan in &plans {
        let needed = plan.needed_layers().into_iter();
        let worked = needed.filter(|layer| LayerKey::of(layer).is_some());
        let elements: usize =
            worked.map(|layer| layer.input_shape.elements() + layer.output_shape.elements()).sum();
        // Multiples of 1/1024 add up exactly.
        assert_eq!(model.predict(plan).unwrap().time, milliseconds(0.5 + elements as f64 / 1024.0));
    }
}

#[test]
fn a_constant_or_another_unit_changes_no_order() {
    let plans: Vec<Plan> = named::all()
        .iter()
        .map(|named| Plan::stand_alone(&named.genotype, &MacroPlan::search()).unwrap())
        .collect();
    let table = imaginary(&plans);
    let order = |table| {
        let model = LatencyModel::look_up(&table);
        let mut order: Vec<usize> = (0..plans.len()).collect();
        let times: Vec<f64> = plans.iter().map(|plan| model.predict(plan).unwrap().time.get()).collect();
        order.sort_by(|&a, &b| times[a].total_cmp(&times[b]));
        order
    };
    let expected = order(table.clone());
    let mut shifted = table.clone();
    shifted.overhead = milliseconds(1000.0);
    assert_eq!(order(shifted), expected);
    let mut seconds = table;
    seconds.overhead = milliseconds(seconds.overhead.get() / 1024.0);
    for time in seconds.layers.values_mut() {
        *time = milliseconds(time.median.get() / 1024.0).into();
    }
    assert_eq!(order(seconds), expected);
}

proptest! {
    /// Survivors do not change when every latency grows by the same time, or is given in another unit. Numbers are
    /// multiples of powers of two, so that rounding has no say in it.
    #[test]
    fn a_constant_or_another_unit_changes_no_selection(
        rows in prop::collection::vec((0_u32..64, 1_u32..4096), 8..40),
        constant in 0_u32..1024,
        unit in -10_i32..10,
        seed in any::<u64>(),
    ) {
        let select = |latency: &dyn Fn(u32) -> f64| {
            let values: Vec<f64> =
                rows.iter().flat_map(|&(error, time)| [f64::from(error) / 64.0, latency(time)]).collect();
            let objectives = Objectives::new(&values, 2).unwrap();
            let points = das_dennis(2, 7);
            let draws = || stream(seed, Purpose::Test, 0, 0);
            let keep = rows.len() / 2;
            let mut nsga3 = nsga3::select(&objectives, keep, &points, &mut draws());
            nsga3.sort_unstable();
            (nsga3, nsga2::select(&objectives, keep))
        };
        let plain = select(&|time| f64::from(time) / 1024.0);
        prop_assert_eq!(&plain, &select(&|time| f64::from(time + constant * 1024) / 1024.0));
        prop_assert_eq!(&plain, &select(&|time| f64::from(time) / 1024.0 * 2.0_f64.powi(unit)));
    }
}

#[test]
fn all_missing_layers_are_listed_once_and_at_once() {
    let cars = plan("cars-a");
    let mut table = imaginary(std::slice::from_ref(&cars));
    let gone = ["global_pool_classifier/8x8x256/1x1x10", "relu_conv_bn/32x32x48/32x32x16"].map(key);
    for key in &gone {
        assert!(table.layers.remove(key).is_some());
    }
    let LatencyError::Missing { missing, .. } = LatencyModel::look_up(&table).predict(&cars).unwrap_err()
    else {
        panic!("layers are missing");
    };
    let mut expected = gone.to_vec();
    expected.sort_unstable();
    assert_eq!(missing, expected);
    table.conditions.device = String::from("phone");
    let error = LatencyModel::look_up(&table).predict(&cars).unwrap_err().to_string();
    assert!(error.starts_with("the table of device `phone` lacks 2 layers of the plan: "), "{error}");
    assert!(gone.iter().all(|key| error.contains(&key.to_string())), "{error}");
}

#[test]
fn the_other_style_is_refused() {
    let cars = named::find("cars-a").unwrap();
    let table = imaginary(&[plan("cars-a")]);
    let path = Plan::path(&cars.genotype, &MacroPlan::search()).unwrap();
    let error = LatencyModel::look_up(&table).predict(&path).unwrap_err();
    assert_eq!(error, LatencyError::Network { table: Style::StandAlone, plan: Style::Shared });
    assert!(error.to_string().contains("stand-alone layers, the plan of shared"), "{error}");
}

#[test]
fn what_nothing_depends_on_takes_no_time() {
    let edge = |primitive, input| space::Edge { primitive, input: NodeIndex(input) };
    let edges = [edge(Primitive::None, 0), edge(Primitive::SkipConnect, 1)];
    let cell = Cell::from_edges(&edges, vec![NodeIndex(2)]).unwrap();
    let genotype = Genotype { normal: cell.clone(), reduction: cell };
    let plan = Plan::stand_alone(&genotype, &MacroPlan::search()).unwrap();
    let table = imaginary(std::slice::from_ref(&plan));
    // No cell reads its first input, so what prepares it is not needed either.
    let is_dead = |site| matches!(site, Site::Preprocess { input: 0, .. });
    let time = |layer| LayerKey::of(layer).map_or(0.0, |key| table.layers[&key].median.get());
    let sum = |dead: bool| -> f64 {
        plan.layers.iter().filter(|layer| is_dead(layer.site) == dead).map(time).sum()
    };
    assert!(sum(true) > 0.0);
    let predicted = LatencyModel::look_up(&table).predict(&plan).unwrap().time;
    assert_eq!(predicted.get(), table.overhead.get() + sum(false));
}
