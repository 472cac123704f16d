//! The published cells by name: CARS-A to I and CARS-Lat-A to G, DARTS, NASNet-A, AmoebaNet-A, PNASNet-5,
//! ENAS, GDAS and SNAS. They are the genotypes as released; no accuracy is claimed for them here.

mod table;

use std::sync::LazyLock;

use crate::error::closest as closest_of;
use crate::genotype::Genotype;

/// A published genotype.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name, as in `CARS_I`.
    pub name: &'static str,
    /// Where the genotype was released.
    pub source: &'static str,
    /// The genotype.
    pub genotype: Genotype,
}

/// All published genotypes, in the order of their families.
pub fn all() -> &'static [Named] {
    static ALL: LazyLock<Vec<Named>> = LazyLock::new(|| {
        table::TABLE
            .iter()
            .map(|&(name, source, text)| match text.parse() {
                Ok(genotype) => Named { name, source, genotype },
                Err(error) => unreachable!("the table's {name} is no genotype: {error}"),
            })
            .collect()
    });
    &ALL
}

/// The published genotype of that name; upper and lower case are alike, and so are `-` and `_`.
pub fn find(name: &str) -> Option<&'static Named> {
    let name = plain(name);
    all().iter().find(|named| plain(named.name) == name)
}

/// The name that a misspelt one most resembles, for error messages.
pub fn closest(name: &str) -> Option<&'static str> {
    closest_of(&name.replace('-', "_"), table::TABLE.map(|(name, ..)| name))
}

fn plain(name: &str) -> String {
    name.trim().replace('-', "_").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_spelling() {
        for name in ["CARS_Lat_A", "cars-lat-a", "CARS-LAT_a"] {
            assert_eq!(find(name).map(|named| named.name), Some("CARS_Lat_A"));
        }
        assert_eq!(find("CARS_Z"), None);
        assert_eq!(closest("dartsv2"), Some("DARTS_V2"));
        assert_eq!(closest("CARS-Lat-Z"), Some("CARS_Lat_A"));
        assert_eq!(closest("resnet"), None);
    }

    #[test]
    fn names_are_distinct() {
        let mut names: Vec<String> = all().iter().map(|named| plain(named.name)).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 24);
    }
}
