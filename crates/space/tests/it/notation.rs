//! Reading and writing genotypes: what is written is read back, and what is wrong is named with its place.

use proptest::prelude::*;
use serde_json::Value;
use space::{CellKind, CellProblem, Error, Genotype, NodeIndex, named};

use crate::strategies::any_genotype;

const SMALL: &str = "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1)], normal_concat=[2], \
                     reduce=[('max_pool_3x3', 0), ('none', 0)], reduce_concat=[2])";

proptest! {
    #[test]
    fn text_and_json_round_trip(genotype in any_genotype()) {
        let text = genotype.to_string();
        prop_assert_eq!(&text.parse::<Genotype>().unwrap(), &genotype);
        let json = serde_json::to_string(&genotype).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Genotype>(&json).unwrap(), &genotype);
        prop_assert_eq!(&json.parse::<Genotype>().unwrap(), &genotype);
    }

    #[test]
    fn layout_and_quotes_do_not_matter(genotype in any_genotype()) {
        let text = genotype.to_string();
        let loose = text.replace(", ", " ,\n\t").replace('\'', "\"").replace(']', ",]").replace('=', " = ");
        prop_assert_eq!(&loose.parse::<Genotype>().unwrap(), &genotype);
        prop_assert_eq!(&text.replace(", ", ",").parse::<Genotype>().unwrap(), &genotype);
    }

    #[test]
    fn damaged_text_is_an_error_inside_the_text(
        genotype in any_genotype(),
        at in any::<proptest::sample::Index>(),
        with in proptest::option::of(any::<char>()),
    ) {
        let mut damaged: Vec<char> = genotype.to_string().chars().collect();
        let at = at.index(damaged.len());
        match with {
            Some(with) => damaged[at] = with,
            None => { damaged.remove(at); }
        }
        let text: String = damaged.iter().collect();
        if let Err(Error::Syntax { position, .. } | Error::Json { position, .. }) = text.parse::<Genotype>() {
            // A damaged word is reported at its start, an open quote at the end of the text.
            prop_assert!((1..=damaged.len() + 1).contains(&position), "{} in {}", position, text);
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in ".*") {
        let _ = text.parse::<Genotype>();
        let _ = format!("Genotype({text}").parse::<Genotype>();
        let _ = format!("{{{text}").parse::<Genotype>();
    }
}

#[test]
fn the_named_genotypes_are_the_released_ones() {
    let oracle: Value = serde_json::from_str(include_str!("../data/genotypes.json")).unwrap();
    assert_eq!(oracle.as_object().unwrap().len(), named::all().len());
    for named in named::all() {
        assert_eq!(serde_json::to_value(&named.genotype).unwrap(), oracle[named.name], "{}", named.name);
        let read: Genotype = serde_json::from_value(oracle[named.name].clone()).unwrap();
        assert_eq!(read, named.genotype, "{}", named.name);
        assert_eq!(read.to_string().parse(), Ok(read), "{}", named.name);
    }
}

#[test]
fn the_written_form_is_that_of_darts() {
    let genotype: Genotype = SMALL.parse().unwrap();
    assert_eq!(genotype.to_string(), SMALL);
}

#[test]
fn ranges_and_other_orders_of_fields_are_read() {
    let text = "Genotype(reduce_concat=range(2, 3), reduce=(['max_pool_3x3', 0], ['none', 0]), \
                normal_concat=(2,), normal=[('sep_conv_3x3', 0), ('skip_connect', 1)],)";
    assert_eq!(text.parse::<Genotype>(), SMALL.parse());
}

#[track_caller]
fn refused(text: &str, message: &str) {
    assert_eq!(text.parse::<Genotype>().expect_err(text).to_string(), message, "{text}");
}

#[test]
fn syntax_errors_name_position_expectation_and_finding() {
    refused("", "character 1: expected `Genotype(` or a JSON object, found the end of the text");
    refused("  CARS_I", "character 3: expected `Genotype(` or a JSON object, found `CARS_I`");
    refused(
        &SMALL.replace("sep_conv_3x3", "sep_conv3x3"),
        "character 19: expected a primitive, found 'sep_conv3x3'; did you mean `sep_conv_3x3`?",
    );
    refused(&SMALL.replace("'none'", "none"), "character 110: expected a primitive in quotes, found `none`");
    refused(&SMALL.replace("', 1)", "' 1)"), "character 55: expected `,`, found `1`");
    refused(&SMALL.replace("', 1)", "', 77)"), "character 56: expected a node from 0 to 33, found `77`");
    refused(
        &SMALL.replace("reduce=", "reduced="),
        "character 80: expected `reduce=` or `reduce_concat=`, found `reduced`; did you mean `reduce`?",
    );
    refused(
        &SMALL.replace("reduce_concat", "normal"),
        "character 123: expected `reduce_concat=`, found `normal`",
    );
    refused(&SMALL.replace("[2])", "[2]"), "character 140: expected `)`, found the end of the text");
    refused(&SMALL.replace("[2])", "[2]))"), "character 141: expected the end of the text, found `)`");
    refused(
        &SMALL.replace("'none", "none"),
        "character 140: expected the closing quote of character 114, found the end of the text",
    );
    refused(&SMALL.replace("[2],", "[2] 3,"), "character 79: expected `,`, found `3`");
}

#[test]
fn faulty_cells_are_named() {
    let problem = |text: String| match text.parse::<Genotype>() {
        Err(Error::Cell { cell, problem }) => (cell, problem),
        other => panic!("{text}: {other:?}"),
    };
    let (normal, reduction) = (CellKind::Normal, CellKind::Reduction);
    assert_eq!(
        problem(SMALL.replace("('skip_connect', 1)", "('skip_connect', 2)")),
        (normal, CellProblem::InputNotBefore { position: 1, node: NodeIndex(2), input: NodeIndex(2) })
    );
    assert_eq!(problem(SMALL.replace(", ('none', 0)", "")), (reduction, CellProblem::OddEdges { found: 1 }));
    assert_eq!(
        problem(SMALL.replace("normal_concat=[2]", "normal_concat=[]")),
        (normal, CellProblem::EmptyConcat)
    );
    assert_eq!(
        problem(SMALL.replace("normal_concat=[2]", "normal_concat=range(2, 4)")),
        (normal, CellProblem::ConcatOutOfRange { position: 1, found: NodeIndex(3), last: NodeIndex(2) })
    );
    assert_eq!(
        problem(SMALL.replace("reduce_concat=[2]", "reduce_concat=[1]")),
        (reduction, CellProblem::ConcatOutOfRange { position: 0, found: NodeIndex(1), last: NodeIndex(2) })
    );
    assert_eq!(
        problem(SMALL.replace("reduce_concat=[2]", "reduce_concat=[2, 2]")),
        (reduction, CellProblem::ConcatRepeated { position: 1, found: NodeIndex(2) })
    );
    assert_eq!(
        problem(r#"{"normal": [], "normal_concat": [2], "reduce": [], "reduce_concat": [2]}"#.to_owned()),
        (normal, CellProblem::NoNodes)
    );
    let many = format!("normal=[{}]", "('none', 0), ".repeat(66));
    assert_eq!(
        problem(SMALL.replace("normal=[('sep_conv_3x3', 0), ('skip_connect', 1)]", &many)),
        (normal, CellProblem::TooManyNodes { found: 33 })
    );
    let error = SMALL.replace("('skip_connect', 1)", "('skip_connect', 9)").parse::<Genotype>().unwrap_err();
    assert_eq!(error.to_string(), "normal cell: edge 1 (of node 2) reads node 9; it may read nodes 0 to 1");
}

#[test]
fn faulty_json_is_located() {
    let json = "{'normal':[['skip_conect',0],['none',1]],'normal_concat':[2],\
                'reduce':[['none',0],['none',1]],'reduce_concat':[2]}"
        .replace('\'', "\"");
    refused(&json, "character 26: unknown primitive `skip_conect`; did you mean `skip_connect`?");
    refused(
        &json.replace("skip_conect", "none").replace("reduce_concat", "reduced"),
        "character 96: unknown field `reduced`, expected one of `normal`, `normal_concat`, `reduce`, `reduce_concat`",
    );
    refused(
        &json.replace("skip_conect", "none").replace("[2]}", "[2]"),
        "character 106: EOF while parsing an object",
    );
    refused("{\n\"normal\":[[\"none\",300]]}", "character 23: invalid value: integer `300`, expected u8");
}
