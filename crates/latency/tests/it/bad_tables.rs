//! Bad tables: each refused with an error that names the place, never read as another table, never a panic.

use latency::{LatencyError, Place, Table};
use proptest::prelude::*;

use crate::{imaginary, plan};

fn small() -> Table {
    let mut table = imaginary(&[plan("cars-a")]);
    table.conditions.device = String::from("board");
    while table.layers.len() > 3 {
        table.layers.pop_last();
    }
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
    let layer = lines[9].split(',').next().unwrap();
    check("", "line 1: the table ends too early, the format is missing");
    check(
        "index,arch\n0,1\n",
        "line 1: no latency table, expected the format `cars-latency-table`, found `index`",
    );
    check(
        &with(1, "cars-latency-table,2"),
        "line 1: the table has version `2`; this program reads version 1",
    );
    check(&with(3, "batch,1"), "line 3: expected the row `threads`, found `batch`");
    check(&with(3, "threads,0"), "line 3: expected a number of at least 1, found `0`");
    check(&with(4, "batch,-1"), "line 4: expected a whole number, found `-1`");
    check(&with(5, "precision,f64"), "line 5: expected one of f32, f16, bf16, i8, found `f64`");
    check(&with(7, "network,phone"), "line 7: expected one of stand-alone, shared, found `phone`");
    check(&with(8, "overhead_ms,-3"), "line 8: -3 is no time in milliseconds");
    check(&with(9, "layer,seconds"), "line 9: expected the heading `ms`, found `seconds`");
    check(&with(10, &format!("{layer},NaN")), "line 10: NaN is no time in milliseconds");
    check(&with(10, &format!("{layer},inf")), "line 10: inf is no time in milliseconds");
    check(&with(10, &format!("{layer},-0.5")), "line 10: -0.5 is no time in milliseconds");
    check(&with(10, &format!("{layer},fast")), "line 10: expected a number of milliseconds, found `fast`");
    check(&with(10, layer), "line 10: expected two fields");
    check(&with(11, "warp/s1/1x1x1/1x1x1,2"), "line 11: `warp/s1/1x1x1/1x1x1` is no layer key");
    check(&with(11, lines[9]), &format!("line 11: layer `{layer}` is listed a second time"));
    check(&with(13, "end,4"), "line 13: expected 3, the number of layers above, found `4`");
    check(&(good.clone() + "more,1\n"), "line 13: expected the last row of the text");
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
        "\"version\": 1",
        "\"version\": 7",
        "field `version`: the table has version `7`; this program reads",
    );
    check("\"version\": 1", "\"version\": \"1\"", "field `version`: the table has version `\"1\"`");
    check("\"threads\": 2", "\"threads\": 0", "field `threads`: expected a number of at least 1");
    check("\"threads\": 2", "\"threads\": -2", "line 5: invalid value: integer `-2`");
    check("\"batch\": 4,", "", "line");
    check("\"batch\": 4", "\"batch\": 4, \"batches\": 4", "line 6: unknown field `batches`");
    check("\"bf16\"", "\"f8\"", "field `precision`: expected one of f32, f16, bf16, i8, found `f8`");
    check("\"stand-alone\"", "\"alone\"", "field `network`: expected one of stand-alone, shared");
    check("\"overhead_ms\": 0.5", "\"overhead_ms\": -0.5", "field `overhead_ms`: -0.5 is no time");
    check("\"overhead_ms\": 0.5", "\"overhead_ms\": NaN", "line 10: expected value");
    check("\"ms\": ", "\"ms\": -", "entry 1 of `layers`: -");
    check("\"ms\": ", "\"ms\": 1e999, \"was\": ", "line");
    check("/32x32x3/", "/32x32/", "entry 1 of `layers`: `stem_conv");

    let mut doubled: serde_json::Value = serde_json::from_str(&good).unwrap();
    let layers = doubled["layers"].as_array_mut().unwrap();
    layers.push(layers[1].clone());
    let error = Table::from_json(&doubled.to_string()).unwrap_err();
    assert!(matches!(error, LatencyError::Duplicate { place: Place::Entry(4), .. }), "{error}");
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
        prop_assert!(Table::from_csv(&text).is_err());
        prop_assert!(Table::from_json(&text).is_err());
    }

    #[test]
    fn a_changed_table_is_still_a_table_or_an_error(
        place in any::<prop::sample::Index>(),
        new in any::<char>(),
        csv in any::<bool>(),
    ) {
        let table = small();
        let text = if csv { table.to_csv() } else { table.to_json() };
        let place = place.index(text.chars().count());
        let changed: String = text.chars().enumerate().map(|(at, old)| if at == place { new } else { old }).collect();
        let read = if csv { Table::from_csv(&changed) } else { Table::from_json(&changed) };
        // What is read has times for all its layers; a letter of a name may have become another one.
        if let Ok(read) = read {
            prop_assert_eq!(read.layers.len(), 3);
        }
    }
}
