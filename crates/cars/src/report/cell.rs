//! A cell as a drawing: inputs left, output right, every edge with its primitive in a box. Where things go is decided in
//! `layout.rs`.

use std::fmt::Write as _;

use space::{Cell, NodeIndex, Primitive};

use super::layout::{Item, Layout, Part, Route};
use super::text::point;

/// The SVG of a cell; `name` is read aloud in place of it.
pub(super) fn draw(cell: &Cell, name: &str) -> String {
    let layout = Layout::new(cell);
    let (width, height) = (point(layout.width), point(layout.height));
    let mut svg = format!(
        "<svg class=cell viewBox=\"0 0 {width} {height}\" width={width} height={height} role=img aria-label=\"{name}\">"
    );
    // Edges first, so that boxes lie above their ends.
    for route in &layout.routes {
        let class = route.primitive.map_or("out", family);
        let path = path(route, &layout.items);
        // Writing to a string cannot fail.
        let _ = write!(svg, "<path class=\"edge {class}\" d=\"{path}\"/>");
    }
    for item in &layout.items {
        svg.push_str(&shape(item));
    }
    svg + "</svg>"
}

/// What a primitive is called in a box.
pub(super) const fn label(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::None => "none",
        Primitive::MaxPool3x3 => "max 3×3",
        Primitive::AvgPool3x3 => "avg 3×3",
        Primitive::SkipConnect => "skip",
        Primitive::SepConv3x3 => "sep 3×3",
        Primitive::SepConv5x5 => "sep 5×5",
        Primitive::DilConv3x3 => "dil 3×3",
        Primitive::DilConv5x5 => "dil 5×5",
        Primitive::SepConv7x7 => "sep 7×7",
        Primitive::Conv7x1And1x7 => "7×1, 1×7",
    }
}

/// The colour class of a primitive.
pub(super) const fn family(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::None | Primitive::SkipConnect => "skip",
        Primitive::MaxPool3x3 | Primitive::AvgPool3x3 => "pool",
        Primitive::SepConv3x3 | Primitive::SepConv5x5 | Primitive::SepConv7x7 | Primitive::Conv7x1And1x7 => {
            "sep"
        }
        Primitive::DilConv3x3 | Primitive::DilConv5x5 => "dil",
    }
}

/// A smooth line through the items of a route: straight where it passes a column, curved only between columns.
fn path(route: &Route, items: &[Item]) -> String {
    let mut path = String::new();
    let mut from: Option<(f64, f64)> = None;
    for (position, &index) in route.items.iter().enumerate() {
        let item = items[index];
        let half = match item.part {
            Part::Passage => column_width(items, item.column) / 2.0,
            _ => item.width / 2.0,
        };
        let (left, right) = (item.x - half, item.x + half);
        if let Some((x, y)) = from {
            let middle = point(f64::midpoint(x, left));
            let (left, to) = (point(left), point(item.y));
            let _ = if (y - item.y).abs() < 0.05 {
                write!(path, "H{left}")
            } else {
                write!(path, "C{middle} {} {middle} {to} {left} {to}", point(y))
            };
        } else {
            let _ = write!(path, "M{} {}", point(right), point(item.y));
        }
        if position > 0 && item.part == Part::Passage {
            let _ = write!(path, "H{}", point(right));
        }
        if let Part::Operation(_) = item.part {
            let _ = write!(path, "M{} {}", point(right), point(item.y));
        }
        from = Some((right, item.y));
    }
    path
}

fn column_width(items: &[Item], column: usize) -> f64 {
    items.iter().filter(|item| item.column == column).map(|item| item.width).fold(0.0, f64::max)
}

fn shape(item: &Item) -> String {
    let (x, y) = (point(item.x), point(item.y));
    let corner = (point(item.x - item.width / 2.0), point(item.y - item.height / 2.0));
    let rounded = |class: &str, radius: f64| {
        format!(
            "<rect class=\"{class}\" x={} y={} width={} height={} rx={radius} />",
            corner.0, corner.1, item.width, item.height
        )
    };
    match item.part {
        Part::Passage => String::new(),
        Part::Operation(primitive) => format!(
            "<g><title>{primitive}</title>{}<text class=op x={x} y={y} dy=3.6>{}</text></g>",
            rounded(&format!("box {}", family(primitive)), 5.0),
            label(primitive)
        ),
        Part::Node(node) if node.is_cell_input() => {
            let back = if node == NodeIndex(0) { "k−2" } else { "k−1" };
            format!("{}{}", rounded("port", 12.0), port(&x, &y, back))
        }
        Part::Node(node) => format!(
            "<circle class=node cx={x} cy={y} r={} /><text class=name x={x} y={y} dy=4>{}</text>",
            item.width / 2.0,
            node.0 - 2
        ),
        Part::Output => format!("{}{}", rounded("port", 12.0), port(&x, &y, "k")),
    }
}

/// The name of an input or output: c with an index.
fn port(x: &str, y: &str, index: &str) -> String {
    format!(
        "<text class=name x={x} y={y} dy=3><tspan>c</tspan><tspan class=index dy=3>{index}</tspan></text>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_small_cell_is_drawn() {
        let text = "Genotype(normal=[('skip_connect', 0), ('sep_conv_3x3', 1)], normal_concat=[2], \
                    reduce=[('skip_connect', 0), ('sep_conv_3x3', 1)], reduce_concat=[2])";
        let genotype: space::Genotype = text.parse().unwrap();
        let svg = draw(&genotype.normal, "normal").replace('>', ">\n");
        expect![[r#"
            <svg class=cell viewBox="0 0 252 65" width=252 height=65 role=img aria-label="normal">
            <path class="edge skip" d="M48 16C61 16 61 18 74 18M136 18C149 18 149 32.5 162 32.5"/>
            <path class="edge sep" d="M48 49C61 49 61 47 74 47M136 47C149 47 149 32.5 162 32.5"/>
            <path class="edge out" d="M186 32.5H212"/>
            <rect class="port" x=4 y=4 width=44 height=24 rx=12 />
            <text class=name x=26 y=16 dy=3>
            <tspan>
            c</tspan>
            <tspan class=index dy=3>
            k−2</tspan>
            </text>
            <rect class="port" x=4 y=37 width=44 height=24 rx=12 />
            <text class=name x=26 y=49 dy=3>
            <tspan>
            c</tspan>
            <tspan class=index dy=3>
            k−1</tspan>
            </text>
            <circle class=node cx=174 cy=32.5 r=12 />
            <text class=name x=174 y=32.5 dy=4>
            0</text>
            <rect class="port" x=212 y=20.5 width=36 height=24 rx=12 />
            <text class=name x=230 y=32.5 dy=3>
            <tspan>
            c</tspan>
            <tspan class=index dy=3>
            k</tspan>
            </text>
            <g>
            <title>
            skip_connect</title>
            <rect class="box skip" x=74 y=8 width=62 height=20 rx=5 />
            <text class=op x=105 y=18 dy=3.6>
            skip</text>
            </g>
            <g>
            <title>
            sep_conv_3x3</title>
            <rect class="box sep" x=74 y=37 width=62 height=20 rx=5 />
            <text class=op x=105 y=47 dy=3.6>
            sep 3×3</text>
            </g>
            </svg>
        "#]]
        .assert_eq(&svg);
    }
}
