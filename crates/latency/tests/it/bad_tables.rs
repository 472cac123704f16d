//! Bad tables: each refused with an error that names the place, never read as another table, never a panic.

use latency::{LatencyError, MeasuredNetwork, Place, Table};
use proptest::prelude::*;

use crate::{bytes, imaginary, milliseconds, plan};

fn small() -> Table {
    let mut table = imaginary(&[plan("cars-a")]);
    table.conditions.device = String::from("board");
    while table.layers.len() > 3 {
        table.layers.pop_last();
    }
    let named = space::named::find("cars-a").unwrap();
    table.networks = vec![MeasuredNetwork {
        name: named.name.to_owned(),
        genotype: named.genotype.clone(),
        time: milliseconds(2.0).into(),
    }];
    table
}

#[test]
fn csv_faults_are_named() {
    let good = small().to_csv();
    let lines: Vec<&str> = good.lines().collect();
    let with = |line: usize, text: &str| {
        let mut lines = lines.clone();
        lines[line - 1] = text;
        lines.join("\n") + "\n"
    };
    let check = |text: &str, expected: &str| {
        let error = Table::from_csv(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    };
    let layer = lines[13].split(',').next().unwrap();
    let cars = lines[17];
    check("", "line 1: the table ends too early, the format is missing");
    check(
        "index,arch\n0,1\n",
        "line 1: no latency table, expected the format `cars-latency-table`, found `index`",
    );
    check(
        &with(1, "cars-latency-table,1"),
        "line 1: the table has version `1`; this program reads version 2",
    );
    check(&with(3, "batch,1"), "line 3: expected the row `threads`, found `batch`");
    check(&with(3, "threads,0"), "line 3: expected a number of at least 1, found `0`");
    check(&with(4, "batch,-1"), "line 4: expected a whole number, found `-1`");
    check(&with(5, "precision,f64"), "line 5: expected one of f32, f16, bf16, i8, found `f64`");
    check(&with(7, "repeats,0"), "line 7: expected a number of at least 1, found `0`");
    check(&with(8, "network,phone"), "line 8: expected one of stand-alone, shared, found `phone`");
    check(&with(11, "frame,16"), "line 11: invalid type: integer `16`");
    check(
        &with(11, &lines[11 - 1].replace("16,", "0,")),
        "line 11: macro plan: `channels` must be between 1 and 1024",
    );
    check(&with(12, "overhead_ms,-3"), "line 12: -3 is no time in milliseconds");
    check(
        &with(13, "layer,seconds"),
        "line 13: expected the heading `layer,ms,spread_ms`, found `layer,seconds`",
    );
    check(&with(14, &format!("{layer},NaN,0")), "line 14: NaN is no time in milliseconds");
    check(&with(14, &format!("{layer},inf,0")), "line 14: inf is no time in milliseconds");
    check(&with(14, &format!("{layer},1,-0.5")), "line 14: -0.5 is no time in milliseconds");
    check(&with(14, &format!("{layer},fast,0")), "line 14: expected a number of milliseconds, found `fast`");
    check(&with(14, layer), "line 14: expected three fields");
    check(&with(15, "warp/s1/1x1x1/1x1x1,2,0"), "line 15: `warp/s1/1x1x1/1x1x1` is no layer key");
    check(&with(15, lines[13]), &format!("line 15: `{layer}` is listed a second time"));
    check(&with(18, "a,b,1,0"), "line 18: ");
    check(&(lines[..18].join("\n") + "\n" + cars), "line 19: `Genotype(");
    check(&with(19, "end,5"), "line 19: expected 4, the number of layers and networks above, found `5`");
    check(&(good.clone() + "more,1\n"), "line 19: expected the last row of the text");
    assert_eq!(Table::from_csv(&good.replace('\n', "\r\n")), Ok(small()));
}

#[test]
fn json_faults_are_named() {
    let good = small().to_json();
    let check = |from: &str, to: &str, expected: &str| {
        assert!(good.contains(from), "{from} is in {good}");
        let error = Table::from_json(&good.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    };
    check("cars-latency-table", "lut", "field `format`: no latency table");
    check(
        "\"version\": 2",
        "\"version\": 7",
        "field `version`: the table has version `7`; this program reads",
    );
    check("\"version\": 2", "\"version\": \"2\"", "field `version`: the table has version `\"2\"`");
    check("\"threads\": 2", "\"threads\": 0", "field `threads`: expected a number of at least 1");
    check("\"threads\": 2", "\"threads\": -2", "line 5: invalid value: integer `-2`");
    check("\"batch\": 4,", "", "line");
    check("\"batch\": 4", "\"batch\": 4, \"batches\": 4", "line 6: unknown field `batches`");
    check("\"bf16\"", "\"f8\"", "field `precision`: expected one of f32, f16, bf16, i8, found `f8`");
    check("\"stand-alone\"", "\"alone\"", "field `network`: expected one of stand-alone, shared");
    check("\"overhead_ms\": 0.5", "\"overhead_ms\": -0.5", "field `overhead_ms`: -0.5 is no time");
    check("\"overhead_ms\": 0.5", "\"overhead_ms\": NaN", "line 28: expected value");
    check("\"ms\": 2.0", "\"ms\": -2.0", "entry 1 of `networks`: -2 is no time");
    check("\"ms\": ", "\"ms\": 1e999, \"was\": ", "line");
    check("/32x32x3/", "/32x32/", "entry 1 of `layers`: `stem_conv");

    let mut doubled: serde_json::Value = serde_json::from_str(&good).unwrap();
    let layers = doubled["layers"].as_array_mut().unwrap();
    layers.push(layers[1].clone());
    let error = Table::from_json(&doubled.to_string()).unwrap_err();
    assert!(matches!(error, LatencyError::Duplicate { place: Place::Entry("layers", 4), .. }), "{error}");
}

#[test]
fn times_measured_elsewhere_are_checked() {
    let conditions = small().conditions;
    let read = |text: &str| Table::from_measured(text, conditions.clone());
    let key = "stem_conv/s1/32x32x3/32x32x48";
    let table = read(&format!("file,layer,ms,note\n1.onnx,{key},1.25,good\n")).unwrap();
    assert_eq!(table.layers[&key.parse().unwrap()], milliseconds(1.25).into());
    let check = |text: &str, expected: &str| {
        let error = read(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    };
    check("", "line 1: expected a column `layer`, found ``");
    check("layer,seconds\n", "line 1: expected a column `ms`, found `layer,seconds`");
    check("layer,ms\n", "line 1: the table ends too early, a measured layer is missing");
    check(&format!("layer,ms\n{key},\n"), "line 2: expected a number of milliseconds, found ``");
    check(&format!("layer,ms\n{key}\n"), "line 2: expected a number of milliseconds, found ``");
    check(&format!("layer,ms\n{key},NaN\n"), "line 2: NaN is no time in milliseconds");
    check(&format!("layer,ms\n{key},-1\n"), "line 2: -1 is no time in milliseconds");
    check(
        &format!("layer,ms\n{key},1\n{key},2\n"),
        "line 3: `stem_conv/s1/32x32x3/32x32x48` is listed a second",
    );
    check("layer,ms\nstem,1\n", "line 2: `stem` is no layer key");
}

#[test]
fn the_seed_of_the_fuzzer_is_good() {
    Table::from_json(include_str!("../../fuzz/seeds/tables/table.json")).unwrap();
}

#[test]
fn every_truncation_is_noticed() {
    let table = small();
    let (csv, json) = (table.to_csv(), table.to_json());
    // Only the final line break may be missing.
    for end in (0..csv.len() - 1).filter(|&end| csv.is_char_boundary(end)) {
        assert!(Table::from_csv(&csv[..end]).is_err(), "{end}");
    }
    for end in (0..json.len() - 1).filter(|&end| json.is_char_boundary(end)) {
        let error = Table::from_json(&json[..end]).unwrap_err();
        assert!(matches!(error, LatencyError::Truncated { .. }), "{end}: {error}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_table_or_an_error(text in "\\PC*") {
        bytes::check(text.as_bytes());
    }

    /// A few bytes of a good table are overwritten, cut out or doubled.
    #[test]
    fn a_damaged_table_is_a_table_or_an_error(
        csv in any::<bool>(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..4),
    ) {
        let table = small();
        let mut text = if csv { table.to_csv() } else { table.to_json() }.into_bytes();
        for (place, byte, damage) in places {
            let place = place.index(text.len());
            match damage {
                0 => text[place] = byte,
                1 => _ = text.remove(place),
                _ => text.insert(place, text[place]),
            }
        }
        bytes::check(&text);
    }
}
