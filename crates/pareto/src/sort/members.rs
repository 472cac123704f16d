//! A chunk of rows by descending rank, made to answer one question fast: which of them may dominate a given row? A table
//! holds per objective and level the set of members that are no higher, so the answer is the intersection of one set for
//! each objective (after rank intersection, Burlacu 2022, arXiv 2203.13654).

use super::cells::Corner;
use crate::simd::{LANES, SET, Unit};

/// Most members of a chunk.
pub(super) const CHUNK: usize = LANES * SET;
/// A table has fewer levels than the rows, so that it fits into the nearest cache: one for `2^FINER` of theirs.
const FINER: u32 = 2;
const LEVELS: usize = 256 >> FINER;

/// A bit for each member of a chunk.
pub(super) type MemberSet = [u64; LANES];

/// The table of a chunk, kept from chunk to chunk.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    /// Per objective and level, the set of members that are at this level or lower.
    table: Vec<MemberSet>,
}

impl Members {
    /// Takes up to `CHUNK` members, given the levels of all rows. Their lowest corner.
    #[inline(always)]
    pub(super) fn fill(&mut self, members: &[u32], width: usize, levels: &[u8]) -> Corner {
        self.table.clear();
        self.table.resize(LEVELS * width, MemberSet::default());
        let table = &mut self.table[..];
        for (member, &i) in members.iter().enumerate() {
            let (word, bit) = (member / SET % LANES, 1 << (member % SET));
            for (j, &level) in levels[i as usize * width..][..width].iter().enumerate() {
                table[j * LEVELS + usize::from(level >> FINER)][word] |= bit;
            }
        }
        let mut least = Corner::HIGH;
        for (j, objective) in table.chunks_exact_mut(LEVELS).enumerate() {
            let mut members = MemberSet::default();
            let lowest = objective.iter().position(|set| *set != members).unwrap_or(0);
            least.extend_down(j, (lowest << FINER) as u8);
            for set in objective {
                for (word, members) in set.iter_mut().zip(&mut members) {
                    *members |= *word;
                    *word = *members;
                }
            }
        }
        // What is not told bounds nothing.
        least.clear_behind(width);
        least
    }

    /// The members that may dominate a row with these levels, and which words of that set are not 0.
    #[inline(always)]
    pub(super) fn below<U: Unit>(&self, levels: &[u8]) -> (MemberSet, u8) {
        U::meet(&self.table, LEVELS, levels, FINER)
    }
}
