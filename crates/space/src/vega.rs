//! How the code released with CARS (Vega, `darts_codec.py`) turns a searched individual into the genotype it
//! prints. It ignores `none`, so what it prints can differ from what was searched; the published CARS
//! genotypes came through it. Nothing else here uses this reading.

use crate::error::{Error, PathProblem};
use crate::genotype::{Cell, CellKind, Edge, Genotype, NodeIndex};
use crate::primitive::Primitive;

/// The genotype that the released code prints for an individual drawn with [`Primitive::None`].
///
/// Each node's edges are sorted by whether they carry a primitive other than `none` (stable), the first two
/// are kept, and each takes its first such primitive. An edge that carries none of them ends up as
/// `max_pool_3x3`, on the first free input of the node, which need not be the one that was searched. Only the
/// eight primitives of DARTS can be decoded.
pub fn decode(genotype: &Genotype) -> Result<Genotype, Error> {
    genotype.check()?;
    let cell = |kind| decode_cell(genotype.cell(kind)).map_err(|problem| Error::Path { cell: kind, problem });
    Ok(Genotype { normal: cell(CellKind::Normal)?, reduction: cell(CellKind::Reduction)? })
}

fn decode_cell(cell: &Cell) -> Result<Cell, PathProblem> {
    let foreign = cell.edges().find(|(_, edge)| !edge.primitive.is_darts());
    if let Some((node, edge)) = foreign {
        return Err(PathProblem::Primitive { node, primitive: edge.primitive });
    }
    let nodes = cell.nodes.iter().enumerate().map(|(position, pair)| {
        let inputs = NodeIndex::intermediate(position).0;
        // The row of the 0/1 matrix for one input, without `none`: its first one, if it has any.
        let primitive = |input: NodeIndex| {
            let row = pair.iter().filter(|edge| edge.input == input && edge.primitive != Primitive::None);
            row.map(|edge| edge.primitive).min()
        };
        let mut ranked: Vec<NodeIndex> = (0..inputs).map(NodeIndex).collect();
        ranked.sort_by_key(|input| primitive(*input).is_none());
        [ranked[0], ranked[1]]
            .map(|input| Edge { primitive: primitive(input).unwrap_or(Primitive::MaxPool3x3), input })
    });
    Ok(Cell { nodes: nodes.collect(), concat: cell.concat.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_becomes_a_maximum_pool_on_the_first_free_input() {
        let text = "Genotype(normal=[('sep_conv_3x3', 0), ('none', 1), ('skip_connect', 1), ('none', 2), \
                    ('none', 1), ('none', 2), ('dil_conv_5x5', 0), ('none', 3)], normal_concat=[2, 3, 4, 5], \
                    reduce=[('none', 0), ('none', 1)], reduce_concat=[2])";
        let decoded = "Genotype(normal=[('sep_conv_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 1), \
                       ('max_pool_3x3', 0), ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('dil_conv_5x5', 0), \
                       ('max_pool_3x3', 1)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), \
                       ('max_pool_3x3', 1)], reduce_concat=[2])";
        let genotype: Genotype = text.parse().expect("a genotype");
        assert_eq!(decode(&genotype).expect("decodable").to_string(), decoded);
    }

    #[test]
    fn the_published_cars_cells_are_fixed_up_to_their_order() {
        for named in crate::named::all().iter().filter(|named| named.name.starts_with("CARS")) {
            let mut decoded = decode(&named.genotype).expect("decodable");
            let mut published = named.genotype.clone();
            for genotype in [&mut decoded, &mut published] {
                for kind in CellKind::ALL {
                    genotype.cell_mut(kind).nodes.iter_mut().for_each(|pair| pair.sort_by_key(|e| e.input));
                }
            }
            assert_eq!(decoded, published, "{}", named.name);
        }
    }
}
