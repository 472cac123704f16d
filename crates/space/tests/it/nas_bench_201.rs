//! Plans of NAS-Bench-201: the published counts of every cell, and paths that are part of their supernet.

use space::{
    AnyArchitecture, Architecture, Layer, LayerKind, MacroPlan, NasBench201Cell, Plan, Primitive, Site, Style,
};

fn benchmark() -> MacroPlan {
    MacroPlan::custom(16, 17)
}

#[test]
fn every_plan_has_the_published_counts() {
    for cell in NasBench201Cell::all() {
        let plan = Plan::nas_bench_201(&cell, &benchmark()).unwrap();
        assert_eq!(plan.parameters(), cell.parameters(), "{cell}");
        // The benchmark counts the ten additions of the classifier's bias, too.
        assert_eq!(plan.multiply_adds() + 10, cell.multiply_adds(), "{cell}");
    }
}

#[test]
fn paths_are_part_of_the_supernet() {
    let frame = MacroPlan::custom(4, 5);
    let supernet = Plan::nas_bench_201_supernet(&frame).unwrap();
    let names: Vec<String> = supernet.layers.iter().map(Layer::name).collect();
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), names.len(), "names are unique");
    for cell in NasBench201Cell::all().step_by(611) {
        let path = cell.path(&frame).unwrap();
        assert_eq!(path.values, supernet.values);
        let mut layers = supernet.layers.iter();
        for layer in &path.layers {
            assert!(layers.any(|other| other == layer), "{cell}: {}", layer.name());
        }
        let any: AnyArchitecture = cell.to_string().parse().unwrap();
        assert_eq!(any.path(&frame).unwrap(), path);
        assert_eq!(any.stand_alone(&frame).unwrap().style, Style::StandAlone);
    }
}

#[test]
fn a_cell_is_wired_as_the_benchmark_says() {
    let cell =
        "|none~0|+|skip_connect~0|nor_conv_3x3~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|".parse().unwrap();
    let plan = Plan::nas_bench_201(&cell, &MacroPlan::custom(8, 5)).unwrap();
    let at = |wanted: usize| {
        plan.layers.iter().filter_map(move |layer| match layer.site {
            Site::Edge { cell, node, input, .. } if cell == wanted => Some((node.0, input.0, layer.kind)),
            _ => None,
        })
    };
    let skip =
        |kind| matches!(kind, LayerKind::Primitive { primitive: Primitive::SkipConnect, stride: 1, .. });
    let edges: Vec<_> = at(0).collect();
    assert!(matches!(edges[0], (2, 0, kind) if skip(kind)), "{edges:?}");
    let rest = [
        (2, 1, LayerKind::ReluConv3x3Bn { stride: 1 }),
        (3, 0, LayerKind::MeanPool3x3),
        (3, 2, LayerKind::ReluConvBn),
    ];
    assert_eq!(edges[1..], rest);
    assert_eq!([0, 1, 2, 3, 4].map(|cell| at(cell).count()), [4, 0, 4, 0, 4]);
    let shapes = plan.cells.iter().map(|cell| plan.values[cell.output[0].index()]);
    let shapes: Vec<_> = shapes.map(|shape| (shape.channels, shape.height)).collect();
    assert_eq!(shapes, [(8, 32), (16, 16), (16, 16), (32, 8), (32, 8)]);
}
