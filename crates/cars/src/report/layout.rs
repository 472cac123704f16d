//! Where the parts of a drawn cell go: a layered layout from left to right (Sugiyama, Tagawa and Toda 1981). Nodes and
//! operations share columns with passages of longer edges, so that no edge runs through a box. Draws nothing.

use space::{Cell, NodeIndex, Primitive};

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A node of the cell, an input or an intermediate one.
    Node(NodeIndex),
    /// An operation on an edge.
    Operation(Primitive),
    /// An edge passing by.
    Passage,
    /// The output of the cell.
    Output,
}

/// A part with its column, its place and its size; `x` and `y` are of the middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Item {
    pub(super) part: Part,
    pub(super) column: usize,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A chain of items, each in the column after the one before: one edge of the cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) items: Vec<usize>,
    /// What the edge computes; `None` for a node's way into the concatenation.
    pub(super) primitive: Option<Primitive>,
}

/// A laid-out cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) items: Vec<Item>,
    pub(super) routes: Vec<Route>,
    pub(super) width: f64,
    pub(super) height: f64,
}

const COLUMN_GAP: f64 = 26.0;
const ROW_GAP: f64 = 9.0;
const MARGIN: f64 = 4.0;
const SWEEPS: usize = 32;

impl Layout {
    pub(super) fn new(cell: &Cell) -> Self {
        let mut layout = Self { items: Vec::new(), routes: Vec::new(), width: 0.0, height: 0.0 };
        layout.lay_routes(cell);
        let links = layout.links();
        let mut columns = layout.columns();
        order(&mut columns, &links);
        layout.upright(&mut columns);
        layout.place(&columns, &links);
        layout
    }

    /// Makes the items and routes: operations stand in the column before the node they feed.
    fn lay_routes(&mut self, cell: &Cell) {
        let mut level = vec![0; 2 + cell.nodes.len()];
        for (node, edge) in cell.edges() {
            level[node.index()] = level[node.index()].max(level[edge.input.index()] + 1);
        }
        let nodes: Vec<usize> = level
            .iter()
            .enumerate()
            .map(|(index, level)| self.item(Part::Node(NodeIndex(index as u8)), 2 * level))
            .collect();
        let last = 2 * level.iter().max().copied().unwrap_or_default() + 1;
        let output = self.item(Part::Output, last);
        for (node, edge) in cell.edges() {
            let column = 2 * level[node.index()] - 1;
            let mut items = vec![nodes[edge.input.index()]];
            self.pass(&mut items, 2 * level[edge.input.index()] + 1..column);
            items.push(self.item(Part::Operation(edge.primitive), column));
            items.push(nodes[node.index()]);
            self.routes.push(Route { items, primitive: Some(edge.primitive) });
        }
        for node in &cell.concat {
            let mut items = vec![nodes[node.index()]];
            self.pass(&mut items, 2 * level[node.index()] + 1..last);
            items.push(output);
            self.routes.push(Route { items, primitive: None });
        }
    }

    fn pass(&mut self, items: &mut Vec<usize>, columns: std::ops::Range<usize>) {
        for column in columns {
            items.push(self.item(Part::Passage, column));
        }
    }

    fn item(&mut self, part: Part, column: usize) -> usize {
        let (width, height) = match part {
            Part::Node(node) if node.is_cell_input() => (44.0, 24.0),
            Part::Node(_) => (24.0, 24.0),
            Part::Operation(_) => (62.0, 20.0),
            Part::Passage => (0.0, 2.0),
            Part::Output => (36.0, 24.0),
        };
        self.items.push(Item { part, column, x: 0.0, y: 0.0, width, height });
        self.items.len() - 1
    }

    /// All pairs of items that a route joins.
    fn links(&self) -> Vec<[usize; 2]> {
        self.routes.iter().flat_map(|route| route.items.windows(2).map(|pair| [pair[0], pair[1]])).collect()
    }

    /// The items of each column, in the order they were made.
    fn columns(&self) -> Vec<Vec<usize>> {
        let count = self.items.iter().map(|item| item.column + 1).max().unwrap_or_default();
        let mut columns = vec![Vec::new(); count];
        for (index, item) in self.items.iter().enumerate() {
            columns[item.column].push(index);
        }
        columns
    }

    /// Turns the order upside down if the second input would stand above the first.
    fn upright(&self, columns: &mut [Vec<usize>]) {
        let first = |column: &Vec<usize>| self.items[column[0]].part == Part::Node(NodeIndex(0));
        if !columns.first().is_some_and(first) {
            for column in columns {
                column.reverse();
            }
        }
    }

    fn place(&mut self, columns: &[Vec<usize>], links: &[[usize; 2]]) {
        let mut left = MARGIN;
        for column in columns {
            let width = column.iter().map(|&item| self.items[item].width).fold(0.0, f64::max);
            for &item in column {
                self.items[item].x = left + width / 2.0;
            }
            left += width + COLUMN_GAP;
        }
        self.width = left - COLUMN_GAP + MARGIN;

        for column in columns {
            self.settle(column, &vec![0.0; column.len()]);
        }
        for sweep in 0..SWEEPS {
            for step in 0..columns.len() {
                // To and fro, so that neither side has the last word.
                let column = &columns[if sweep % 2 == 0 { step } else { columns.len() - 1 - step }];
                let wishes: Vec<f64> = column.iter().map(|&item| self.wish(item, links)).collect();
                self.settle(column, &wishes);
            }
        }
        let top = self.items.iter().map(|item| item.y - item.height / 2.0).fold(f64::INFINITY, f64::min);
        for item in &mut self.items {
            item.y += MARGIN - top;
        }
        let bottom = self.items.iter().map(|item| item.y + item.height / 2.0).fold(0.0, f64::max);
        self.height = bottom + MARGIN;
    }

    /// The mean height of an item's neighbours; a long edge wants to be straight more than a box wants to be central.
    fn wish(&self, item: usize, links: &[[usize; 2]]) -> f64 {
        let passes = |item: usize| self.items[item].part == Part::Passage;
        let neighbours = links.iter().filter_map(|&[from, to]| match item {
            _ if item == from => Some(to),
            _ if item == to => Some(from),
            _ => None,
        });
        let (sum, weights) = neighbours.fold((0.0, 0.0), |(sum, weights), other| {
            let weight = match (passes(item), passes(other)) {
                (true, true) => 8.0,
                (true, false) | (false, true) => 2.0,
                (false, false) => 1.0,
            };
            (sum + weight * self.items[other].y, weights + weight)
        });
        if weights > 0.0 { sum / weights } else { self.items[item].y }
    }

    /// Puts a column as near to the wishes as order and distances allow (least squares: pool adjacent violators).
    fn settle(&mut self, column: &[usize], wishes: &[f64]) {
        let mut offsets = Vec::with_capacity(column.len());
        let mut offset = 0.0;
        for (position, &item) in column.iter().enumerate() {
            if position > 0 {
                let above = self.items[column[position - 1]].height;
                offset += f64::midpoint(above, self.items[item].height) + ROW_GAP;
            }
            offsets.push(offset);
        }
        let mut pools: Vec<(f64, usize)> = Vec::new();
        for (wish, offset) in wishes.iter().zip(&offsets) {
            let mut pool = (wish - offset, 1);
            while let Some(&(mean, size)) = pools.last()
                && mean > pool.0
            {
                pools.pop();
                let total = size + pool.1;
                pool = ((mean * size as f64 + pool.0 * pool.1 as f64) / total as f64, total);
            }
            pools.push(pool);
        }
        let settled = pools.into_iter().flat_map(|(mean, size)| std::iter::repeat_n(mean, size));
        for ((&item, base), offset) in column.iter().zip(settled).zip(&offsets) {
            self.items[item].y = base + offset;
        }
    }
}

/// Orders the items of each column so that few links cross: means of neighbours to and fro, then exchanges.
fn order(columns: &mut Vec<Vec<usize>>, links: &[[usize; 2]]) {
    let mut best = (crossings(columns, links), columns.clone());
    for sweep in 0..SWEEPS {
        for step in 1..columns.len() {
            let forward = sweep % 2 == 0;
            let (fixed, moved) =
                if forward { (step - 1, step) } else { (columns.len() - step, columns.len() - step - 1) };
            let mean = |item: usize| {
                let places = links.iter().filter_map(|&[from, to]| {
                    let (this, other) = if forward { (to, from) } else { (from, to) };
                    (this == item).then(|| columns[fixed].iter().position(|&place| place == other))?
                });
                let (sum, count) = places.fold((0, 0), |(sum, count), place| (sum + place, count + 1));
                if count == 0 { f64::INFINITY } else { sum as f64 / count as f64 }
            };
            let mut column = columns[moved].clone();
            column.sort_by(|&a, &b| mean(a).total_cmp(&mean(b)));
            columns[moved] = column;
        }
        exchange(columns, links);
        let count = crossings(columns, links);
        if count < best.0 {
            best = (count, columns.clone());
        }
    }
    *columns = best.1;
}

/// Exchanges neighbours within columns as long as that undoes a crossing.
fn exchange(columns: &mut [Vec<usize>], links: &[[usize; 2]]) {
    let mut count = crossings(columns, links);
    let mut improved = true;
    while improved {
        improved = false;
        for column in 0..columns.len() {
            for place in 1..columns[column].len() {
                columns[column].swap(place - 1, place);
                let after = crossings(columns, links);
                if after < count {
                    (count, improved) = (after, true);
                } else {
                    columns[column].swap(place - 1, place);
                }
            }
        }
    }
}

fn crossings(columns: &[Vec<usize>], links: &[[usize; 2]]) -> usize {
    let items = columns.iter().map(Vec::len).sum();
    let mut spot = vec![(0, 0); items];
    for (column, parts) in columns.iter().enumerate() {
        for (place, &item) in parts.iter().enumerate() {
            spot[item] = (column, place);
        }
    }
    let cross = |&[a, b]: &[usize; 2], &[c, d]: &[usize; 2]| {
        spot[a].0 == spot[c].0 && (spot[a].1 < spot[c].1) != (spot[b].1 < spot[d].1) && a != c && b != d
    };
    links
        .iter()
        .enumerate()
        .map(|(index, link)| links[..index].iter().filter(|other| cross(link, other)).count())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use space::{CellKind, named};

    /// Every published cell: no two boxes touch, no passage enters a box, and every route goes one column a step.
    #[test]
    fn nothing_overlaps_in_any_published_cell() {
        for named in named::all() {
            for kind in CellKind::ALL {
                let layout = Layout::new(named.genotype.cell(kind));
                for (index, a) in layout.items.iter().enumerate() {
                    assert!(a.x - a.width / 2.0 >= 0.0 && a.x + a.width / 2.0 <= layout.width);
                    assert!(a.y - a.height / 2.0 >= 0.0 && a.y + a.height / 2.0 <= layout.height);
                    for b in layout.items[..index].iter().filter(|b| b.column == a.column) {
                        let apart = (a.y - b.y).abs() - f64::midpoint(a.height, b.height);
                        assert!(apart > ROW_GAP - 1e-6, "{} {kind}: {a:?} {b:?}", named.name);
                    }
                }
                for [from, to] in layout.links() {
                    assert_eq!(layout.items[from].column + 1, layout.items[to].column);
                }
                assert_eq!(
                    layout.routes.len(),
                    2 * named.genotype.cell(kind).nodes.len() + named.genotype.cell(kind).concat.len()
                );
            }
        }
    }

    #[test]
    fn the_first_input_stands_above_the_second() {
        for named in named::all() {
            let layout = Layout::new(&named.genotype.normal);
            assert!(layout.items[0].y < layout.items[1].y, "{}", named.name);
        }
    }

    #[test]
    fn crossings_are_counted_and_undone() {
        let links = [[0, 3], [1, 2]];
        let mut columns = vec![vec![0, 1], vec![2, 3]];
        assert_eq!(crossings(&columns, &links), 1);
        order(&mut columns, &links);
        assert_eq!(crossings(&columns, &links), 0);
    }
}
