//! What whole networks add to the sum of their layers: learned where there are networks enough, judged on others.

use latency::{LatencyModel, LayerKey, MeasuredNetwork, Table};
use random::{Purpose, stream};
use space::{DartsSpace, LayerKind, MacroPlan, Plan, Primitive, SearchSpace};

use crate::{imaginary, milliseconds};

/// A device whose networks take 2 ms and once more as long for each separable convolution as the layer alone.
fn table(networks: usize) -> Table {
    let space = DartsSpace::new();
    let genotypes = (0..networks as u64).map(|index| space.sample(&mut stream(5, Purpose::Test, 0, index)));
    let genotypes: Vec<_> = genotypes.collect();
    let plans: Vec<Plan> = genotypes.iter().map(plan).collect();
    let mut table = imaginary(&plans);
    for (index, genotype) in genotypes.into_iter().enumerate() {
        let time = milliseconds(true_time(&table, &plans[index])).into();
        table.networks.push(MeasuredNetwork { name: format!("random {index}"), genotype, time });
    }
    table
}

fn plan(genotype: &space::Genotype) -> Plan {
    Plan::stand_alone(genotype, &MacroPlan::search()).unwrap()
}

fn true_time(table: &Table, plan: &Plan) -> f64 {
    let time = |key: LayerKey| {
        let separable = [Primitive::SepConv3x3, Primitive::SepConv5x5];
        let slow =
            matches!(key.kind(), LayerKind::Primitive { primitive, .. } if separable.contains(&primitive));
        table.layers[&key].median.get() * if slow { 2.0 } else { 1.0 }
    };
    2.0 + plan.layers.iter().filter_map(LayerKey::of).map(time).sum::<f64>()
}

#[test]
fn an_overhead_and_a_slow_kind_are_learned() {
    let table = table(30);
    let model = LatencyModel::fit(&table).unwrap();
    let fit = model.fitted().unwrap();
    assert_eq!(fit.report.networks, 30);
    assert!(fit.report.median_error < 0.003 && fit.report.spearman > 0.99, "{}", fit.report);
    // Every network has as many edges, so the overhead cannot be told from a factor on all of them: only differences can.
    let twice = fit.corrections["sep_conv_3x3"] - fit.corrections["dil_conv_3x3"];
    assert!((twice - 1.0).abs() < 0.1, "{:?}", fit.corrections);
    assert!(fit.additivity.ratio > 1.1 && fit.additivity.spread > 0.01, "{:?}", fit.additivity);
    // A network that was not measured.
    let other = plan(&DartsSpace::new().sample(&mut stream(6, Purpose::Test, 0, 0)));
    let prediction = model.predict(&other).unwrap();
    let truth = true_time(&table, &other);
    assert!((prediction.time.get() / truth - 1.0).abs() < 0.01, "{prediction:?} {truth}");
    let [low, high] = prediction.interval.unwrap();
    assert!(low <= prediction.time && prediction.time <= high);
    // The plain sum is further off.
    let plain = LatencyModel::look_up(&table).predict(&other).unwrap();
    assert!((plain.time.get() / truth - 1.0).abs() > 0.05 && plain.interval.is_none());
}

#[test]
fn few_networks_teach_nothing() {
    let model = LatencyModel::fit(&table(9)).unwrap();
    assert!(model.fitted().is_none());
}

#[test]
fn the_fit_stands_in_the_file_and_is_made_anew() {
    let text = table(12).to_json();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["fit"]["report"]["networks"], 12);
    let forged = text.replace("\"median_error\": ", "\"median_error\": 9");
    assert_ne!(forged, text);
    assert_eq!(Table::from_json(&forged).unwrap().to_json(), text);
}

#[test]
fn a_gap_is_interpolated_and_marked() {
    let mut table = table(12);
    let network = plan(&table.networks[0].genotype);
    let whole = LatencyModel::fit(&table).unwrap().predict_with_gaps(&network).unwrap();
    assert_eq!(whole.interpolated, []);
    table.networks.clear();
    let known = LatencyModel::look_up(&table).predict(&network).unwrap().time.get();
    let gap: LayerKey = "relu_conv_bn/16x16x128/16x16x32".parse().unwrap();
    assert!(table.layers.remove(&gap).is_some());
    let model = LatencyModel::look_up(&table);
    assert!(model.predict(&network).is_err());
    let guess = model.predict_with_gaps(&network).unwrap();
    assert_eq!(guess.interpolated, [gap]);
    assert!((guess.time.get() / known - 1.0).abs() < 0.1, "{} {known}", guess.time);
    // A kind of which nothing is known cannot be guessed.
    table.layers.retain(|key, _| key.kind() != LayerKind::ReluConvBn);
    let error = LatencyModel::look_up(&table).predict_with_gaps(&network).unwrap_err().to_string();
    assert!(error.contains("cars profile --plan search") && error.contains("relu_conv_bn"), "{error}");
}
